/** What everybody else may do about a tweet and who wrote it. */
import BellOff from "@lucide/svelte/icons/bell-off";
import Repeat2 from "@lucide/svelte/icons/repeat-2";
import UserRound from "@lucide/svelte/icons/user-round";
import { t } from "../i18n/i18n.ts";
import { distancing } from "../profile/distance.ts";
import type { Account, TweetEntry } from "../state/entities.svelte.ts";
import { refreshStanding, standing, wishRetweetsShown } from "../state/relations.svelte.ts";
import { wish } from "../state/wishes.ts";
import type { MenuItem } from "../ui/Menu.svelte";
import { toast } from "../ui/toasts.svelte.ts";
import { profilePath } from "./paths.ts";

/** `retweeter` is who brought the tweet, if somebody did. */
export function menuOfOthers(entry: TweetEntry, retweeter?: Account): MenuItem[] {
  const tweet = entry.shown;
  const author = tweet.account;
  const items: MenuItem[] = [
    { label: t("tweet.profile", { name: author.acct }), icon: UserRound, href: profilePath(author) },
    { label: "" },
    {
      label: tweet.muted ? t("profile.menu.hear") : t("profile.menu.silence"),
      icon: BellOff,
      run: () => {
        wish(entry, "muted", !tweet.muted);
        if (!tweet.muted) toast(t("profile.silenced"));
      },
    },
  ];
  if (retweeter)
    items.push({
      label: t("profile.menu.hideRetweetsOf", { name: retweeter.acct }),
      icon: Repeat2,
      run: () => void hideRetweets(retweeter),
    });
  return [...items, ...distancing(author, tweet)];
}

async function hideRetweets(account: Account): Promise<void> {
  await refreshStanding(account.id).catch(() => undefined);
  if (!standing(account.id)?.following) return;
  wishRetweetsShown(account, false);
  toast(t("profile.retweetsHidden", { name: account.acct }), {
    label: t("profile.undo"),
    run: () => wishRetweetsShown(account, true),
  });
}
