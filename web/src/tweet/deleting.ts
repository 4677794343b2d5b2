/** Deleting own tweets: gone from sight at once, and from the server when nobody has taken it back for a while.
 *
 * The errand lies in the outbox all the while: whoever closes the window, or whose device fails, has still deleted it.
 */
import { isUnreachable, sentence, statusOf } from "../api/errors.ts";
import { call } from "../api/raw.ts";
import { t } from "../i18n/i18n.ts";
import { entities, type TweetEntry } from "../state/entities.svelte.ts";
import { outbox } from "../state/outbox.svelte.ts";
import { removeEverywhere } from "../state/timelines.svelte.ts";
import { toast } from "../ui/toasts.svelte.ts";

const graceMs = 8_000;
const heldMsMax = 3_600_000;

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
  const { id } = entry.value;
  clearTimeout(leaves.get(id)?.timer);
  leaves.delete(id);
  entry.leaving = false;
  void forget(id);
}

/** Let the time stand still while somebody has the pointer or the focus on it. */
export function hold(entry: TweetEntry): void {
  const leave = leaves.get(entry.value.id);
  if (!leave?.timer) return;
  clearTimeout(leave.timer);
  leave.timer = undefined;
  leave.leftMs -= performance.now() - leave.since;
  note(leave, heldMsMax);
}

/** Let the time run again. */
export function release(entry: TweetEntry): void {
  const leave = leaves.get(entry.value.id);
  if (leave && !leave.timer) run(leave);
}

function run(leave: Leave): void {
  const leftMs = Math.max(1_000, leave.leftMs);
  leave.since = performance.now();
  leave.timer = setTimeout(() => void finish(leave), leftMs);
  note(leave, leftMs + graceMs);
}

/** Keep for later visits, and other windows, what is to be done unless this one does it in time. */
function note({ entry }: Leave, leftMs: number): void {
  void outbox.put({ kind: "delete", id: entry.value.id, dueMs: Date.now() + leftMs });
}

function forget(id: string): Promise<void> {
  return outbox.takeBack({ kind: "delete", id, dueMs: 0 });
}

/** Delete a tweet that an earlier visit has let go. Throws what the server says. */
export async function carryOut(id: string): Promise<void> {
  await ask(id);
  const entry = entities.tweet(id);
  if (entry) gone(entry);
}

async function ask(id: string, keepalive = false): Promise<void> {
  try {
    await call("DELETE", `/api/v1/statuses/${id}?delete_media=true`, undefined, { keepalive });
  } catch (error) {
    // One that is gone already is what was wanted.
    if (statusOf(error) !== 404) throw error;
  }
}

async function finish(leave: Leave): Promise<void> {
  const { entry } = leave;
  const { id } = entry.value;
  leaves.delete(id);
  try {
    await ask(id);
    await forget(id);
  } catch (error) {
    if (isUnreachable(error)) {
      note(leave, 0);
    } else {
      await forget(id);
      entry.leaving = false;
      toast(sentence(error), { label: t("app.retry"), run: () => letGo(entry) });
      return;
    }
  }
  gone(entry);
}

function gone(entry: TweetEntry): void {
  entry.deleted = true;
  entry.leaving = false;
  removeEverywhere(entry.value.id);
}

// Who leaves the page has not taken it back. What does not arrive now is done at the next visit.
addEventListener("pagehide", () => {
  for (const leave of leaves.values()) {
    clearTimeout(leave.timer);
    void ask(leave.entry.value.id, true);
    note(leave, 0);
    gone(leave.entry);
  }
  leaves.clear();
});
