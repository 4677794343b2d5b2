/** Files on their way to the server. By XMLHttpRequest, since `fetch` does not tell how far an upload is. */
import { Failure } from "../api/errors.ts";
import { sentenceOf } from "../api/raw.ts";
import { session } from "../state/session.svelte.ts";

/** A file as the server tells of it; without an address while it is being converted. */
export interface Uploaded {
  id: string;
  type: "image" | "video" | "gifv" | "audio" | "unknown";
  url: string | null;
  preview_url: string | null;
}

const firstPauseMs = 400;
const lastPauseMs = 4_000;

/** Send a file and return what the server made of it. Throws Failure, TypeError without an answer, AbortError. */
export function send(
  file: Blob,
  name: string,
  onprogress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, name);
    request.open("POST", "/api/v2/media");
    request.setRequestHeader("Authorization", `Bearer ${session.token}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onprogress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300)
        resolve(JSON.parse(request.responseText) as Uploaded);
      else reject(new Failure(request.status, sentenceOf(request.responseText)));
    };
    request.onerror = () => reject(new TypeError("no answer"));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** Wait until an upload can be shown. Throws Failure with the reason when it never will, and AbortError. */
export async function whenReady(id: string, signal: AbortSignal): Promise<Uploaded> {
  for (let pause = firstPauseMs; ; pause = Math.min(lastPauseMs, pause * 1.5)) {
    const answer = await fetch(`/api/v1/media/${id}`, {
      headers: { Authorization: `Bearer ${session.token}` },
      signal,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Failure(answer.status, sentenceOf(text));
    if (answer.status !== 206) return JSON.parse(text) as Uploaded;
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
}
