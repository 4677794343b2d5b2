import { expect, test } from "vitest";
import { lengthOf } from "../src/composer/counting.ts";

const cases: [text: string, length: number][] = [
  ["", 0],
  ["Hello", 5],
  ["👩‍👩‍👧‍👦🇩🇪é", 3],
  ["https://example.com/a/very/long/path?with=query#and-more", 23],
  ["see https://example.com/x.", 4 + 23 + 1],
  ["(https://en.wikipedia.org/wiki/Rook_(bird))", 1 + 23 + 1],
  ["@wren@birds.example hello", 11],
  ["@wren hello", 11],
  ["mail me@example.com", 19],
  ["https://", 8],
];

test.each(cases)("%s has the length that the server counts", (text, length) => {
  expect(lengthOf(text, 23)).toBe(length);
});
