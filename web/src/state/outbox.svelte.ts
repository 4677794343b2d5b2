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

/** Something to be done later. */
export type Errand = WishErrand | PostErrand;

const retryMs = 20_000;
const sending = () => withSentences(() => import("../composer/sending.ts"));

class Outbox {
  waiting = $state(0);
  #running = false;

  /** Keep an errand; one for the same thing before it is forgotten. */
  async put(errand: Errand): Promise<void> {
    await store.set("outbox", keyOf(errand), errand);
    await this.#count();
  }

  /** Return the drafts that wait to be posted. */
  async posts(): Promise<KeptDraft[]> {
    const entries = await store.entries<Errand>("outbox");
    return entries.flatMap(([, errand]) => (errand.kind === "post" ? [errand.draft] : []));
  }

  /** Post a draft no more. */
  async takeBack(draft: KeptDraft): Promise<void> {
    await store.remove("outbox", keyOf({ kind: "post", draft }));
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
    for (let [key, errand] of await store.entries<Errand>("outbox")) {
      // What is left of a thread takes the place of the whole.
      const onward = async (draft: KeptDraft): Promise<void> => {
        const done = key;
        await this.put((errand = { kind: "post", draft }));
        await store.remove("outbox", done);
        key = keyOf(errand);
      };
      try {
        if (errand.kind === "post") await (await sending()).carryOut(errand.draft, onward);
        else await (await import("./wishes.ts")).carryOut(errand.id, errand.field, errand.wanted);
      } catch (error) {
        if (isUnreachable(error) || (errand.kind === "post" && statusOf(error) === 0)) return;
        if (errand.kind === "post") await (await sending()).giveBack(errand.draft);
        else entities.tweet(errand.id)?.wish(errand.field, undefined);
        toast(sentence(error));
      }
      await store.remove("outbox", key);
    }
  }

  async #count(): Promise<void> {
    this.waiting = (await store.entries("outbox")).length;
  }
}

function keyOf(errand: Errand): string {
  return errand.kind === "post" ? `post ${errand.draft.idempotencyKey}` : `${errand.id} ${errand.field}`;
}

async function withLock(work: () => Promise<void>): Promise<void> {
  if ("locks" in navigator) await navigator.locks.request("rookery.outbox", work);
  else await work();
}

export const outbox = new Outbox();
