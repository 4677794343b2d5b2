/** What the server tells as it happens, by WebSocket; and what is asked for when that could not be heard. */
import { createStreamingAPIClient, type mastodon } from "masto";

export type LiveEvent = mastodon.streaming.Event;
export type Listener = (event: LiveEvent) => void;

const firstPauseMs = 1_000;
const lastPauseMs = 60_000;

/** Listen to the user's own stream until `stop` is called. `onreturn` is told when it was interrupted and is back. */
export function listen(
  url: string,
  accessToken: string,
  listener: Listener,
  onreturn: () => void,
): () => void {
  let stopped = false;
  let streaming: mastodon.streaming.Client | undefined;
  let wake: (() => void) | undefined;

  async function run(): Promise<void> {
    let pause = firstPauseMs;
    let interrupted = false;
    while (!stopped) {
      streaming = createStreamingAPIClient({ streamingApiUrl: url, accessToken, retry: false });
      try {
        const events = streaming.user.subscribe();
        if (interrupted) onreturn();
        for await (const event of events) {
          pause = firstPauseMs;
          listener(event);
        }
      } catch {
        // The pause below is all there is to do about it.
      }
      streaming.close();
      if (stopped) return;
      interrupted = true;
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
