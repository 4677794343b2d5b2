/** What is being written, and how it is to be posted. It is kept as it grows, and found again in its context. */
import { api } from "../api/client.ts";
import { entities, type Tweet } from "../state/entities.svelte.ts";
import { session } from "../state/session.svelte.ts";
import { policyOf } from "../tweet/quoting.ts";
import type { Attachment } from "./attachments.svelte.ts";
import type { Visibility, Writing } from "./compose.svelte.ts";
import { drafts, partsOf, type KeptDraft, type KeptPart, type Place, type QuotePolicy } from "./drafts.ts";
import { Part } from "./parts.svelte.ts";

/** From the widest to the narrowest. */
export const visibilities: readonly Visibility[] = ["public", "unlisted", "private", "direct"];

/** What somebody likes to begin with, as their account says. */
interface Source {
  privacy?: Visibility;
  sensitive?: boolean;
  language?: string | null;
  quotePolicy?: QuotePolicy;
}

export class Manuscript {
  readonly key: string;
  replyTo = $state<string>();
  quotes = $state<string>();
  readonly edits: string | undefined;
  /** None is wider than this. */
  readonly widest: Visibility;
  visibility = $state<Visibility>("public");
  quotePolicy = $state<QuotePolicy>("public");
  language = $state("");
  place = $state.raw<Place | undefined>(undefined);
  scheduledAt = $state("");
  /** The tweet, or those of a thread in their order. */
  parts = $state.raw<Part[]>([]);
  #serverDraft: KeptDraft["serverDraft"];
  /** What it was like before anything was written. */
  #untouched: string;

  constructor(kept: KeptDraft, parts: Part[], widest: Visibility, untouched?: string) {
    this.key = kept.key;
    this.replyTo = kept.replyTo;
    this.quotes = kept.quotes;
    this.edits = kept.edits;
    this.#serverDraft = kept.serverDraft;
    this.widest = widest;
    this.visibility = narrowest(kept.visibility, widest);
    this.quotePolicy = kept.quotePolicy;
    this.language = kept.language;
    this.place = kept.place;
    this.scheduledAt = kept.scheduledAt;
    this.parts = parts;
    this.#untouched = untouched ?? contentOf(kept);
  }

  /** Whether something was written that would be missed. */
  get touched(): boolean {
    return contentOf(this.kept()) !== this.#untouched;
  }

  /** Whether there is anything to be posted. */
  get empty(): boolean {
    return this.quotes === undefined && this.parts.every((one) => one.empty);
  }

  get isThread(): boolean {
    return this.parts.length > 1;
  }

  get attachments(): Attachment[] {
    return this.parts.flatMap((one) => one.attachments);
  }

  kept(): KeptDraft {
    const [first, ...further] = this.parts.map((one) => one.kept());
    return {
      ...first!,
      key: this.key,
      ...(further.length > 0 ? { further } : {}),
      changedMs: Date.now(),
      replyTo: this.replyTo,
      quotes: this.quotes,
      edits: this.edits,
      serverDraft: this.#serverDraft,
      visibility: this.visibility,
      quotePolicy: this.quotePolicy,
      language: this.language,
      place: this.place,
      scheduledAt: this.scheduledAt,
    };
  }

  /** Begin a tweet that follows another in the thread. Only who is named sees what is for nobody else. */
  follow(part: Part): Part {
    const named = this.visibility === "direct" ? (part.text.match(/(?<![\w/])@[\w.@-]+/g) ?? []) : [];
    const next = part.following([...new Set(named)].map((name) => `${name} `).join(""));
    this.parts = this.parts.toSpliced(this.parts.indexOf(part) + 1, 0, next);
    return next;
  }

  remove(part: Part): void {
    for (const one of part.attachments) one.remove();
    this.parts = this.parts.filter((one) => one !== part);
  }

