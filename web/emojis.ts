/** Makes the lists of emojis that one picks from, at build: `virtual:emojis/LANGUAGE`, in the order of Unicode.
 *
 * Where emojibase does not speak a language, what emojis are called is English.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const prefix = "virtual:emojis/";
const folder = fileURLToPath(new URL("./node_modules/emojibase-data/", import.meta.url));
/** Newer ones are empty squares on too many devices still. */
const versionMax = 15.1;
/** The group of skin tones and hair, which are no emojis of their own. */
const components = 2;

interface Entry {
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
  order?: number;
  version: number;
}

/** Return the emojis of each group: each with its name, and more words that it is found by. */
export function emojisOf(language: string): [emoji: string, name: string, words: string][][] {
  const spoken = existsSync(`${folder}${language}/data.json`) ? language : "en";
  const all = JSON.parse(readFileSync(`${folder}${spoken}/data.json`, "utf8")) as Entry[];
  const groups: [string, string, string][][] = [];
  const shown = all.filter(
    ({ group, version }) => group !== undefined && group !== components && version <= versionMax,
  );
  for (const { emoji, label, tags = [], group } of shown.sort((one, other) => one.order! - other.order!))
    (groups[group!] ??= []).push([emoji, label, tags.join(" ")]);
  return groups.filter(Boolean);
}

export function emojis(): Plugin {
  return {
    name: "rookery-emojis",
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return undefined;
      return `export default ${JSON.stringify(emojisOf(id.slice(prefix.length + 1)))};`;
    },
  };
}
