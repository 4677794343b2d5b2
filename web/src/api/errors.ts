/** What went wrong, as people are told. */
import { MastoHttpError, MastoTimeoutError } from "masto";
import { t } from "../i18n/i18n.ts";

/** An answer of the server that is no success. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Return the HTTP status of a failure; 0 when there was no answer. */
export function statusOf(error: unknown): number {
  if (error instanceof MastoHttpError) return error.statusCode;
  return error instanceof Failure ? error.status : 0;
}

/** Tell whether the server could not be reached at all. */
export function isUnreachable(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    (error instanceof Error && error.name === "MastoUnexpectedError" && !navigator.onLine)
  );
}

/** Return a sentence for the person who waits: the server's own where it has one. */
export function sentence(error: unknown): string {
  if (error instanceof MastoTimeoutError) return t("app.error.slow");
  const status = statusOf(error);
  const told = status > 0 && error instanceof Error ? error.message : "";
  if (told && status !== 404) return told;
  if (status === 404) return t("app.error.gone");
  if (status > 0) return t("app.error.status", { status });
  return navigator.onLine ? t("app.error.unreachable") : t("app.error.offline");
}
