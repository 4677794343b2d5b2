/** Muting and blocking: what is seen goes at once, and there is a way back. */
import { t } from "../i18n/i18n.ts";
import type { Account } from "../state/entities.svelte.ts";
import { wishBlocked, wishMuted } from "../state/relations.svelte.ts";
import { removeTweetsOf } from "../state/timelines.svelte.ts";
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
