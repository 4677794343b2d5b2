/** Where tweets and people are found on this site. */
import { textOf } from "../html/nodes.ts";
import type { Account, Tweet } from "../state/entities.svelte.ts";

export function tweetPath(tweet: Tweet): string {
  return `/@${tweet.account.acct}/${tweet.id}`;
}

export function profilePath(account: { acct: string }): string {
  return `/@${account.acct}`;
}

export function nameOf(account: Account | { displayName: string; username: string }): string {
  return account.displayName || account.username;
}

/** Return what a tweet says, for titles and for those who hear it. */
export function summaryOf(tweet: Tweet, charsMax = 200): string {
  const text = (tweet.spoilerText || textOf(tweet.content)).replace(/\s+/g, " ");
  return text.length > charsMax ? `${text.slice(0, charsMax)}…` : text;
}
