/** Emojis by the names that Unicode gives them, and by some that people are used to. */
import { names } from "./emojis.json";

export interface NamedEmoji {
  emoji: string;
  name: string;
}

const all: NamedEmoji[] = names.split(" ").map((entry) => {
  const [emoji, name] = entry.split("=") as [string, string];
  return { emoji, name };
});

/** Return emojis whose name begins with this, or has a word that does, and then those that hold it anywhere. */
export function emojisNamed(query: string, most: number): NamedEmoji[] {
  const wanted = query.toLowerCase();
  const rank = ({ name }: NamedEmoji): number =>
    name.startsWith(wanted) ? 0 : name.includes(`_${wanted}`) ? 1 : name.includes(wanted) ? 2 : 3;
  const found = all.filter((one) => rank(one) < 3).sort((one, other) => rank(one) - rank(other));
  const once = new Map(found.map((one) => [one.emoji, one]).toReversed() as [string, NamedEmoji][]);
  return found.filter((one) => once.get(one.emoji) === one).slice(0, most);
}
