/** From a draft to a tweet: sent now, or as soon as there is a connection. */
import type { mastodon } from "masto";
import { api } from "../api/client.ts";
import { Failure, statusOf } from "../api/errors.ts";
import { call } from "../api/raw.ts";
import { moment, t } from "../i18n/i18n.ts";
import { router } from "../router/router.svelte.ts";
import { entities, type Tweet } from "../state/entities.svelte.ts";
import { listeners } from "../state/live.svelte.ts";
import { outbox } from "../state/outbox.svelte.ts";
import { session } from "../state/session.svelte.ts";
import { heldTimeline } from "../state/timelines.svelte.ts";
import { tweetPath } from "../tweet/paths.ts";
import { toast } from "../ui/toasts.svelte.ts";
import { drafts, restOf, type KeptAttachment, type KeptDraft, type PollDraft } from "./drafts.ts";
import { send, whenReady } from "./uploading.ts";

// The server remembers keys for an hour.
const keyRememberedMs = 50 * 60_000;
const apartMsMax = 5 * 60_000;

/** What came of sending: a tweet, one that waits for its time, or one that waits for a connection. */
export type Sent = "posted" | "scheduled" | "waiting";

/** Told of what is left of a thread whenever one of its tweets is posted. */
export type Onward = (rest: KeptDraft) => Promise<void> | void;

/** Post a draft, and let everything know that shows it. Throws what the server says; then what is left of the draft
 * is still there, and `onward` was told of it. */
export async function post(draft: KeptDraft, onward: Onward = () => undefined): Promise<Sent> {
  let left = draft;
  try {
    return await postAll(draft, async (rest) => {
      left = rest;
      await drafts.keep(rest);
      await onward(rest);
    });
  } catch (error) {
    if (statusOf(error) !== 0 || draft.edits) throw error;
    // No answer at all. The key of the draft lets the server see that it is the same one when it is sent again.
    if (!(await outbox.put({ kind: "post", draft: left }))) throw error;
    await drafts.remove(left, { files: false });
    toast(t("composer.waiting"));
    return "waiting";
  }
}

/** Post what has waited for a connection. Throws what the server says. */
export async function carryOut(draft: KeptDraft, onward: Onward): Promise<void> {
  await postAll(draft, onward);
}

/** Post one tweet of a thread after the other, each as an answer to the one before. */
async function postAll(draft: KeptDraft, onward: Onward): Promise<Sent> {
  let left = draft;
  let first: Tweet | undefined;
  for (;;) {
    const answer = (await landed(left)) ?? (await deliver(left));
    const rest = "account" in answer ? restOf(left, answer.id) : undefined;
    if (!rest) return finish(left, answer, first);
    first ??= answer as Tweet;
    show(left, answer as Tweet);
    await onward(rest);
    for (const { key } of left.attachments) await drafts.removeFile(key);
    left = rest;
  }
}

/** Return the tweet that a draft has become already, although no answer told of it. */
async function landed(draft: KeptDraft): Promise<Tweet | undefined> {
  const begun = draft.attempt?.ms;
  const own = session.account?.id;
  // As long as the server remembers the key, it tells by itself.
  if (!own || !begun || draft.edits || draft.scheduledAt || Date.now() - begun < keyRememberedMs)
    return undefined;
  const latest = await api().v1.accounts.$select(own).statuses.list({ limit: 40, excludeReblogs: true });
  for (const tweet of latest) {
    const before = begun - Date.parse(tweet.createdAt);
    if (before > apartMsMax || (tweet.inReplyToId ?? undefined) !== draft.replyTo) continue;
    const { text } = await api().v1.statuses.$select(tweet.id).source.fetch();
    if (text.trim() === draft.text.trim()) return tweet;
  }
  return undefined;
}

/** What could not be posted although there is a connection is a draft again. */
export async function giveBack(draft: KeptDraft): Promise<void> {
  const taken = await drafts.get(draft.key);
  await drafts.keep(taken ? { ...draft, key: `${draft.key}:${draft.idempotencyKey}` } : draft);
}

