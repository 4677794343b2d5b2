/** What was wished without a connection: kept on this device, and carried out in its order when there is one again. */
import { isUnreachable, sentence } from "../api/errors.ts";
import { toast } from "../ui/toasts.svelte.ts";
import { entities, type Wishes } from "./entities.svelte.ts";
import { store } from "./store.ts";

/** Something to be done later. */
export interface Errand {
  kind: "wish";
  id: string;
  field: keyof Wishes;
  wanted: boolean;
}

class Outbox {
  waiting = $state(0);
  #running = false;

  /** Keep an errand; one for the same thing before it is forgotten. */
  async put(errand: Errand): Promise<void> {
    await store.set("outbox", `${errand.id} ${errand.field}`, errand);
    await this.#count();
  }

  /** Carry out what waits, if there is a connection. */
  async flush(): Promise<void> {
    if (this.#running || !navigator.onLine) return;
    this.#running = true;
    try {
      const { carryOut } = await import("./wishes.ts");
      for (const [key, errand] of await store.entries<Errand>("outbox")) {
        try {
          await carryOut(errand.id, errand.field, errand.wanted);
        } catch (error) {
          if (isUnreachable(error)) return;
          entities.tweet(errand.id)?.wish(errand.field, undefined);
          toast(sentence(error));
        }
        await store.remove("outbox", key);
      }
    } finally {
      this.#running = false;
      await this.#count();
    }
  }

  /** Carry out what an earlier visit has left, now and whenever the connection returns. */
  watch(): void {
    addEventListener("online", () => void this.flush());
    void this.flush();
  }

  async #count(): Promise<void> {
    this.waiting = (await store.entries("outbox")).length;
  }
}

export const outbox = new Outbox();
