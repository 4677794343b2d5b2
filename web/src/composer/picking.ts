/** What one picks an emoji from: the service's own first, then what was picked lately, then all of Unicode's. */
import { api } from "../api/client.ts";
import { language } from "../i18n/i18n.ts";

/** An emoji as it is picked: `text` is what is written. */
export interface Pick {
  text: string;
  name: string;
  words: string;
  /** The address of its picture, of the service's own. */
  url?: string;
}

export interface Group {
  name: string;
  picks: Pick[];
}

const recentKey = "rookery.emojis";
const recentMax = 24;
const foundMax = 80;
const names = ["smileys", "people", "animals", "food", "travel", "activities", "objects", "symbols", "flags"];
const lists: Record<string, () => Promise<{ default: [string, string, string][][] }>> = {
  en: () => import("virtual:emojis/en"),
  de: () => import("virtual:emojis/de"),
};

/** Return the emojis to pick from, by groups. Throws when the list cannot be loaded. */
export async function pickable(): Promise<Group[]> {
  const [{ default: groups }, own] = await Promise.all([(lists[language()] ?? lists.en)!(), ownPicks()]);
  const unicode = groups.map((group, index) => ({
    name: names[index]!,
    picks: group.map(([text, name, words]) => ({ text, name, words })),
  }));
  const known = new Map([...own, ...unicode.flatMap((one) => one.picks)].map((one) => [one.text, one]));
  const recent = recentTexts().flatMap((text) => known.get(text) ?? []);
  return [{ name: "own", picks: own }, { name: "recent", picks: recent }, ...unicode].filter(
    (one) => one.picks.length > 0,
  );
}

/** The service's own; without an answer there are none. */
async function ownPicks(): Promise<Pick[]> {
  try {
    const listed = await api().v1.customEmojis.list();
    return listed
      .filter((one) => one.visibleInPicker)
      .map(({ shortcode, staticUrl }) => ({
        text: `:${shortcode}:`,
        name: shortcode,
        words: "",
        url: staticUrl,
      }));
  } catch {
    return [];
  }
}

function recentTexts(): string[] {
  try {
    return JSON.parse(localStorage.getItem(recentKey) ?? "[]") as string[];
  } catch {
    return [];
  }
}

/** Remember that it was picked. */
export function remember(pick: Pick): void {
  const recent = [pick.text, ...recentTexts().filter((one) => one !== pick.text)];
  localStorage.setItem(recentKey, JSON.stringify(recent.slice(0, recentMax)));
}

/** Return what is called like this: where a name begins so first, then where a word does. */
export function found(groups: Group[], query: string): Pick[] {
  const wanted = query.trim().toLocaleLowerCase();
  const rank = ({ name, words }: Pick): number => {
    if (name.toLocaleLowerCase().startsWith(wanted)) return 0;
    return ` ${name} ${words}`.toLocaleLowerCase().includes(` ${wanted}`) ? 1 : 2;
  };
  const once = new Map(groups.flatMap((one) => one.picks).map((one) => [one.text, one]));
  const ranked = [...once.values()].map((pick) => ({ pick, rank: rank(pick) }));
  return ranked
    .filter((one) => one.rank < 2)
    .sort((one, other) => one.rank - other.rank)
    .map((one) => one.pick)
    .slice(0, foundMax);
}

/** Return picks in rows of this length. */
export function rows(picks: Pick[], length: number): Pick[][] {
  return Array.from({ length: Math.ceil(picks.length / length) }, (_, row) =>
    picks.slice(row * length, (row + 1) * length),
  );
}
