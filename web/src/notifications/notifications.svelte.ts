/** The user's notifications in groups, the newest first, and what has come since they were asked for. */
import type { mastodon } from "masto";
import { api } from "../api/client.ts";
import { sentence } from "../api/errors.ts";
import { entities, type Tweet } from "../state/entities.svelte.ts";
import { listeners } from "../state/live.svelte.ts";
import { unread } from "../state/unread.svelte.ts";

/** Notifications of one kind about one thing. */
export interface Group {
  groupKey: string;
  notificationsCount: number;
  type: string;
  mostRecentNotificationId: string;
  pageMinId?: string;
  latestPageNotificationAt?: string;
  sampleAccountIds: string[];
  statusId?: string | null;
}

const pageSize = 30;

export class Notifications {
  groups = $state.raw<Group[]>([]);
  loading = $state(false);
  begun = $state(false);
  ended = $state(false);
  problem = $state("");
  /** How many have come since. */
  fresh = $state(0);

  /** `types` are the kinds that are shown, all when there are none. */
  constructor(private readonly types: string[] = []) {}

  /** Follow what happens, until the returned function is called. */
  watch(): () => void {
    const heard = (event: mastodon.streaming.Event): void => {
      if (event.event === "notifications_merged") this.fresh += 1;
      if (event.event !== "notification") return;
      if (this.types.length === 0 || this.types.includes(event.payload.type)) this.fresh += 1;
    };
    listeners.add(heard);
    return () => listeners.delete(heard);
  }

  /** Ask for the newest again, and note them as seen. */
  async refresh(): Promise<void> {
    await this.#load(undefined);
    await this.#markSeen();
  }

  /** Ask for what is older than everything shown. */
  async more(): Promise<void> {
    if (this.loading || this.ended) return;
    if (!this.begun) return this.refresh();
    const last = this.groups.at(-1);
    await this.#load(last?.pageMinId ?? last?.mostRecentNotificationId);
  }

  /** Remove a group; it returns when the server refuses, whose failure is thrown. */
  async dismiss(group: Group): Promise<void> {
    const before = this.groups;
    this.groups = before.filter((one) => one !== group);
    try {
      await api().v2.notifications.$select(group.groupKey).dismiss();
    } catch (error) {
      this.groups = before;
      throw error;
    }
  }

  async clear(): Promise<void> {
    await api().v1.notifications.clear();
    this.groups = [];
    this.ended = true;
    unread.set({ notifications: 0 });
  }

  async #load(maxId: string | undefined): Promise<void> {
    this.loading = true;
    this.problem = "";
    try {
      const types = this.types as mastodon.v1.NotificationGroupType[];
      const told = await api().v2.notifications.list({
        maxId,
        limit: pageSize,
        types: types.length > 0 ? types : undefined,
      });
      entities.mergeAccounts(told.accounts);
      entities.mergeTweets(told.statuses as Tweet[]);
      const groups = told.notificationGroups as unknown as Group[];
      const known = new Set(this.groups.map((group) => group.groupKey));
      const older = groups.filter((group) => !known.has(group.groupKey));
      this.groups = maxId === undefined ? groups : [...this.groups, ...older];
      if (maxId === undefined) this.fresh = 0;
      this.ended = groups.length < pageSize;
      this.begun = true;
    } catch (error) {
      this.problem = sentence(error);
    } finally {
      this.loading = false;
    }
  }

  async #markSeen(): Promise<void> {
    const newest = this.groups[0]?.mostRecentNotificationId;
    if (!newest || this.types.length > 0) return;
    try {
      await api().v1.markers.create({ notifications: { lastReadId: newest } });
      unread.set({ notifications: 0 });
    } catch {
      // They stay unread, which is the truth.
    }
  }
}
