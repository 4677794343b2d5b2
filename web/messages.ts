/** Compiles the sentences of `src/locales/LANGUAGE/AREA.json` (ICU MessageFormat) at build.
 *
 * Each language is two modules: what the start page may say comes with it, and everything `more` with the first other part.
 */
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const folder = fileURLToPath(new URL("./src/locales/", import.meta.url));
const prefix = "virtual:messages/";
/** What is there before anything else is asked for: the program, with the page it begins with. */
const beginning = fileURLToPath(new URL("./src/main.ts", import.meta.url));

/** Return every sentence of a language under `AREA.key`. */
export function sentencesOf(language: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const file of readdirSync(folder + language).sort()) {
    const area = file.replace(/\.json$/, "");
    const sentences = JSON.parse(readFileSync(`${folder}${language}/${file}`, "utf8")) as Record<
      string,
      string
    >;
    for (const [key, sentence] of Object.entries(sentences)) found[`${area}.${key}`] = sentence;
  }
  return found;
}

/** Return the languages that have a folder. */
export function languages(): string[] {
  return readdirSync(folder).sort();
}

/** Return a test of keys: whether the start page may say that sentence, by any file that comes with it. */
export function saidAtFirst(): (key: string) => boolean {
  const files = new Set<string>();
  const whole = new Set<string>();
  const begun: string[] = [];
  const read = (file: string): void => {
    if (files.has(file) || !existsSync(file)) return;
    files.add(file);
    const source = readFileSync(file, "utf8");
    for (const [, key, end] of source.matchAll(/["`]([a-z]+\.[\w.]*)(["`]|\$\{)/g)) {
      if (end === "${") begun.push(key!);
      else whole.add(key!);
    }
    for (const [all, path] of source.matchAll(/^\s*(?:import|export)\s[^;]*?from\s+"(\.[^"]+)";/gm))
      if (!all.trimStart().startsWith("import type")) read(resolve(dirname(file), path!));
  };
  read(beginning);
  return (key) => whole.has(key) || begun.some((one) => key.startsWith(one));
}

export function messages(): Plugin {
  return {
    name: "rookery-messages",
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return undefined;
      const [language = "", rest] = id.slice(prefix.length + 1).split("/");
      const isFirst = saidAtFirst();
      for (const file of readdirSync(folder + language)) this.addWatchFile(`${folder}${language}/${file}`);
      const compiled = Object.entries(sentencesOf(language))
        .filter(([key]) => isFirst(key) === (rest === undefined))
        .map(([key, text]) => [key, compileMessage(text)]);
      return `export default ${JSON.stringify(Object.fromEntries(compiled))};`;
    },
  };
}
