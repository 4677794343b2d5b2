/** How many notifications and messages wait to be seen, the same in every window of the browser. */
class Unread {
  notifications = $state(0);
  messages = $state(0);
  readonly total = $derived(this.notifications + this.messages);
  #channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("rookery.unread");

  constructor() {
    this.#channel?.addEventListener(
      "message",
      (event: MessageEvent<{ notifications: number; messages: number }>) => {
        this.notifications = event.data.notifications;
        this.messages = event.data.messages;
      },
    );
  }

  /** Set what is known now, here and in the other windows. */
  set(change: { notifications?: number; messages?: number }): void {
    this.notifications = change.notifications ?? this.notifications;
    this.messages = change.messages ?? this.messages;
    this.#channel?.postMessage({ notifications: this.notifications, messages: this.messages });
    const badge = navigator as Navigator & { setAppBadge?: (count: number) => Promise<void> };
    void badge.setAppBadge?.(this.total).catch(() => undefined);
  }
}

export const unread = new Unread();
