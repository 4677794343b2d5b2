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
import { drafts, type KeptAttachment, type KeptDraft } from "./drafts.ts";
import { send, whenReady } from "./uploading.ts";

// The server remembers keys for an hour.
const keyRememberedMs = 50 * 60_000;
const apartMsMax = 5 * 60_000;

/** What came of sending: a tweet, one that waits for its time, or one that waits for a connection. */
export type Sent = "posted" | "scheduled" | "waiting";

/** Post a draft, and let everything know that shows it. Throws what the server says; then the draft is still there. */
export async function post(draft: KeptDraft): Promise<Sent> {
  try {
    return finish(draft, await deliver(draft));
  } catch (error) {
    if (statusOf(error) !== 0 || draft.edits) throw error;
    // No answer at all. The key of the draft lets the server see that it is the same one when it is sent again.
    await outbox.put({ kind: "post", draft });
    await drafts.remove(draft, { files: false });
    toast(t("composer.waiting"));
    return "waiting";
  }
}

/** Post what has waited for a connection. Throws what the server says. */
export async function carryOut(draft: KeptDraft): Promise<void> {
  finish(draft, (await landed(draft)) ?? (await deliver(draft)));
}

/** Return the tweet that a draft has become already, although no answer told of it. */
async function landed(draft: KeptDraft): Promise<Tweet | undefined> {
  const begun = draft.attempt?.ms ?? 0;
  const own = session.account?.id;
  // As long as the server remembers the key, it tells by itself.
  if (!own || draft.scheduledAt || Date.now() - begun < keyRememberedMs) return undefined;
  const latest = await api().v1.accounts.$select(own).statuses.list({ limit: 40, excludeReblogs: true });
  for (const tweet of latest) {
    const apart = Math.abs(Date.parse(tweet.createdAt) - begun);
    if (apart > apartMsMax || (tweet.inReplyToId ?? undefined) !== draft.replyTo) continue;
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
      expiresIn: poll.seconds,
      multiple: poll.multiple,
      hideTotals: poll.hideTotals,
    },
  };
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

function finish(draft: KeptDraft, answer: Tweet | mastodon.v1.ScheduledStatus): Sent {
  void drafts.remove(draft);
  if (!("account" in answer)) {
    toast(t("composer.scheduled", { time: moment(answer.scheduledAt) }), {
      label: t("composer.view"),
      run: () => router.go("/drafts?tab=scheduled"),
    });
    return "scheduled";
  }
  entities.mergeTweet(answer);
  const view = { label: t("composer.view"), run: () => router.go(tweetPath(answer)) };
  if (draft.edits) {
    toast(t("composer.edited"), view);
    return "posted";
  }
  if (answer.visibility !== "direct") heldTimeline("home")?.prepend(answer);
  countAnswer(draft.replyTo);
  for (const listener of listeners) listener({ stream: ["user"], event: "update", payload: answer });
  toast(draft.replyTo ? t("composer.replied") : t("composer.posted"), view);
  return "posted";
}

/** The tweet that was answered has one answer more. */
function countAnswer(id: string | undefined): void {
  const answered = id ? entities.tweet(id)?.value : undefined;
  if (answered) entities.patchTweet(answered.id, { repliesCount: answered.repliesCount + 1 });
}
