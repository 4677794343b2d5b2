/** What could be meant by the word that is being written: people, hashtags and emojis. */
import { api } from "../api/client.ts";
import { entities, type Account } from "../state/entities.svelte.ts";

/** A word that something can be offered for: where it starts, its sign, and what follows that. */
export interface Word {
  sign: "@" | "#" | ":";
  start: number;
  query: string;
}

/** Something that is offered; `text` takes the word's place. */
export interface Offer {
  key: string;
  text: string;
  account?: Account;
  label?: string;
  detail?: string;
}

const offersMax = 6;
const word = /(?:^|[^\p{L}\p{N}_@#:/=])([@#:])([\p{L}\p{M}\p{N}_.+-]*)$/u;

/** Return the word that ends at the caret, if something can be offered for it. */
export function wordAt(text: string, caret: number): Word | undefined {
  const match = word.exec(text.slice(0, caret));
  if (!match) return undefined;
  const [, sign, query] = match as unknown as [string, Word["sign"], string];
  if (query.length < (sign === ":" ? 2 : 1)) return undefined;
  return { sign, start: caret - query.length - 1, query };
}

/** Return what could be meant, the likeliest first. */
export async function offersFor({ sign, query }: Word): Promise<Offer[]> {
  if (sign === "@") {
    const found = await api().v1.accounts.search.list({ q: query, limit: offersMax });
    entities.mergeAccounts(found);
    return found.map((account) => ({ key: account.id, text: `@${account.acct} `, account }));
  }
  if (sign === "#") {
    const { hashtags } = await api().v2.search.list({ q: query, type: "hashtags", limit: offersMax });
    return hashtags.map((tag) => ({ key: tag.name, text: `#${tag.name} `, label: `#${tag.name}` }));
  }
  const { emojisNamed } = await import("./emojis.ts");
  return emojisNamed(query, offersMax).map(({ emoji, name }) => ({
    key: name,
    text: `${emoji} `,
    label: emoji,
    detail: `:${name}:`,
  }));
}
