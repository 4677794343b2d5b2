/** What somebody has begun to write, kept on this device until it is sent or thrown away. */
import { filePrefix, messagePrefix, store } from "../state/store.ts";
import type { Visibility } from "./compose.svelte.ts";

export type QuotePolicy = "public" | "followers" | "nobody";

export interface Place {
  latitude?: number;
  longitude?: number;
  name?: string;
}

export interface PollDraft {
  options: string[];
  seconds: number;
  /** When the poll that is being edited ends, until somebody lets it last otherwise. */
  endsMs?: number;
  multiple: boolean;
  hideTotals: boolean;
}

export type MediaKind = "image" | "video" | "gifv" | "audio" | "unknown";

/** A photo or video of a draft. Its file lies beside the draft until the draft is sent. */
export interface KeptAttachment {
  key: string;
  /** As the server calls it; empty until it has it. */
  id: string;
  kind: MediaKind;
  name: string;
  description: string;
  focus: [x: number, y: number];
  preview: string;
  /** Whether the tweet that is being edited shows it already. */
  attached?: boolean;
}

/** One tweet of what is being written. */
export interface KeptPart {
  /** So that sending it twice is sending it once. */
  idempotencyKey: string;
  /** When sending it began, and what was sent, if nothing is known of how that ended. */
  attempt?: { ms: number; content: string };
  text: string;
  /** What the warning says; nothing when there is none. */
  spoiler?: string;
  sensitive: boolean;
  poll?: PollDraft;
  attachments: KeptAttachment[];
  /** Whether it was asked already whether the photos shall be described. */
  nudged: boolean;
}

/** A tweet, or a thread of several: then this is its first one, and says who may see them all. */
export interface KeptDraft extends KeptPart {
  /** The context it belongs to, such as `reply:12`. */
  key: string;
  /** The tweets that follow it in its thread. */
  further?: KeptPart[];
  changedMs: number;
  replyTo?: string;
  quotes?: string;
  edits?: string;
  /** The server's draft that it began as, and the revision of that which was seen. */
  serverDraft?: { id: string; revision: number };
  visibility: Visibility;
  quotePolicy: QuotePolicy;
  language: string;
  place?: Place;
  /** When it is to be posted, as ISO 8601; now when empty. */
  scheduledAt: string;
}

/** Return the tweets of a draft in the order in which they are posted. */
export function partsOf(draft: KeptDraft): KeptPart[] {
  return [draft, ...(draft.further ?? [])];
}

/** Return what is left of a thread when its first tweet is posted: an answer to that; nothing when it was the last. */
export function restOf(draft: KeptDraft, postedId: string): KeptDraft | undefined {
  const [next, ...further] = draft.further ?? [];
  if (!next) return undefined;
  const { spoiler: _spoiler, poll: _poll, attempt: _attempt, ...kept } = draft;
  const alone = { quotes: undefined, place: undefined, serverDraft: undefined, further: undefined };
  return {
    ...kept,
    ...alone,
    ...next,
    ...(further.length > 0 ? { further } : {}),
    replyTo: postedId,
    changedMs: Date.now(),
  };
}

export const drafts = {
  get: (key: string): Promise<KeptDraft | undefined> => store.get<KeptDraft>("drafts", key),

  keep: (draft: KeptDraft): Promise<boolean> => store.set("drafts", draft.key, draft),

  /** Forget a draft; its files too, unless they are needed still. */
  async remove(draft: KeptDraft, options: { files: boolean } = { files: true }): Promise<void> {
    await store.remove("drafts", draft.key);
    if (options.files)
      for (const part of partsOf(draft))
        for (const { key } of part.attachments) await store.remove("drafts", filePrefix + key);
  },

  /** Return every draft of this device, the one changed last first. */
  async list(): Promise<KeptDraft[]> {
    const entries = await store.entries<KeptDraft>("drafts");
    return entries
      .filter(([key]) => !key.startsWith(filePrefix) && !key.startsWith(messagePrefix))
      .map(([, draft]) => draft)
      .sort((one, other) => other.changedMs - one.changedMs);
  },

  keepFile: (key: string, file: Blob): Promise<boolean> => store.set("drafts", filePrefix + key, file),
  file: (key: string): Promise<Blob | undefined> => store.get<Blob>("drafts", filePrefix + key),
  removeFile: (key: string): Promise<void> => store.remove("drafts", filePrefix + key),
};
