// @vitest-environment node
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { languages, saidAtFirst, sentencesOf } from "../messages.ts";

const source = new URL("../src/", import.meta.url).pathname;
const english = sentencesOf("en");

/** Return the names of what is put into a sentence. */
function values(sentence: string): string[] {
  const names = new Set<string>();
  const read = (tokens: unknown): void => {
    if (!Array.isArray(tokens)) return;
    for (const token of tokens) {
      if (!Array.isArray(token)) continue;
      const [name, , options] = token as [string, string?, Record<string, unknown>?];
      names.add(name);
      if (options && typeof options === "object") Object.values(options).forEach(read);
    }
  };
  read(compileMessage(sentence));
  return [...names].sort();
}

/** Return every `t("…")` of the client. */
function asked(): string[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  const texts = files
    .filter((file) => /\.(ts|svelte)$/.test(file))
    .map((file) => readFileSync(source + file, "utf8"));
  return texts.flatMap((text) => [...text.matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1]!));
}

test("every sentence that is asked for exists", () => {
  expect(asked().filter((key) => !(key in english))).toEqual([]);
});

test("what the start page says comes with it, and what others say later", () => {
  const isFirst = saidAtFirst();
  // By name, by what a name begins with, and in a file that is reached through others.
  expect(["timeline.home", "tweet.visibility.public", "profile.menu.mute"].map(isFirst)).toEqual([
    true,
    true,
    true,
  ]);
  expect(["settings.filters.title", "thread.none"].map(isFirst)).toEqual([false, false]);
});

describe.each(languages())("%s", (language) => {
  const sentences = sentencesOf(language);

  test("has every sentence and no other", () => {
    expect(Object.keys(sentences).sort()).toEqual(Object.keys(english).sort());
  });

  test("puts the same values into each", () => {
    const different = Object.keys(english).filter(
      (key) => values(sentences[key] ?? "").join() !== values(english[key]!).join(),
    );
    expect(different).toEqual([]);
  });
});
