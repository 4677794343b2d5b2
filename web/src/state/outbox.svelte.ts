/** What was wished without a connection: kept on this device, and carried out in its order when there is one again. */
import { isUnreachable, sentence, statusOf } from "../api/errors.ts";
import type { KeptDraft } from "../composer/drafts.ts";
import { withSentences } from "../i18n/i18n.ts";
import { toast } from "../ui/toasts.svelte.ts";
import { entities, type Wishes } from "./entities.svelte.ts";
import { store } from "./store.ts";

/** A wish for a tweet, to be told later. */
export interface WishErrand {
  kind: "wish";
  id: string;
  field: keyof Wishes;
  wanted: boolean;
}

/** A tweet, to be posted later. */
export interface PostErrand {
  kind: "post";
  draft: KeptDraft;
}

/** A tweet, to be deleted unless its author takes that back before its time. */
export interface DeleteErrand {
  kind: "delete";
  id: string;
  /** When it is to be done, in milliseconds since 1970. */
  dueMs: number;
}

/** Something to be done later. */
export type Errand = WishErrand | PostErrand | DeleteErrand;

const retryMs = 20_000;
const deleting = () => withSentences(() => import("../tweet/deleting.ts"));
const sending = () => withSentences(() => import("../composer/sending.ts"));

class Outbox {
  /** How many wait for a connection. */
  waiting = $state(0);
  #running = false;
  #next: ReturnType<typeof setTimeout> | undefined;

  /** Keep an errand; one for the same thing before it is forgotten. Tell whether this device could. */
  async put(errand: Errand): Promise<boolean> {
    const kept = await store.set("outbox", keyOf(errand), errand);
    await this.#count();
    return kept;
  }

  /** Return the drafts that wait to be posted. */
  async posts(): Promise<KeptDraft[]> {
    const entries = await store.entries<Errand>("outbox");
    return entries.flatMap(([, errand]) => (errand.kind === "post" ? [errand.draft] : []));
  }

  /** Do something no more. */
  async takeBack(errand: Errand): Promise<void> {
    await store.remove("outbox", keyOf(errand));
    await this.#count();
  }

  /** Carry out what waits, if there is a connection. */
  async flush(): Promise<void> {
    if (this.#running || !navigator.onLine) return;
    this.#running = true;
    try {
      // Another window of this browser may be at it: each errand is carried out by one.
      await withLock(() => this.#carryOutAll());
    } finally {
      this.#running = false;
      await this.#count();
    }
  }

  /** Carry out what an earlier visit has left, now and whenever the connection returns. */
  watch(): void {
    addEventListener("online", () => void this.flush());
    // A server that was away tells nobody when it is back.
    setInterval(() => {
      if (this.waiting > 0) void this.flush();
    }, retryMs);
    void this.flush();
  }

  async #carryOutAll(): Promise<void> {
    for (let [key] of await store.entries<Errand>("outbox")) {
      // It may have been taken back, or changed, since.
      let errand = await store.get<Errand>("outbox", key);
      if (!errand || dueMsOf(errand) > Date.now()) continue;
      // What is left of a thread takes the place of the whole.
      const onward = async (draft: KeptDraft): Promise<void> => {
        const done = key;
        await this.put((errand = { kind: "post", draft }));
        await store.remove("outbox", done);
        key = keyOf(errand);
      };
      try {
        if (errand.kind === "post") await (await sending()).carryOut(errand.draft, onward);
        else if (errand.kind === "delete") await (await deleting()).carryOut(errand.id);
        else await (await import("./wishes.ts")).carryOut(errand.id, errand.field, errand.wanted);
      } catch (error) {
        if (mayPass(error)) return;
        if (errand.kind === "post") await (await sending()).giveBack(errand.draft);
        else if (errand.kind === "wish") entities.tweet(errand.id)?.wish(errand.field, undefined);
        toast(sentence(error));
      }
      const now = await store.get<Errand>("outbox", key);
      const changed = now?.kind === "wish" && errand.kind === "wish" && now.wanted !== errand.wanted;
      if (!changed) await store.remove("outbox", key);
    }
  }

  async #count(): Promise<void> {
    const dues = (await store.entries<Errand>("outbox")).map(([, errand]) => dueMsOf(errand));
    const later = dues.filter((dueMs) => dueMs > Date.now());
    this.waiting = dues.length - later.length;
    clearTimeout(this.#next);
    if (later.length > 0) {
      this.#next = setTimeout(() => void this.flush(), Math.min(...later) - Date.now() + 1);
    }
  }
}

function keyOf(errand: Errand): string {
  if (errand.kind === "post") return `post ${errand.draft.idempotencyKey}`;
  return `${errand.id} ${errand.kind === "wish" ? errand.field : "delete"}`;
}

/** Tell whether something may be done at another time: nobody answered, or not as whoever it was left by. */
function mayPass(error: unknown): boolean {
  const status = statusOf(error);
  return isUnreachable(error) || status === 0 || status >= 500 || [401, 408, 429].includes(status);
}

function dueMsOf(errand: Errand): number {
  return errand.kind === "delete" ? errand.dueMs : 0;
}

async function withLock(work: () => Promise<void>): Promise<void> {
  if ("locks" in navigator) await navigator.locks.request("rookery.outbox", work);
  else await work();
}

export const outbox = new Outbox();
