/** Drafts that the server keeps for all devices, and tweets that wait there for their time. */
import { call } from "../api/raw.ts";
import type { Visibility } from "./compose.svelte.ts";
import type { KeptDraft, MediaKind, Place, QuotePolicy } from "./drafts.ts";
import { handOver } from "./sending.ts";

/** What a tweet is to be made from, as the server keeps it. */
export interface Params {
  text: string;
  poll: { options: string[]; expires_in: string; multiple: boolean; hide_totals: boolean } | null;
  quoted_status_id: string | null;
  quote_approval_policy: QuotePolicy | null;
  sensitive: boolean | null;
  spoiler_text: string | null;
  visibility: Visibility | null;
  in_reply_to_id: string | null;
  language: string | null;
  location: { latitude: number | null; longitude: number | null; name: string | null } | null;
}

interface Medium {
  id: string;
  type: MediaKind;
  preview_url: string | null;
  description: string | null;
  meta: { focus?: { x: number; y: number } | null } | null;
}

export interface ServerDraft {
  id: string;
  revision: number;
  updated_at: string;
  params: Params;
  media_attachments: Medium[];
}

export interface Scheduled {
  id: string;
  scheduled_at: string;
  params: Params;
  media_attachments: Medium[];
  /** Why it could not be posted when its time had come. */
  failure: string | null;
}

export const listServerDrafts = (): Promise<ServerDraft[]> =>
  call<ServerDraft[]>("GET", "/api/v1/drafts?limit=40");

export const listScheduled = (): Promise<Scheduled[]> =>
  call<Scheduled[]>("GET", "/api/v1/scheduled_statuses?limit=40");

/** Return the draft of this device that what the server keeps becomes when it is written on. */
export function draftFrom(kept: ServerDraft | Scheduled): KeptDraft {
  const { params } = kept;
  const draft: KeptDraft = {
    key: "revision" in kept ? `server:${kept.id}` : `scheduled:${kept.id}`,
    idempotencyKey: crypto.randomUUID(),
    changedMs: Date.now(),
    replyTo: params.in_reply_to_id ?? undefined,
    quotes: params.quoted_status_id ?? undefined,
    serverDraft: "revision" in kept ? { id: kept.id, revision: kept.revision } : undefined,
    text: params.text,
    spoiler: params.spoiler_text ?? undefined,
    visibility: params.visibility ?? "public",
    quotePolicy: params.quote_approval_policy ?? "public",
    language: params.language ?? "",
    sensitive: params.sensitive ?? false,
    place: placeOf(params),
    poll: params.poll
      ? {
          options: params.poll.options,
          seconds: Number(params.poll.expires_in),
          multiple: params.poll.multiple,
          hideTotals: params.poll.hide_totals,
        }
      : undefined,
    scheduledAt: "scheduled_at" in kept ? kept.scheduled_at : "",
    attachments: kept.media_attachments.map((one) => ({
      key: crypto.randomUUID(),
      id: one.id,
      kind: one.type,
      name: "",
      description: one.description ?? "",
      focus: [one.meta?.focus?.x ?? 0, one.meta?.focus?.y ?? 0],
      preview: one.preview_url ?? "",
    })),
    nudged: false,
  };
  return draft;
}

function placeOf({ location }: Params): Place | undefined {
  if (!location) return undefined;
  return {
    latitude: location.latitude ?? undefined,
    longitude: location.longitude ?? undefined,
    name: location.name ?? undefined,
  };
}

/** Let the server keep a draft, with its files. Throws what the server says: 409 when another device has changed it. */
export async function keepOnServer(draft: KeptDraft): Promise<ServerDraft> {
  const mediaIds: string[] = [];
  for (const attachment of draft.attachments) mediaIds.push(await handOver(attachment));
  const poll = draft.poll;
  const body = {
    status: draft.text,
    in_reply_to_id: draft.replyTo,
    quoted_status_id: draft.quotes,
    visibility: draft.visibility,
    sensitive: draft.sensitive,
    spoiler_text: draft.spoiler,
    language: draft.language || undefined,
    location: draft.place,
    media_ids: mediaIds,
    poll: poll && {
      options: poll.options,
      expires_in: poll.seconds,
      multiple: poll.multiple,
      hide_totals: poll.hideTotals,
    },
    quote_approval_policy: draft.quotePolicy,
  };
  const known = draft.serverDraft;
  return known
    ? call<ServerDraft>("PUT", `/api/v1/drafts/${known.id}`, { ...body, revision: known.revision })
    : call<ServerDraft>("POST", "/api/v1/drafts", body);
}

export const removeFromServer = (id: string): Promise<void> => call("DELETE", `/api/v1/drafts/${id}`);

export const unschedule = (id: string): Promise<void> => call("DELETE", `/api/v1/scheduled_statuses/${id}`);

/** Let a tweet wait for another time (ISO 8601). */
export const reschedule = (id: string, at: string): Promise<Scheduled> =>
  call<Scheduled>("PUT", `/api/v1/scheduled_statuses/${id}`, { scheduled_at: at });
