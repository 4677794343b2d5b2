/** Every tweet and user that was ever answered, once each: what changes in one place changes wherever it is shown. */
import type { mastodon } from "masto";
import { SvelteMap } from "svelte/reactivity";

export type Tweet = mastodon.v1.Status;
export type Account = mastodon.v1.Account;
export type Relationship = mastodon.v1.Relationship;

/** What somebody wants of a tweet and the server has not confirmed yet. */
export type Wishes = Partial<Record<"favourited" | "reblogged" | "bookmarked" | "pinned" | "muted", boolean>>;

const counted = { favourited: "favouritesCount", reblogged: "reblogsCount" } as const;

/** One thing as the server told it last. */
export class Entry<T> {
  value = $state.raw() as T;

  constructor(value: T) {
    this.value = value;
  }
}

/** A tweet as the server told it, and as it is shown while wishes are under way. */
export class TweetEntry extends Entry<Tweet> {
  wishes = $state.raw<Wishes>({});
  deleted = $state(false);
  /** Whether its author has deleted it a moment ago, and may still take that back. */
  leaving = $state(false);

  readonly shown: Tweet = $derived.by(() => {
    const { value, wishes } = this;
    const fields = Object.keys(wishes) as (keyof Wishes)[];
    if (fields.length === 0) return value;
    const shown: Record<string, unknown> = { ...value };
    for (const field of fields) {
      const wanted = wishes[field];
      shown[field] = wanted;
      if ((field === "favourited" || field === "reblogged") && (value[field] ?? false) !== wanted) {
        const count = counted[field];
        shown[count] = Math.max(0, value[count] + (wanted ? 1 : -1));
      }
    }
    return shown as unknown as Tweet;
  });

  wish(field: keyof Wishes, wanted: boolean | undefined): void {
    const { [field]: _, ...others } = this.wishes;
    this.wishes = wanted === undefined ? others : { ...others, [field]: wanted };
  }
}

class Entities {
  #tweets = new Map<string, TweetEntry>();
  #accounts = new Map<string, Entry<Account>>();
  // Asked for before they are known: the map itself tells when one arrives.
  #relationships = new SvelteMap<string, Relationship>();

  /** Take tweets of an answer or a stream, with everything they carry; return their ids. */
  mergeTweets(tweets: readonly Tweet[]): string[] {
    return tweets.map((tweet) => this.mergeTweet(tweet).value.id);
  }

  mergeTweet(tweet: Tweet): TweetEntry {
    this.mergeAccount(tweet.account);
    if (tweet.reblog) this.mergeTweet(tweet.reblog);
    const quoted = quotedIn(tweet);
    if (quoted) this.mergeTweet(quoted);
    const known = this.#tweets.get(tweet.id);
    if (!known) {
      const entry = new TweetEntry(tweet);
      this.#tweets.set(tweet.id, entry);
      return entry;
    }
    known.value = withOwnMarks(tweet, known.value);
    return known;
  }

  /** Change what is known of a tweet, if it is. */
  patchTweet(id: string, change: Partial<Tweet>): void {
    const entry = this.#tweets.get(id);
    if (entry) entry.value = { ...entry.value, ...change };
  }

  tweet(id: string): TweetEntry | undefined {
    return this.#tweets.get(id);
  }

  /** All tweets that are known: for what concerns each of an author. */
  tweets(): IterableIterator<TweetEntry> {
    return this.#tweets.values();
  }

  markDeleted(id: string): void {
    const entry = this.#tweets.get(id);
    if (entry) entry.deleted = true;
  }

  mergeAccounts(accounts: readonly Account[]): string[] {
    return accounts.map((account) => this.mergeAccount(account).value.id);
  }

  mergeAccount(account: Account): Entry<Account> {
    const known = this.#accounts.get(account.id);
    if (known) {
      known.value = account;
      return known;
    }
    const entry = new Entry(account);
    this.#accounts.set(account.id, entry);
    return entry;
  }

  account(id: string): Account | undefined {
    return this.#accounts.get(id)?.value;
  }

  /** Return who goes by a name (without the @), if that is known. */
  accountNamed(name: string): Account | undefined {
    const wanted = name.toLowerCase();
    for (const { value } of this.#accounts.values()) if (value.acct.toLowerCase() === wanted) return value;
    return undefined;
  }

  mergeRelationships(relationships: readonly Relationship[]): void {
    for (const one of relationships) this.#relationships.set(one.id, one);
  }

  /** Return how the viewer stands to a user; undefined until it was asked. */
  relationship(id: string): Relationship | undefined {
    return this.#relationships.get(id);
  }
}

/** Return the tweet that one quotes, when it may be seen. */
export function quotedIn(tweet: Tweet): Tweet | undefined {
  const quote = tweet.quote;
  return quote && "quotedStatus" in quote ? (quote.quotedStatus ?? undefined) : undefined;
}

/** Events on public streams do not say what the viewer did with a tweet: keep what is known of it. */
function withOwnMarks(tweet: Tweet, known: Tweet): Tweet {
  const kept: Partial<Tweet> = {};
  for (const field of ["favourited", "reblogged", "bookmarked", "pinned", "muted"] as const) {
    if (tweet[field] === undefined || tweet[field] === null) kept[field] = known[field];
  }
  return { ...tweet, ...kept };
}

export const entities = new Entities();
