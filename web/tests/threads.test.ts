import { expect, test } from "vitest";
import { partsOf, restOf, type KeptDraft } from "../src/composer/drafts.ts";

const part = (text: string) => ({
  idempotencyKey: `key of ${text}`,
  text,
  sensitive: false,
  attachments: [],
  nudged: false,
});

const thread: KeptDraft = {
  ...part("one"),
  key: "quote:7",
  spoiler: "Birds",
  poll: { options: ["yes", "no"], seconds: 300, multiple: false, hideTotals: false },
  quotes: "7",
  place: { name: "The old mill" },
  serverDraft: { id: "3", revision: 1 },
  attempt: { ms: 1, content: "one" },
  further: [part("two"), { ...part("three"), spoiler: "More birds" }],
  changedMs: 0,
  visibility: "unlisted",
  quotePolicy: "followers",
  language: "en",
  scheduledAt: "",
};

test("what is left of a thread answers what was posted, and takes from that only what holds for all", () => {
  const rest = restOf(thread, "100")!;
  expect(rest).toMatchObject({ key: "quote:7", text: "two", idempotencyKey: "key of two", replyTo: "100" });
  expect(rest).toMatchObject({ visibility: "unlisted", quotePolicy: "followers", language: "en" });
  for (const own of ["spoiler", "poll", "quotes", "place", "serverDraft", "attempt"] as const)
    expect(rest[own]).toBeUndefined();
  const last = restOf(rest, "101")!;
  expect(last).toMatchObject({ text: "three", spoiler: "More birds", replyTo: "101" });
  expect(partsOf(last)).toHaveLength(1);
  expect(restOf(last, "102")).toBeUndefined();
});
