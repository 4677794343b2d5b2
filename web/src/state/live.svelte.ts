/** Live events, from the stream to everything that is shown. */
import { api, page } from "../api/client.ts";
import type { LiveEvent } from "../api/stream.ts";
import { entities, type Tweet } from "./entities.svelte.ts";
import { session } from "./session.svelte.ts";
import { heldTimeline, removeEverywhere } from "./timelines.svelte.ts";
import { unread } from "./unread.svelte.ts";

/** Told of every event that this module does not finish itself. */
export const listeners = new Set<(event: LiveEvent) => void>();

let stop: (() => void) | undefined;

/** Listen for whoever is signed in. */
export async function startListening(): Promise<void> {
  stop?.();
  stop = undefined;
  if (!session.token) return;
  const { listen } = await import("../api/stream.ts");
  const url = session.instance?.configuration.urls.streaming ?? location.origin.replace(/^http/, "ws");
  stop = listen(url, session.token, take, () => void catchUp());
}

export function stopListening(): void {
  stop?.();
  stop = undefined;
}

function take(event: LiveEvent): void {
  switch (event.event) {
    case "update":
      heldTimeline("home")?.put(event.payload);
      break;
    case "status.update":
      entities.mergeTweet(event.payload);
      break;
    case "delete":
      entities.markDeleted(event.payload);
      removeEverywhere(event.payload);
      break;
    case "notification":
      if (event.payload.status) entities.mergeTweet(event.payload.status as Tweet);
      entities.mergeAccount(event.payload.account);
      unread.set({ notifications: unread.notifications + 1 });
      break;
    case "conversation":
      if (event.payload.unread) void countUnread();
      break;
  }
  for (const listener of listeners) listener(event);
}

/** Ask for what happened before the stream began, or while it was interrupted. */
async function catchUp(): Promise<void> {
  await Promise.allSettled([heldTimeline("home")?.refresh(), countUnread()]);
}

/** Ask how much waits to be seen. */
export async function countUnread(): Promise<void> {
  if (!session.token) return;
  try {
    const [{ count }, conversations] = await Promise.all([
      api().v2.notifications.unreadCount.fetch(),
      page<{ unread: boolean }>(api().v1.conversations.list, { limit: 40 }),
    ]);
    unread.set({ notifications: count, messages: conversations.items.filter((one) => one.unread).length });
  } catch {
    // The next event or visit asks again.
  }
}
