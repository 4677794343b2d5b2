/** What the author of a tweet may do with it. */
import BellOff from "@lucide/svelte/icons/bell-off";
import Eraser from "@lucide/svelte/icons/eraser";
import Pencil from "@lucide/svelte/icons/pencil";
import PinIcon from "@lucide/svelte/icons/pin";
import Quote from "@lucide/svelte/icons/quote";
import Trash2 from "@lucide/svelte/icons/trash-2";
import { compose } from "../composer/compose.svelte.ts";
import { t } from "../i18n/i18n.ts";
import type { TweetEntry } from "../state/entities.svelte.ts";
import { wish } from "../state/wishes.ts";
import { dialogs } from "../ui/dialogs.svelte.ts";
import type { MenuItem } from "../ui/Menu.svelte";
import { letGo } from "./deleting.ts";

export function menuOfAuthor(entry: TweetEntry): MenuItem[] {
  const tweet = entry.shown;
  const open = tweet.visibility === "public" || tweet.visibility === "unlisted";
  const items: MenuItem[] = [
    { label: t("tweet.edit"), icon: Pencil, run: () => compose.open({ kind: "edit", id: tweet.id }) },
  ];
  if (tweet.visibility !== "direct")
    items.push({
      label: tweet.pinned ? t("tweet.unpin") : t("tweet.pin"),
      icon: PinIcon,
      run: () => wish(entry, "pinned", !tweet.pinned),
    });
  if (open)
    items.push({
      label: t("composer.quoting.change"),
      icon: Quote,
      run: () => dialogs.open(() => import("./QuotePolicyDialog.svelte"), { entry }),
    });
  items.push(
    {
      label: tweet.muted ? t("composer.unmute") : t("composer.mute"),
      icon: BellOff,
      run: () => wish(entry, "muted", !tweet.muted),
    },
    { label: "" },
    {
      label: t("composer.redraft"),
      icon: Eraser,
      danger: true,
      run: () => dialogs.open(() => import("./RedraftDialog.svelte"), { entry }),
    },
    { label: t("composer.delete"), icon: Trash2, danger: true, run: () => letGo(entry) },
  );
  return items;
}
