/** What one may do about somebody, from their profile. */
import AtSign from "@lucide/svelte/icons/at-sign";
import ListPlus from "@lucide/svelte/icons/list-plus";
import NotebookPen from "@lucide/svelte/icons/notebook-pen";
import Repeat2 from "@lucide/svelte/icons/repeat-2";
import Rss from "@lucide/svelte/icons/rss";
import Share from "@lucide/svelte/icons/share-2";
import UserMinus from "@lucide/svelte/icons/user-minus";
import { api } from "../api/client.ts";
import { sentence } from "../api/errors.ts";
import { compose } from "../composer/compose.svelte.ts";
import { t } from "../i18n/i18n.ts";
import type { Account } from "../state/entities.svelte.ts";
import { refreshStanding, standing, wishRetweetsShown } from "../state/relations.svelte.ts";
import { nameOf, profilePath } from "../tweet/paths.ts";
import type { MenuItem } from "../ui/Menu.svelte";
import { toast } from "../ui/toasts.svelte.ts";
import { distancing, listsDialog } from "./distance.ts";

const line: MenuItem = { label: "" };

export function menuOfProfile(account: Account, does: { note: () => void }): MenuItem[] {
  const now = standing(account.id);
  const name = account.acct;
  const items: MenuItem[] = [];
  if (!now?.blocking && !now?.blockedBy)
    items.push({
      label: t("profile.menu.mention", { name }),
      icon: AtSign,
      run: () => compose.open({ kind: "new", text: `@${name} ` }),
    });
  items.push(
    { label: t("profile.menu.lists"), icon: ListPlus, run: () => listsDialog(account) },
    { label: t("profile.menu.note"), icon: NotebookPen, run: does.note },
    { label: t("profile.menu.share"), icon: Share, run: () => void share(account) },
    {
      label: t("profile.menu.feed"),
      icon: Rss,
      run: () => void open(`${profilePath(account)}.rss`, "_blank"),
    },
    line,
  );
  if (now?.following)
    items.push({
      label: now.showingReblogs ? t("profile.menu.hideRetweets") : t("profile.menu.showRetweets"),
      icon: Repeat2,
      run: () => wishRetweetsShown(account, !now.showingReblogs),
    });
  if (now?.followedBy)
    items.push({
      label: t("profile.menu.removeFollower"),
      icon: UserMinus,
      run: () => void removeFollower(account),
    });
  return [...items, ...distancing(account)];
}

async function share(account: Account): Promise<void> {
  const url = location.origin + profilePath(account);
  if ("share" in navigator) {
    try {
      await navigator.share({ title: nameOf(account), url });
    } catch {
      // Whoever changes their mind is owed no word.
    }
    return;
  }
  await (navigator as Navigator).clipboard.writeText(url);
  toast(t("profile.copied"));
}

async function removeFollower(account: Account): Promise<void> {
  try {
    await api().v1.accounts.$select(account.id).removeFromFollowers();
    await refreshStanding(account.id);
    toast(t("profile.followerRemoved", { name: account.acct }));
  } catch (error) {
    toast(sentence(error));
  }
}
