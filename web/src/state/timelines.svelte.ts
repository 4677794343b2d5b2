/** Lists of tweets that grow at both ends. They hold ids alone, and live on while somebody reads elsewhere. */
import type { Page, Params } from "../api/client.ts";
import { sentence } from "../api/errors.ts";
import { entities, type Tweet } from "./entities.svelte.ts";
import { store } from "./store.ts";

/** Asks for one page of a timeline. */
export type Fetch = (params: Params) => Promise<Page<Tweet>>;

const pageSize = 20;
const keptTweets = 100;
/** So many pages are asked for at the most to close the gap above what is shown. */
const newerPages = 25;
const newerPageSize = 40;

export class Timeline {
  ids = $state.raw<string[]>([]);
  /** Newer tweets that wait behind the bar. */
  fresh = $state.raw<string[]>([]);
  loading = $state(false);
  problem = $state("");
  /** Whether there is nothing older. */
  ended = $state(false);
  /** Whether the first page has come. */
  begun = $state(false);
  #older: Params | undefined;
  #known = new Set<string>();

  /** `shelf` is the name under which the beginning is kept for a start without a connection. */
  constructor(
    private readonly fetch: Fetch,
    private readonly shelf = "",
  ) {}

  /** Show the first page: what is kept at once, the server's as soon as it comes. */
  async begin(): Promise<void> {
    if (this.begun || this.loading) return;
    if (this.shelf) await this.#restore();
    await this.#load({ limit: pageSize });
  }

  /** Load what is older than everything shown. */
  async more(): Promise<void> {
    if (!this.begun) return this.begin();
    if (this.loading || this.ended) return;
    await this.#load(this.#older ?? { max_id: this.ids.at(-1), limit: pageSize });
  }

  /** Begin anew with the newest; whoever reads further down stays where they are, newer ones wait. */
  async refresh(): Promise<void> {
    if (!this.begun) return this.begin();
    const newest = this.fresh[0] ?? this.ids[0];
    if (newest === undefined) {
      this.begun = false;
      return this.begin();
    }
    const newer: Tweet[] = [];
    for (let asked = 0, after = newest; asked < newerPages; asked += 1) {
      const { items } = await this.fetch({ min_id: after, limit: newerPageSize });
      newer.unshift(...items);
      if (items.length < newerPageSize) return this.#putAll(newer);
      after = items[0]!.id;
    }
    // So much that it would take long: whoever comes back after that begins at the top.
    this.renew();
  }

  /** Forget everything and begin anew: other tweets belong here now. */
  renew(): void {
    this.ids = [];
    this.fresh = [];
    this.#known.clear();
    this.#older = undefined;
    this.begun = this.ended = false;
    void this.begin();
  }

  /** Let a tweet that has just been told of wait behind the bar, unless there is nothing that it could move. */
  put(tweet: Tweet): void {
    if (this.begun && this.ids.length === 0) return this.prepend(tweet);
    entities.mergeTweet(tweet);
    if (this.#known.has(tweet.id)) return;
    this.#known.add(tweet.id);
    this.fresh = [tweet.id, ...this.fresh];
  }

  /** Let what was asked for wait too, in its order among what the stream has told of meanwhile. */
  #putAll(tweets: Tweet[]): void {
    for (const tweet of tweets) this.put(tweet);
    this.fresh = this.fresh.toSorted((one, other) => (BigInt(one) < BigInt(other) ? 1 : -1));
  }

  /** Show a tweet on top at once: the reader's own. */
  prepend(tweet: Tweet): void {
    entities.mergeTweet(tweet);
    if (this.#known.has(tweet.id)) {
      this.fresh = this.fresh.filter((id) => id !== tweet.id);
      if (this.ids.includes(tweet.id)) return;
    }
    this.#known.add(tweet.id);
    this.ids = [tweet.id, ...this.ids];
  }

  /** Put what waits on top. */
  showFresh(): void {
    this.ids = [...this.fresh, ...this.ids];
    this.fresh = [];
    this.#keep();
  }

  remove(id: string): void {
    this.removeAll(new Set([id]));
  }

  removeAll(gone: ReadonlySet<string>): void {
    if (this.ids.some((id) => gone.has(id))) this.ids = this.ids.filter((id) => !gone.has(id));
    if (this.fresh.some((id) => gone.has(id))) this.fresh = this.fresh.filter((id) => !gone.has(id));
  }

  async #load(params: Params): Promise<void> {
    this.loading = true;
    this.problem = "";
    const first = !this.begun;
    try {
      const { items, older } = await this.fetch(params);
      if (first) {
        this.#known = new Set(this.fresh);
        const came = new Set(items.map((tweet) => tweet.id));
        this.fresh = this.fresh.filter((id) => !came.has(id));
        for (const id of came) this.#known.delete(id);
      }
      const added = entities.mergeTweets(items).filter((id) => !this.#known.has(id));
      for (const id of added) this.#known.add(id);
      this.ids = first ? added : [...this.ids, ...added];
      this.#older = older;
      this.ended = items.length === 0 || older === undefined;
      this.begun = true;
      if (first) this.#keep();
    } catch (error) {
      this.problem = sentence(error);
    } finally {
      this.loading = false;
    }
  }

  async #restore(): Promise<void> {
    const kept = await store.get<Tweet[]>("pages", this.shelf);
    if (kept && !this.begun) this.ids = entities.mergeTweets(kept);
  }

  #keep(): void {
    if (!this.shelf) return;
    const tweets = this.ids.slice(0, keptTweets).flatMap((id) => entities.tweet(id)?.value ?? []);
    void store.set("pages", this.shelf, tweets);
  }
}

const timelines = new Map<string, Timeline>();
/** Timelines that are held at a time; the one not visited for the longest is let go. */
const heldMax = 30;

/** Return the timeline of this name, made when it is first asked for. */
export function timelineOf(name: string, fetch: Fetch, options: { kept?: boolean } = {}): Timeline {
  const known = timelines.get(name);
  const timeline = known ?? new Timeline(fetch, options.kept ? name : "");
  timelines.delete(name);
  timelines.set(name, timeline);
  if (timelines.size > heldMax) timelines.delete(timelines.keys().next().value!);
  return timeline;
}

/** Return the timeline of this name, if somebody has looked at it. */
export function heldTimeline(name: string): Timeline | undefined {
  return timelines.get(name);
}

/** Take a tweet out of every timeline. */
export function removeEverywhere(id: string): void {
  for (const timeline of timelines.values()) timeline.remove(id);
}

/** Take what somebody wrote or retweeted out of every timeline but their own. */
export function removeTweetsOf(accountId: string): void {
  const gone = new Set<string>();
  for (const { value } of entities.tweets())
    if (value.account.id === accountId || value.reblog?.account.id === accountId) gone.add(value.id);
  for (const [name, timeline] of timelines)
    if (!name.startsWith(`user:${accountId}:`)) timeline.removeAll(gone);
}

/** Forget every timeline: somebody else reads now. */
export function forgetTimelines(): void {
  timelines.clear();
}
