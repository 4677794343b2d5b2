/** The replies to a tweet in the order they are read, with the lines between them. */
import type { Tweet } from "../state/entities.svelte.ts";

/** One reply as it stands in the list. */
export interface Row {
  id: string;
  /** How far it is set in, from 0 to 3. */
  depth: number;
  /** Whether a straight line joins it with the row above, or below. */
  above: boolean;
  below: boolean;
  /** Whether its replies branch off: lines lead from it to each. */
  forks: boolean;
  /** Whether it hangs on the line of the level before. */
  hangs: boolean;
  /** Whether it is to be said whom it answers, since it stands as deep as that one. */
  deep: boolean;
  /** The levels whose lines pass by on the way to rows further below. */
  passing: number[];
}

/** A reply with everything below it. */
export interface Group {
  rows: Row[];
  /** Whether the author of the tweet goes on here. */
  own: boolean;
}

export const depthMax = 3;

/** Arrange the replies below a tweet: its author's own chain first and whole, then the others by their age. */
export function arrange(focus: { id: string; account: { id: string } }, replies: readonly Tweet[]): Group[] {
  const children = new Map<string, Tweet[]>();
  for (const reply of [...replies].sort(byAge)) {
    const parent = reply.inReplyToId ?? "";
    const siblings = children.get(parent);
    if (siblings) siblings.push(reply);
    else children.set(parent, [reply]);
  }
  const chain = chainFrom(focus.id, focus.account.id, children);
  const chained = new Set(chain.map((one) => one.id));
  const groups: Group[] = [];
  if (chain.length > 0) groups.push({ own: true, rows: straight(chain.map((one) => one.id)) });
  const answered = [focus.id, ...chained].flatMap((id) => children.get(id) ?? []);
  for (const reply of answered.filter((one) => !chained.has(one.id)).sort(byAge)) {
    groups.push({ own: false, rows: rowsFrom(reply, children) });
  }
  // What a reply answered may be gone or hidden: then it stands by itself, and says whom it answers.
  const there = new Set(replies.map((one) => one.id));
  for (const reply of replies
    .filter((one) => one.inReplyToId !== focus.id && !there.has(one.inReplyToId ?? ""))
    .sort(byAge)) {
    const [first, ...rest] = rowsFrom(reply, children);
    groups.push({ own: false, rows: [{ ...first!, deep: true }, ...rest] });
  }
  return groups;
}

function byAge(a: Tweet, b: Tweet): number {
  return a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1;
}

/** Return what the author says on from a tweet, one reply below the other. */
function chainFrom(id: string, authorId: string, children: ReadonlyMap<string, Tweet[]>): Tweet[] {
  const chain: Tweet[] = [];
  for (let at: string | undefined = id; at !== undefined;) {
    const next: Tweet | undefined = children.get(at)?.find((one) => one.account.id === authorId);
    if (next) chain.push(next);
    at = next?.id;
  }
  return chain;
}

function straight(ids: readonly string[]): Row[] {
  return ids.map((id, index) => ({
    ...plain(id),
    above: index > 0,
    below: index < ids.length - 1,
  }));
}

function plain(id: string): Row {
  return { id, depth: 0, above: false, below: false, forks: false, hangs: false, deep: false, passing: [] };
}

interface Visit {
  tweet: Tweet;
  depth: number;
  above: boolean;
  hangs: boolean;
  deep: boolean;
  passing: number[];
}

/** Walk a reply and all below it, by hand: a chain may be longer than calls can be nested. */
function rowsFrom(first: Tweet, children: ReadonlyMap<string, Tweet[]>): Row[] {
  const rows: Row[] = [];
  const ahead: Visit[] = [{ tweet: first, depth: 0, above: false, hangs: false, deep: false, passing: [] }];
  for (let visit = ahead.pop(); visit; visit = ahead.pop()) {
    const { tweet, depth, above, hangs, deep, passing } = visit;
    const below = children.get(tweet.id) ?? [];
    const alone = below.length === 1;
    const forks = below.length > 1 && depth < depthMax;
    rows.push({ id: tweet.id, depth, above, below: alone, forks, hangs, deep, passing });
    below.forEach((child, index) => {
      const last = index === below.length - 1;
      ahead.splice(ahead.length - index, 0, {
        tweet: child,
        depth: forks ? depth + 1 : depth,
        above: alone,
        hangs: forks,
        deep: !forks && !alone,
        passing: forks && !last ? [...passing, depth] : passing,
      });
    });
  }
  return rows;
}

/** Return how many rows of a group are shown before somebody asks for the rest: few, but never all but one. */
export function shownOf(group: Group, unfolded: boolean): number {
  const few = 4;
  return group.own || unfolded || group.rows.length <= few + 1 ? group.rows.length : few;
}
