/** What the author of a tweet may do with it. */
import Pencil from "@lucide/svelte/icons/pencil";
import PinIcon from "@lucide/svelte/icons/pin";
import { compose } from "../composer/compose.svelte.ts";
import { t } from "../i18n/i18n.ts";
import type { TweetEntry } from "../state/entities.svelte.ts";
import { wish } from "../state/wishes.ts";
import type { MenuItem } from "../ui/Menu.svelte";

export function menuOfAuthor(entry: TweetEntry): MenuItem[] {
  const tweet = entry.shown;
  return [
    { label: t("tweet.edit"), icon: Pencil, run: () => compose.open({ kind: "edit", id: tweet.id }) },
    {
      label: tweet.pinned ? t("tweet.unpin") : t("tweet.pin"),
      icon: PinIcon,
      run: () => wish(entry, "pinned", !tweet.pinned),
    },
  ];
}
