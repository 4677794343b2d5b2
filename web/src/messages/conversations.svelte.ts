/** Conversations: tweets that only those mentioned in them can see, by who takes part. */
import type { mastodon } from "masto";
import { api, page, type Params } from "../api/client.ts";
import { sentence } from "../api/errors.ts";
import { entities, type Tweet } from "../state/entities.svelte.ts";
import { countUnread, listeners } from "../state/live.svelte.ts";

export type Conversation = mastodon.v1.Conversation;

class Conversations {
  list = $state.raw<Conversation[]>([]);
  loading = $state(false);
  begun = $state(false);
  problem = $state("");
  #older: Params | undefined;

  constructor() {
    listeners.add((event) => {
      if (event.event === "conversation") this.take(event.payload);
    });
  }

  get ended(): boolean {
    return this.begun && this.#older === undefined;
  }

  /** Ask for the newest anew. */
  async refresh(): Promise<void> {
    await this.#load({ limit: 20 }, true);
  }

  /** Ask for what is older than everything shown. */
  async more(): Promise<void> {
    if (!this.loading && this.#older) await this.#load(this.#older, false);
  }

  /** Return a conversation, asked for when it is not known. */
  async find(id: string): Promise<Conversation | undefined> {
    const known = (): Conversation | undefined => this.list.find((one) => one.id === id);
    if (!known() && !this.begun) await this.refresh();
    while (!known() && this.#older && !this.problem) await this.more();
    return known();
  }

  /** Take what the stream tells: the newest stands first. */
  take(conversation: Conversation): void {
    merge([conversation]);
    this.list = [conversation, ...this.list.filter((one) => one.id !== conversation.id)];
  }

  async markRead(id: string): Promise<void> {
    const conversation = this.list.find((one) => one.id === id);
    if (!conversation?.unread) return;
    const told = await api().v1.conversations.$select(id).read();
    this.list = this.list.map((one) => (one.id === id ? told : one));
    await countUnread();
  }

  /** Remove a conversation from the list; its tweets stay. Throws what the server says. */
  async remove(id: string): Promise<void> {
    const before = this.list;
    this.list = before.filter((one) => one.id !== id);
    try {
      await api().v1.conversations.$select(id).remove();
    } catch (error) {
      this.list = before;
      throw error;
    }
  }

  async #load(params: Params, anew: boolean): Promise<void> {
    this.loading = true;
    this.problem = "";
    try {
      const { items, older } = await page<Conversation>(api().v1.conversations.list, params);
      merge(items);
      const known = new Set(items.map((one) => one.id));
      this.list = anew ? items : [...this.list.filter((one) => !known.has(one.id)), ...items];
      this.#older = items.length > 0 ? older : undefined;
      this.begun = true;
    } catch (error) {
      this.problem = sentence(error);
    } finally {
      this.loading = false;
    }
  }
}

function merge(conversations: Conversation[]): void {
  for (const one of conversations) {
    entities.mergeAccounts(one.accounts);
    if (one.lastStatus) entities.mergeTweet(one.lastStatus as Tweet);
  }
}

export const conversations = new Conversations();
