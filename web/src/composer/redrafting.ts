/** Writing a tweet anew: it is deleted, and everything that it said is a draft again. */
import { api } from "../api/client.ts";
import { call } from "../api/raw.ts";
import { entities, quotedIn, type Tweet } from "../state/entities.svelte.ts";
import { removeEverywhere } from "../state/timelines.svelte.ts";
import { compose } from "./compose.svelte.ts";
import { drafts } from "./drafts.ts";
import { attachmentsOf, draftOf } from "./manuscript.svelte.ts";

/** Delete a tweet and open the composer with what it said. Throws what the server says; then nothing is lost. */
export async function redraft(tweet: Tweet): Promise<void> {
  const { text } = await api().v1.statuses.$select(tweet.id).source.fetch();
  const key = `redraft:${crypto.randomUUID()}`;
  const draft = {
    key,
    idempotencyKey: crypto.randomUUID(),
    changedMs: Date.now(),
    ...draftOf(tweet),
    replyTo: tweet.inReplyToId ?? undefined,
    quotes: quotedIn(tweet)?.id,
    text,
    scheduledAt: "",
    attachments: attachmentsOf(tweet, false),
    nudged: false,
  };
  // What is kept first cannot be lost in between.
  await drafts.keep(draft);
  try {
    await call("DELETE", `/api/v1/statuses/${tweet.id}`);
  } catch (error) {
    await drafts.remove(draft);
    throw error;
  }
  entities.markDeleted(tweet.id);
  removeEverywhere(tweet.id);
  compose.open({ kind: "kept", key });
}
