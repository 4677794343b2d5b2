/** What a press on favorite, retweet, bookmark, pin or mute does: painted at once, taken back with a word when it fails.
 *
 * Presses coalesce: while an answer is awaited only the last wish counts. Without a connection a wish waits in the outbox.
 */
import { api } from "../api/client.ts";
import { isUnreachable, sentence } from "../api/errors.ts";
import { t } from "../i18n/i18n.ts";
import { toast } from "../ui/toasts.svelte.ts";
import { entities, type Tweet, type TweetEntry, type Wishes } from "./entities.svelte.ts";
import { outbox } from "./outbox.svelte.ts";

type Field = keyof Wishes;

const under_way = new Set<string>();

const calls: Record<Field, [on: string, off: string]> = {
  favourited: ["favourite", "unfavourite"],
  reblogged: ["reblog", "unreblog"],
  bookmarked: ["bookmark", "unbookmark"],
  pinned: ["pin", "unpin"],
  muted: ["mute", "unmute"],
};

/** Let the wish of a tweet be this from now on. */
export function wish(entry: TweetEntry, field: Field, wanted: boolean): void {
  entry.wish(field, wanted);
  void settle(entry, field);
}

/** Ask the server for what is wished last, until it has confirmed that. */
async function settle(entry: TweetEntry, field: Field): Promise<void> {
  const id = entry.value.id;
  const key = `${id} ${field}`;
  if (under_way.has(key)) return;
  under_way.add(key);
  try {
    let wanted = entry.wishes[field];
    while (wanted !== undefined) {
      if (wanted !== (entry.value[field] ?? false)) take(entry, field, wanted, await ask(id, field, wanted));
      const wished = entry.wishes[field];
      if (wished === wanted) entry.wish(field, undefined);
      wanted = entry.wishes[field];
    }
  } catch (error) {
    const wanted = entry.wishes[field];
    if (isUnreachable(error) && wanted !== undefined) {
      void outbox.put({ kind: "wish", id, field, wanted });
    } else {
      entry.wish(field, undefined);
      const retry = wanted === undefined ? undefined : () => wish(entry, field, wanted);
      toast(sentence(error), retry && { label: t("app.retry"), run: retry });
    }
  } finally {
    under_way.delete(key);
  }
}

async function ask(id: string, field: Field, wanted: boolean): Promise<Tweet> {
  const resource = api().v1.statuses.$select(id) as unknown as Record<string, () => Promise<Tweet>>;
  return resource[calls[field][wanted ? 0 : 1]]!();
}

/** The answer to a retweet is the retweet itself, around the tweet. */
function take(entry: TweetEntry, field: Field, wanted: boolean, answer: Tweet): void {
  const told = answer.reblog ?? answer;
  if (told.id === entry.value.id) entities.mergeTweet({ ...told, [field]: wanted });
}

/** Carry a wish out that has waited for a connection. Throws what the server says. */
export async function carryOut(id: string, field: Field, wanted: boolean): Promise<void> {
  const answer = await ask(id, field, wanted);
  const entry = entities.tweet(id);
  if (!entry) return;
  take(entry, field, wanted, answer);
  if (entry.wishes[field] === wanted) entry.wish(field, undefined);
}
