// @vitest-environment node
import { describe, expect, test, vi } from "vitest";
import { emojisOf } from "../emojis.ts";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
vi.stubGlobal("location", { origin: "https://rookery.example" });
vi.stubGlobal("navigator", { languages: [] });
const { found, rows } = await import("../src/composer/picking.ts");

describe.each([
  ["en", "black bird", "🐦‍⬛"],
  ["de", "schwarzer", "🐦‍⬛"],
  ["ar", "black bird", "🐦‍⬛"],
])("in %s", (language, query, emoji) => {
  const groups = emojisOf(language).map((group, index) => ({
    name: String(index),
    picks: group.map(([text, name, words]) => ({ text, name, words })),
  }));

  test("all groups are there, and each emoji once", () => {
    expect(groups).toHaveLength(9);
    const all = groups.flatMap((group) => group.picks.map((pick) => pick.text));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(1_500);
  });

  test("what is called so is found first", () => {
    expect(found(groups, query)[0]?.text).toBe(emoji);
  });

  test("rows hold all of them", () => {
    expect(rows(groups[0]!.picks, 8).flat()).toEqual(groups[0]!.picks);
  });
});
