/** What everybody else may do about a tweet and who wrote it. */
import UserRound from "@lucide/svelte/icons/user-round";
import { t } from "../i18n/i18n.ts";
import type { TweetEntry } from "../state/entities.svelte.ts";
import type { MenuItem } from "../ui/Menu.svelte";
import { profilePath } from "./paths.ts";

export function menuOfOthers(entry: TweetEntry): MenuItem[] {
  const author = entry.shown.account;
  return [{ label: t("tweet.profile", { name: author.acct }), icon: UserRound, href: profilePath(author) }];
}
