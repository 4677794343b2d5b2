/** The one client of the public API. Signed out it asks as a stranger. */
import { createRestAPIClient, type mastodon } from "masto";

export type Rest = mastodon.rest.Client;
export type Params = Record<string, unknown>;

/** Asking for every page takes this long at the most, in milliseconds. */
const patience = 30_000;

let client: Rest = open("");

function open(accessToken: string): Rest {
  return createRestAPIClient({
    url: location.origin,
    accessToken: accessToken || undefined,
    timeout: patience,
  });
}

/** Return the client of whoever is signed in. */
export function api(): Rest {
  return client;
}

/** Speak for somebody else from now on; an empty token speaks for nobody. */
export function speakFor(accessToken: string): void {
  client = open(accessToken);
}

/** A page of a list, and what to ask for to get the next; no `older` at the end. */
export interface Page<T> {
  items: T[];
  older?: Params;
}

type Listed<T> = { $raw(params?: Params): PromiseLike<{ data: T[]; headers: Headers }> };

/** Ask for one page. `list` is a method of the client that returns many, such as `api().v1.bookmarks.list`. */
export async function page<T>(list: unknown, params: Params = {}): Promise<Page<T>> {
  const { data, headers } = await (list as Listed<T>).$raw(params);
  return { items: data, older: paramsOf(headers.get("link"), "next") };
}

/** Return the query of one relation of a Link header (RFC 8288), or nothing. */
export function paramsOf(link: string | null, relation: string): Params | undefined {
  for (const part of (link ?? "").split(/,\s*(?=<)/)) {
    const match = /^<([^>]*)>\s*;.*\brel="?([^";]+)"?/.exec(part);
    if (match?.[1] !== undefined && match[2] === relation) {
      return Object.fromEntries(new URL(match[1]).searchParams);
    }
  }
  return undefined;
}