  /** Return it as it is sent, without tweets that say nothing. */
  attempted(): KeptDraft {
    const written = this.parts.filter((one, index) => !one.blank || (index === 0 && this.quotes));
    if (written.length > 0) this.parts = written;
    const kept = this.kept();
    partsOf(kept).forEach((part, index) =>
      this.parts[index]!.attempt(
        JSON.stringify(index === 0 ? [partContent(part), kept.place] : partContent(part)),
      ),
    );
    return this.kept();
  }

  /** The first tweet of the thread is posted: what is left answers it. */
  advance(postedId: string): void {
    this.parts = this.parts.slice(1);
    this.replyTo = postedId;
    this.quotes = undefined;
    this.place = undefined;
    this.#serverDraft = undefined;
  }

  /** The server has said no to the first: nothing of it is there. */
  refused(): void {
    this.parts[0]?.refused();
  }

  /** Keep it as it is now; what nobody has touched is not kept. */
  async keep(): Promise<void> {
    if (this.touched) await drafts.keep(this.kept());
    else await drafts.remove(this.kept(), { files: false });
  }
}

/** Return what would be missed if it were lost. */
function contentOf(kept: KeptDraft): string {
  return JSON.stringify([
    partsOf(kept).map(partContent),
    kept.place ?? null,
    kept.edits ? [kept.sensitive, kept.language, kept.quotePolicy] : null,
  ]);
}

function partContent(part: KeptPart): unknown[] {
  return [
    part.text.trim(),
    part.spoiler ?? "",
    part.poll ?? null,
    part.attachments.map((one) => [one.key, one.description, one.focus]),
  ];
}

function narrowest(one: Visibility, other: Visibility): Visibility {
  return visibilities[Math.max(visibilities.indexOf(one), visibilities.indexOf(other))]!;
}

function keyOf(writing: Writing): string {
  if (writing.kind === "kept") return writing.key;
  if (writing.kind !== "new") return `${writing.kind}:${writing.id}`;
  const preset = [writing.visibility, writing.text].filter(Boolean);
  return preset.length > 0 ? `new:${preset.join(":")}` : "new";
}

/** Return what was kept of it, or what it begins with. Throws what the server says of a tweet that is gone. */
export async function openManuscript(writing: Writing): Promise<Manuscript> {
  const kept = await drafts.get(keyOf(writing));
  const concerned = kept
    ? (kept.replyTo ?? kept.quotes)
    : writing.kind === "reply" || writing.kind === "quote"
      ? writing.id
      : undefined;
  const other = concerned ? await tweetOf(concerned, kept !== undefined) : undefined;
  const widest = (other ?? (concerned ? kept : undefined))?.visibility ?? "public";
  if (kept && !kept.edits) {
    const untouched = contentOf(await beginning(writing, kept, other));
    return new Manuscript(kept, await restored(kept), widest, untouched);
  }
  const fresh = await beginning(writing, kept, other);
  const begun = kept ?? fresh;
  return new Manuscript(begun, await restored(begun), widest, contentOf(fresh));
}

function restored(kept: KeptDraft): Promise<Part[]> {
  return Promise.all(partsOf(kept).map((one) => Part.restored(one)));
}

/** Return what one begins with before anything is written. */
async function beginning(
  writing: Writing,
  kept: KeptDraft | undefined,
  other: Tweet | undefined,
): Promise<KeptDraft> {
  const source = (session.account as unknown as { source?: Source } | undefined)?.source ?? {};
  const edits = kept?.edits ?? (writing.kind === "edit" ? writing.id : undefined);
  const replyTo = kept ? kept.replyTo : writing.kind === "reply" ? writing.id : undefined;
  const fresh: KeptDraft = {
    key: keyOf(writing),
    idempotencyKey: crypto.randomUUID(),
    changedMs: Date.now(),
    replyTo,
    quotes: kept ? kept.quotes : writing.kind === "quote" ? writing.id : undefined,
    edits,
    text: writing.kind === "new" ? (writing.text ?? "") : "",
    visibility: narrowest(
      (writing.kind === "new" ? writing.visibility : undefined) ?? source.privacy ?? "public",
      other?.visibility ?? "public",
    ),
    quotePolicy: source.quotePolicy ?? "public",
    language: source.language || (navigator.language.split("-")[0] ?? ""),
    sensitive: source.sensitive ?? false,
    scheduledAt: "",
    attachments: [],
    nudged: false,
  };
  if (replyTo && other) return { ...fresh, text: mentionsOf(other), ...warningOf(other) };
  return edits ? await asPosted(fresh, edits) : fresh;
}

