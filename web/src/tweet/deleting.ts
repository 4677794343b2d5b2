/** Deleting own tweets: gone from sight at once, and from the server when nobody has taken it back for a while. */
import { sentence, statusOf } from "../api/errors.ts";
import { call } from "../api/raw.ts";
import { t } from "../i18n/i18n.ts";
import type { TweetEntry } from "../state/entities.svelte.ts";
import { removeEverywhere } from "../state/timelines.svelte.ts";
import { toast } from "../ui/toasts.svelte.ts";

const graceMs = 8_000;

/** The time that is left to take it back, in milliseconds; it runs while there is a timer. */
interface Leave {
  entry: TweetEntry;
  leftMs: number;
  since: number;
  timer?: ReturnType<typeof setTimeout>;
}

const leaves = new Map<string, Leave>();

/** Let a tweet go, unless its author takes that back in time. */
export function letGo(entry: TweetEntry): void {
  const leave: Leave = { entry, leftMs: graceMs, since: 0 };
  leaves.set(entry.value.id, leave);
  entry.leaving = true;
  run(leave);
}

/** Keep it after all. */
export function takeBack(entry: TweetEntry): void {
  clearTimeout(leaves.get(entry.value.id)?.timer);
  leaves.delete(entry.value.id);
  entry.leaving = false;
}

/** Let the time stand still while somebody has the pointer or the focus on it. */
export function hold(entry: TweetEntry): void {
  const leave = leaves.get(entry.value.id);
  if (!leave?.timer) return;
  clearTimeout(leave.timer);
  leave.timer = undefined;
  leave.leftMs -= performance.now() - leave.since;
}

/** Let the time run again. */
export function release(entry: TweetEntry): void {
  const leave = leaves.get(entry.value.id);
  if (leave && !leave.timer) run(leave);
}

function run(leave: Leave): void {
  leave.since = performance.now();
  leave.timer = setTimeout(() => void finish(leave), Math.max(1_000, leave.leftMs));
}

async function finish(leave: Leave, keepalive = false): Promise<void> {
  const { entry } = leave;
  const { id } = entry.value;
  leaves.delete(id);
  try {
    await call("DELETE", `/api/v1/statuses/${id}?delete_media=true`, undefined, { keepalive });
  } catch (error) {
    // One that is gone already is what was wanted.
    if (statusOf(error) !== 404) {
      entry.leaving = false;
      toast(sentence(error), { label: t("app.retry"), run: () => letGo(entry) });
      return;
    }
  }
  entry.deleted = true;
  entry.leaving = false;
  removeEverywhere(id);
}

// Who leaves the page has not taken it back.
addEventListener("pagehide", () => {
  for (const leave of [...leaves.values()]) {
    clearTimeout(leave.timer);
    void finish(leave, true);
  }
});
