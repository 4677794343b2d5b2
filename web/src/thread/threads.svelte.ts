/** Threads as they were last seen: whoever comes back finds each as high as it was left, at once. */
import { api } from "../api/client.ts";
import { sentence, statusOf } from "../api/errors.ts";
import { entities, type Tweet } from "../state/entities.svelte.ts";
import { arrange } from "./arranging.ts";

/** So many tweets above are shown until somebody asks for all. */
const ancestorsShown = 30;

const groupsAtOnce = 40;

export class Thread {
  ancestors = $state.raw<string[]>([]);
  replies = $state.raw<string[]>([]);
  /** Whether what stands around the tweet has come. */
  complete = $state(false);
  /** How many replies the tweet had when those around it were last asked for. */
  repliesTold = $state(0);
  gone = $state(false);
  problem = $state("");
  /** The replies whose groups are shown whole, by their first tweets. */
  unfolded = $state.raw<ReadonlySet<string>>(new Set());
  allAncestors = $state(false);
  /** So many groups of replies are shown; more as somebody comes near. */
  groupsShown = $state(groupsAtOnce);

  readonly groups = $derived.by(() => {
    const ids = this.replies;
    const focus = entities.tweet(this.id)?.value;
    if (!focus) return [];
    const there = ids.flatMap((id) => {
      const entry = entities.tweet(id);
      return entry && !entry.deleted ? [entry.value] : [];
    });
    return arrange(focus, there);
  });

  readonly above = $derived(this.allAncestors ? this.ancestors : this.ancestors.slice(-ancestorsShown));

  constructor(readonly id: string) {}

  /** Ask for the tweet, if it is not known. */
  async loadTweet(): Promise<void> {
    this.problem = "";
    try {
      entities.mergeTweet(await api().v1.statuses.$select(this.id).fetch());
      this.gone = false;
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 410) this.gone = true;
      else if (!entities.tweet(this.id)) this.problem = sentence(error);
    }
  }

  /** Ask for what stands around it; return how many replies are new. */
  async loadContext(): Promise<number> {
    const before = new Set(this.replies);
    const told = entities.tweet(this.id)?.value.repliesCount ?? 0;
    try {
      const { ancestors, descendants } = await api().v1.statuses.$select(this.id).context.fetch();
      this.ancestors = entities.mergeTweets(ancestors);
      const own = this.replies.filter((id) => !descendants.some((one) => one.id === id) && isRecent(id));
      this.replies = [...entities.mergeTweets(descendants), ...own];
      this.repliesTold = told;
      this.problem = "";
    } catch (error) {
      if (!this.complete || told > this.repliesTold) this.problem = sentence(error);
      return 0;
    }
    const added = this.complete ? this.replies.filter((id) => !before.has(id)).length : 0;
    this.complete = true;
    return added;
  }

  /** Take a reply that was just written, if it belongs here. */
  take(tweet: Tweet): boolean {
    const parent = tweet.inReplyToId;
    if (!parent || this.replies.includes(tweet.id)) return false;
    if (parent !== this.id && !this.replies.includes(parent)) return false;
    entities.mergeTweet(tweet);
    this.replies = [...this.replies, tweet.id];
    return true;
  }

  showMoreGroups(): void {
    if (this.groupsShown < this.groups.length) this.groupsShown += groupsAtOnce;
  }

  unfold(id: string): void {
    this.unfolded = new Set([...this.unfolded, id]);
  }
}

/** An answer may have been made before a reply that the stream has told of. */
function isRecent(id: string): boolean {
  const entry = entities.tweet(id);
  return entry !== undefined && !entry.deleted && Date.now() - Date.parse(entry.value.createdAt) < 60_000;
}

const threads = new Map<string, Thread>();
const heldMax = 20;

/** Return the thread of a tweet: the one that is held for whoever comes back, otherwise a new one. */
export function threadOf(id: string, options: { again: boolean }): Thread {
  const known = options.again ? threads.get(id) : undefined;
  const thread = known ?? new Thread(id);
  threads.delete(id);
  threads.set(id, thread);
  if (threads.size > heldMax) threads.delete(threads.keys().next().value!);
  return thread;
}