/** Return what an own tweet says, to be changed. */
async function asPosted(fresh: KeptDraft, id: string): Promise<KeptDraft> {
  const [tweet, source] = await Promise.all([
    api().v1.statuses.$select(id).fetch(),
    api().v1.statuses.$select(id).source.fetch(),
  ]);
  entities.mergeTweet(tweet);
  const posted = draftOf(tweet);
  const ends = tweet.poll?.expiresAt ? Date.parse(tweet.poll.expiresAt) : 0;
  if (posted.poll && ends > Date.now()) posted.poll = { ...posted.poll, endsMs: ends };
  return { ...fresh, ...posted, text: source.text, attachments: attachmentsOf(tweet, true) };
}

/** Return how a tweet was posted, but for its text and files. */
export function draftOf(
  tweet: Tweet,
): Pick<KeptDraft, "visibility" | "language" | "sensitive" | "spoiler" | "quotePolicy" | "poll" | "place"> {
  const ends = tweet.poll?.expiresAt ? Date.parse(tweet.poll.expiresAt) : 0;
  return {
    visibility: tweet.visibility as Visibility,
    language: tweet.language ?? "",
    sensitive: tweet.sensitive,
    ...(tweet.spoilerText ? { spoiler: tweet.spoilerText } : {}),
    quotePolicy: policyOf(tweet),
    ...(tweet.poll
      ? {
          poll: {
            options: tweet.poll.options.map((option) => option.title),
            // What asks something else after its end begins anew, for a day.
            seconds: ends > Date.now() ? Math.max(300, Math.round((ends - Date.now()) / 1000)) : 86_400,
            multiple: tweet.poll.multiple,
            hideTotals: false,
          },
        }
      : {}),
    place: (tweet as unknown as { location?: Place | null }).location ?? undefined,
  };
}

/** Return a tweet's files as a draft has them; `attached` when the tweet keeps them meanwhile. */
export function attachmentsOf(tweet: Tweet, attached: boolean): KeptDraft["attachments"] {
  return tweet.mediaAttachments.map((one) => {
    const focus = (one.meta as { focus?: { x: number; y: number } | null } | null)?.focus;
    return {
      key: attached ? `media:${one.id}` : crypto.randomUUID(),
      id: one.id,
      kind: one.type,
      name: "",
      description: one.description ?? "",
      focus: [focus?.x ?? 0, focus?.y ?? 0],
      preview: one.previewUrl ?? "",
      attached,
    };
  });
}

/** Return the names that a reply begins with: the author's and everybody's who was addressed, but for one's own. */
export function mentionsOf(tweet: Tweet): string {
  const own = session.account?.id;
  const names = [tweet.account, ...tweet.mentions].filter((one) => one.id !== own).map((one) => one.acct);
  return [...new Set(names)].map((name) => `@${name} `).join("");
}

/** An answer to what stands behind a warning stands behind the same one. */
function warningOf(tweet: Tweet): Partial<KeptDraft> {
  return tweet.spoilerText ? { spoiler: tweet.spoilerText, sensitive: tweet.sensitive } : {};
}

/** Return the tweet that is answered or quoted; what was written about one that is gone is not lost with it. */
async function tweetOf(id: string, written: boolean): Promise<Tweet | undefined> {
  const known = entities.tweet(id);
  if (known && !known.deleted) return known.value;
  try {
    return entities.mergeTweet(await api().v1.statuses.$select(id).fetch()).value;
  } catch (error) {
    if (written) return undefined;
    throw error;
  }
}
