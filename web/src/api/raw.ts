/** Calls that `masto` does not know: Rookery's extensions of the API, and the token exchange. */
import { session } from "../state/session.svelte.ts";
import { Failure } from "./errors.ts";

/** Call the API and return the decoded answer, with its names as the server writes them. Throws Failure. */
export async function call<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: Record<string, unknown> | FormData,
  options: { keepalive?: boolean; signal?: AbortSignal } = {},
): Promise<T> {
  const headers: Record<string, string> = {};
  if (session.token) headers.Authorization = `Bearer ${session.token}`;
  if (body && !(body instanceof FormData)) headers["Content-Type"] = "application/json";
  const response = await fetch(path, {
    method,
    headers,
    body: body instanceof FormData ? body : body && JSON.stringify(body),
    ...options,
  });
  const text = await response.text();
  if (!response.ok) throw new Failure(response.status, sentenceOf(text));
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Return the sentence that the server gives as the reason, or an empty one. */
export function sentenceOf(text: string): string {
  try {
    const answer = JSON.parse(text) as { error_description?: string; error?: string };
    return answer.error_description ?? answer.error ?? "";
  } catch {
    return "";
  }
}