async function deliver(draft: KeptDraft): Promise<Tweet | mastodon.v1.ScheduledStatus> {
  const mediaIds: string[] = [];
  for (const attachment of draft.attachments) mediaIds.push(await handOver(attachment));
  const options = { requestInit: { headers: { "Idempotency-Key": draft.idempotencyKey } } };
  if (draft.edits) {
    const change = { ...paramsOf(draft, mediaIds), mediaAttributes: attributesOf(draft) };
    return api()
      .v1.statuses.$select(draft.edits)
      .update(change as never);
  }
  const params = {
    ...paramsOf(draft, mediaIds),
    inReplyToId: draft.replyTo,
    quotedStatusId: draft.quotes,
    visibility: draft.visibility,
    location: draft.place,
    scheduledAt: draft.scheduledAt || undefined,
    draftId: draft.serverDraft?.id,
  };
  return api().v1.statuses.create(params as never, options);
}

/** Return what a draft and an edit have in common, as the API takes it. */
function paramsOf(draft: KeptDraft, mediaIds: string[]): Record<string, unknown> {
  const poll = draft.poll && mediaIds.length === 0 ? draft.poll : undefined;
  return {
    status: draft.text,
    spoilerText: draft.spoiler?.trim() || undefined,
    sensitive: draft.sensitive || (draft.spoiler ?? "").trim() !== "",
    language: draft.language || undefined,
    quoteApprovalPolicy: draft.quotePolicy,
    mediaIds: mediaIds.length > 0 ? mediaIds : undefined,
    poll: poll && {
      options: poll.options.map((option) => option.trim()).filter(Boolean),
      expiresIn: secondsLeft(poll),
      multiple: poll.multiple,
      hideTotals: poll.hideTotals,
    },
  };
}

/** Return how long a poll lasts from now on; the server takes no less than five minutes, and knows what that means. */
function secondsLeft({ seconds, endsMs }: PollDraft): number {
  return endsMs ? Math.max(300, Math.round((endsMs - Date.now()) / 1000)) : seconds;
}

function attributesOf(draft: KeptDraft): Record<string, unknown>[] {
  return draft.attachments
    .filter((one) => one.id)
    .map((one) => ({ id: one.id, description: one.description, focus: one.focus.join(",") }));
}

/** Let the server have a file and what is said of it; return its id. */
export async function handOver(attachment: KeptAttachment): Promise<string> {
  if (attachment.attached) return attachment.id;
  const { signal } = new AbortController();
  let id = attachment.id;
  if (!id) {
    const file = await drafts.file(attachment.key);
    if (!file) throw new Failure(422, t("composer.media.lost"));
    id = (await send(file, attachment.name, () => undefined, signal)).id;
    await whenReady(id, signal);
  }
  const [x, y] = attachment.focus;
  if (attachment.description || x !== 0 || y !== 0) {
    const said = { description: attachment.description, focus: `${x},${y}` };
    await call("PUT", `/api/v1/media/${id}`, said);
  }
  return id;
}

/** Tell how it ended. `first` is the tweet that the thread began with, if it was one. */
function finish(draft: KeptDraft, answer: Tweet | mastodon.v1.ScheduledStatus, first?: Tweet): Sent {
  void drafts.remove(draft);
  if (!("account" in answer)) {
    toast(t("composer.scheduled", { time: moment(answer.scheduledAt) }), {
      label: t("composer.view"),
      run: () => router.go("/drafts?tab=scheduled"),
    });
    return "scheduled";
  }
  show(draft, answer);
  const said = draft.edits ? "edited" : first ? "thread.posted" : draft.replyTo ? "replied" : "posted";
  toast(t(`composer.${said}`), {
    label: t("composer.view"),
    run: () => router.go(tweetPath(first ?? answer)),
  });
  return "posted";
}

/** Let everything know of a tweet that shows it. */
function show(draft: KeptDraft, tweet: Tweet): void {
  entities.mergeTweet(tweet);
  if (draft.edits) return;
  if (tweet.visibility !== "direct") heldTimeline("home")?.prepend(tweet);
  countAnswer(draft.replyTo);
  for (const listener of listeners) listener({ stream: ["user"], event: "update", payload: tweet });
}

/** The tweet that was answered has one answer more. */
function countAnswer(id: string | undefined): void {
  const answered = id ? entities.tweet(id)?.value : undefined;
  if (answered) entities.patchTweet(answered.id, { repliesCount: answered.repliesCount + 1 });
}
