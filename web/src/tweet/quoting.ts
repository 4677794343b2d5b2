/** Who may quote a tweet, and taking the own tweet out of somebody's. */
import Unlink from "@lucide/svelte/icons/unlink";
import { api } from "../api/client.ts";
import { sentence } from "../api/errors.ts";
import { call } from "../api/raw.ts";
import type { QuotePolicy } from "../composer/drafts.ts";
import { t } from "../i18n/i18n.ts";
import { entities, quotedIn, type Tweet, type TweetEntry } from "../state/entities.svelte.ts";
import { session } from "../state/session.svelte.ts";
import type { MenuItem } from "../ui/Menu.svelte";
import { toast } from "../ui/toasts.svelte.ts";

type Approval = { automatic: string[]; currentUser: string } | undefined;

function approvalOf(tweet: Tweet): Approval {
  return (tweet as unknown as { quoteApproval?: Approval }).quoteApproval;
}

/** Return who may quote a tweet. */
export function policyOf(tweet: Tweet): QuotePolicy {
  const automatic = approvalOf(tweet)?.automatic[0];
  return automatic === "public" || automatic === "followers" ? automatic : "nobody";
}

/** Tell whether the viewer may quote a tweet, as far as that is known. */
export function mayQuote(tweet: Tweet): boolean {
  return approvalOf(tweet)?.currentUser !== "denied";
}

/** Let these people quote an own tweet from now on. Throws what the server says. */
export async function changePolicy(tweet: Tweet, policy: QuotePolicy): Promise<void> {
  const path = `/api/v1/statuses/${tweet.id}/interaction_policy`;
  await call("PUT", path, { quote_approval_policy: policy });
  entities.mergeTweet(await api().v1.statuses.$select(tweet.id).fetch());
}

/** Return what whoever is quoted may do about a tweet that quotes them. */
export function menuOfQuoted(entry: TweetEntry): MenuItem[] {
  const quoted = quotedIn(entry.value);
  if (!quoted || quoted.account.id !== session.account?.id) return [];
  return [{ label: t("composer.quoting.revoke"), icon: Unlink, run: () => void revoke(entry, quoted) }];
}

async function revoke(entry: TweetEntry, quoted: Tweet): Promise<void> {
  try {
    const { id } = entry.value;
    await call("POST", `/api/v1/statuses/${quoted.id}/quotes/${id}/revoke`);
    entities.mergeTweet(await api().v1.statuses.$select(id).fetch());
    toast(t("composer.quoting.revoked"));
  } catch (error) {
    toast(sentence(error), { label: t("app.retry"), run: () => void revoke(entry, quoted) });
  }
}
