import { expect, test } from "vitest";
import { wordAt } from "../src/composer/completion.ts";
import { emojisNamed } from "../src/composer/emojis.ts";

test("people, hashtags and emojis are offered for the word at the caret", () => {
  expect(wordAt("Hello @ro", 9)).toEqual({ sign: "@", start: 6, query: "ro" });
  expect(wordAt("#طيور", 5)).toEqual({ sign: "#", start: 0, query: "طيور" });
  expect(wordAt("fine :roc", 9)).toEqual({ sign: ":", start: 5, query: "roc" });
  expect(wordAt("Hello @ro and", 9)).toEqual({ sign: "@", start: 6, query: "ro" });
});

test("nothing is offered within other words, addresses and times", () => {
  for (const text of ["me@example", "https://a.example/#part", "at 12:30", "a :)", "@", "done "])
    expect(wordAt(text, text.length)).toBeUndefined();
});

test("emojis are found by the beginnings of their names first", () => {
  expect(emojisNamed("rock", 3)[0]?.emoji).toBe("🚀");
  expect(emojisNamed("thumbsup", 1)).toEqual([{ emoji: "👍", name: "thumbsup" }]);
  const found = emojisNamed("heart", 50).map((one) => one.emoji);
  expect(new Set(found).size).toBe(found.length);
});
