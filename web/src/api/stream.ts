/** What the server tells as it happens, by WebSocket; and what is asked for when that could not be heard. */
import { createStreamingAPIClient, type mastodon } from "masto";

export type LiveEvent = mastodon.streaming.Event;
export type Listener = (event: LiveEvent) => void;

const firstPauseMs = 1_000;
const lastPauseMs = 60_000;

/** Listen to the user's own stream and their conversations until `stop` is called. `onopen` is told
 * when it begins, and whenever it was interrupted and is back: what happened before that is to be asked for. */
export function listen(url: string, accessToken: string, listener: Listener, onopen: () => void): () => void {
  let stopped = false;
  let streaming: mastodon.streaming.Client | undefined;
  let wake: (() => void) | undefined;

  let pause = firstPauseMs;

  async function hear(events: mastodon.streaming.Subscription): Promise<void> {
    for await (const event of events) {
      pause = firstPauseMs;
      // What is said in conversations comes as an event of its own, beside the tweet.
      if (event.event !== "update" || !event.stream.includes("direct")) listener(event);
    }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      streaming = createStreamingAPIClient({ streamingApiUrl: url, accessToken, retry: false });
      try {
        await streaming.prepare();
        const streams = [streaming.user.subscribe(), streaming.direct.subscribe()];
        onopen();
        await Promise.race(streams.map(hear));
      } catch {
        // The pause below is all there is to do about it.
      }
      streaming.close();
      if (stopped) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause * (0.5 + Math.random()));
      });
      pause = Math.min(lastPauseMs, pause * 2);
    }
  }

  const hurry = (): void => wake?.();
  addEventListener("online", hurry);
  void run();
  return () => {
    stopped = true;
    removeEventListener("online", hurry);
    streaming?.close();
    wake?.();
  };
}
