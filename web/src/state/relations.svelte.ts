/** What a press on follow, mute or block does: painted at once, taken back with a word when it fails.
 *
 * Presses coalesce, as with tweets: while an answer is awaited only the last wish counts.
 */
import { SvelteMap } from "svelte/reactivity";
import { api, page } from "../api/client.ts";
import { sentence } from "../api/errors.ts";
import { t } from "../i18n/i18n.ts";
import { toast } from "../ui/toasts.svelte.ts";
import { entities, type Account, type Relationship } from "./entities.svelte.ts";
import { session } from "./session.svelte.ts";

/** What is wished: how it looks when granted, and how it is asked for. */
interface Wish {
  painted: Partial<Relationship>;
  ask: (id: string) => Promise<Relationship>;
  /** Told when it was granted. */
  granted?: () => void;
}

type Kind = "follow" | "notify" | "retweets" | "mute" | "block";

const wishes = new SvelteMap<string, Partial<Record<Kind, Wish>>>();
const underWay = new Set<string>();

/** Return how the viewer stands to a user, as it is shown while wishes are under way; undefined until it was asked. */
export function standing(id: string): Relationship | undefined {
  const known = entities.relationship(id);
  const wished = wishes.get(id);
  if (!known || !wished) return known;
  return Object.assign({}, known, ...Object.values(wished).map((one) => one.painted)) as Relationship;
}

/** Ask how the viewer stands to these users, those not known yet. */
export async function askStandings(ids: readonly string[]): Promise<void> {
  const missing = [...new Set(ids)].filter((id) => id !== session.account?.id && !entities.relationship(id));
  if (!session.signedIn || missing.length === 0) return;
  entities.mergeRelationships(await api().v1.accounts.relationships.fetch({ id: missing }));
}

/** Ask anew how the viewer stands to a user. */
export async function refreshStanding(id: string): Promise<void> {
  if (!session.signedIn || id === session.account?.id) return;
  entities.mergeRelationships(await api().v1.accounts.relationships.fetch({ id: [id] }));
}

function setWish(id: string, kind: Kind, wish: Wish | undefined): void {
  const { [kind]: _, ...others } = wishes.get(id) ?? {};
  const next = wish ? { ...others, [kind]: wish } : others;
  if (Object.keys(next).length > 0) wishes.set(id, next);
  else wishes.delete(id);
}

function wishFor(id: string, kind: Kind, wish: Wish): void {
  setWish(id, kind, wish);
  void settle(id, kind);
}

async function settle(id: string, kind: Kind): Promise<void> {
  const key = `${id} ${kind}`;
  if (underWay.has(key)) return;
  underWay.add(key);
  let wish: Wish | undefined;
  try {
    while ((wish = wishes.get(id)?.[kind])) {
      const before = entities.relationship(id);
      const answer = await wish.ask(id);
      entities.mergeRelationships([answer]);
      countFollowers(id, before, answer);
      if (wishes.get(id)?.[kind] === wish) {
        setWish(id, kind, undefined);
        wish.granted?.();
      }
    }
  } catch (error) {
    const failed = wishes.get(id)?.[kind];
    setWish(id, kind, undefined);
    toast(sentence(error), failed && { label: t("app.retry"), run: () => wishFor(id, kind, failed) });
  } finally {
    underWay.delete(key);
  }
}

function countFollowers(id: string, before: Relationship | undefined, after: Relationship): void {
  const account = entities.account(id);
  if (!account || !before || before.following === after.following) return;
  const followersCount = Math.max(0, account.followersCount + (after.following ? 1 : -1));
  entities.mergeAccount({ ...account, followersCount });
}

/** Follow or ask to; or do so no longer, which also takes a request back. */
export function wishFollowed(account: Account, wanted: boolean): void {
  const granted = account.locked ? { requested: wanted } : { following: wanted };
  wishFor(account.id, "follow", {
    painted: wanted ? granted : { following: false, requested: false, notifying: false },
    ask: (id) => {
      const one = api().v1.accounts.$select(id);
      return wanted ? one.follow() : one.unfollow();
    },
  });
}

/** Hear of each new tweet of somebody who is followed. */
export function wishNotified(account: Account, wanted: boolean): void {
  wishFor(account.id, "notify", {
    painted: { notifying: wanted },
    ask: (id) => api().v1.accounts.$select(id).follow({ notify: wanted }),
  });
}

/** See in home what somebody who is followed retweets. */
export function wishRetweetsShown(account: Account, wanted: boolean): void {
  wishFor(account.id, "retweets", {
    painted: { showingReblogs: wanted },
    ask: (id) => api().v1.accounts.$select(id).follow({ reblogs: wanted }),
  });
}

/** Mute somebody for so many seconds, 0 for good; undefined ends it. */
export function wishMuted(
  account: Account,
  seconds: number | undefined,
  notifications = true,
  granted?: () => void,
): void {
  wishFor(account.id, "mute", {
    painted: { muting: seconds !== undefined },
    ask: (id) => {
      const one = api().v1.accounts.$select(id);
      return seconds === undefined ? one.unmute() : one.mute({ notifications, duration: seconds });
    },
    granted,
  });
}

export function wishBlocked(account: Account, wanted: boolean, granted?: () => void): void {
  wishFor(account.id, "block", {
    painted: wanted ? { blocking: true, following: false, requested: false } : { blocking: false },
    ask: (id) => {
      const one = api().v1.accounts.$select(id);
      return wanted ? one.block() : one.unblock();
    },
    granted,
  });
}

/** Ask for everybody on a list of accounts, page by page, up to `max`. */
export async function allAccounts(list: unknown, max = 400): Promise<Account[]> {
  const found: Account[] = [];
  let params: Record<string, unknown> | undefined = { limit: 80 };
  while (params && found.length < max) {
    const { items, older }: { items: Account[]; older?: Record<string, unknown> } = await page<Account>(
      list,
      params,
    );
    found.push(...items);
    params = items.length > 0 ? older : undefined;
  }
  return found;
}
