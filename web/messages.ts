/** Compiles the sentences of `src/locales/LANGUAGE/AREA.json` (ICU MessageFormat) at build, one module per language. */
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const folder = fileURLToPath(new URL("./src/locales/", import.meta.url));
const prefix = "virtual:messages/";

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

export function messages(): Plugin {
  return {
    name: "rookery-messages",
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return undefined;
      const language = id.slice(prefix.length + 1);
      for (const file of readdirSync(folder + language)) this.addWatchFile(`${folder}${language}/${file}`);
      const compiled = Object.entries(sentencesOf(language)).map(([key, text]) => [
        key,
        compileMessage(text),
      ]);
      return `export default ${JSON.stringify(Object.fromEntries(compiled))};`;
    },
  };
}
