/** The languages that a tweet can be marked with, those first that the reader is likely to write. */
import { language as shown } from "../i18n/i18n.ts";
import { call } from "../api/raw.ts";

let known = $state.raw<string[]>([]);
let asked = false;

async function ask(): Promise<void> {
  try {
    known = (await call<{ code: string }[]>("GET", "/api/v1/instance/languages")).map((one) => one.code);
  } catch {
    asked = false;
  }
}

/** Return codes; `chosen` is among them. */
export function languages(chosen: string): string[] {
  if (!asked) {
    asked = true;
    void ask();
  }
  const likely = [chosen, shown(), ...navigator.languages.map((tag) => tag.split("-")[0]!)].filter(Boolean);
  const others = known.toSorted((one, other) =>
    languageName(one).localeCompare(languageName(other), shown()),
  );
  return [...new Set([...likely, ...others])];
}

const names = new Map<string, string>();

/** Return what a language is called in the language that is shown. */
export function languageName(code: string): string {
  let name = names.get(code);
  if (name === undefined) {
    try {
      name = new Intl.DisplayNames(shown(), { type: "language" }).of(code) ?? code;
    } catch {
      name = code;
    }
    names.set(code, name);
  }
  return name;
}
