/** Muting and blocking: what is seen goes at once, and there is a way back. */
import Ban from "@lucide/svelte/icons/ban";
import Flag from "@lucide/svelte/icons/flag";
import VolumeX from "@lucide/svelte/icons/volume-x";
import { t } from "../i18n/i18n.ts";
import type { Account, Tweet } from "../state/entities.svelte.ts";
import { standing, wishBlocked, wishMuted } from "../state/relations.svelte.ts";
import { removeTweetsOf } from "../state/timelines.svelte.ts";
import { dialogs } from "../ui/dialogs.svelte.ts";
import type { MenuItem } from "../ui/Menu.svelte";
import { toast } from "../ui/toasts.svelte.ts";

/** Mute somebody for so many seconds, 0 for good. */
export function mute(account: Account, seconds: number, notifications: boolean): void {
  wishMuted(account, seconds, notifications, () => {
    removeTweetsOf(account.id);
    toast(t("profile.muted", { name: account.acct }), {
      label: t("profile.undo"),
      run: () => wishMuted(account, undefined),
    });
  });
}

export function block(account: Account): void {
  wishBlocked(account, true, () => {
    removeTweetsOf(account.id);
    toast(t("profile.blocked", { name: account.acct }), {
      label: t("profile.undo"),
      run: () => wishBlocked(account, false),
    });
  });
}

export function muteDialog(account: Account): void {
  dialogs.open(() => import("./MuteDialog.svelte"), { account });
}

export function reportDialog(account: Account, tweet?: Tweet): void {
  dialogs.open(() => import("./ReportDialog.svelte"), { account, tweet });
}

export function listsDialog(account: Account): void {
  dialogs.open(() => import("./ListsDialog.svelte"), { account });
}

/** Return what keeps somebody away: muting, blocking, reporting them or a tweet of theirs. */
export function distancing(account: Account, tweet?: Tweet): MenuItem[] {
  const now = standing(account.id);
  const name = account.acct;
  return [
    now?.muting
      ? { label: t("profile.menu.unmute", { name }), icon: VolumeX, run: () => wishMuted(account, undefined) }
      : {
          label: t("profile.menu.mute", { name }),
          icon: VolumeX,
          run: () => muteDialog(account),
        },
    now?.blocking
      ? { label: t("profile.menu.unblock", { name }), icon: Ban, run: () => wishBlocked(account, false) }
      : { label: t("profile.menu.block", { name }), icon: Ban, danger: true, run: () => block(account) },
    {
      label: tweet ? t("profile.menu.reportTweet") : t("profile.menu.report", { name }),
      icon: Flag,
      danger: true,
      run: () => reportDialog(account, tweet),
    },
  ];
}
