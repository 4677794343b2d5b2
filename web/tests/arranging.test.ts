// @vitest-environment node
import { describe, expect, test } from "vitest";
import type { Tweet } from "../src/state/entities.svelte.ts";
import { arrange, shownOf } from "../src/thread/arranging.ts";

const focus = { id: "0", account: { id: "author" } };

/** Return a reply; ids tell the age. */
function reply(id: number, to: number, by = `somebody ${id}`): Tweet {
  return {
    id: String(id),
    inReplyToId: String(to),
    createdAt: new Date(id * 1000).toISOString(),
    account: { id: by },
  } as unknown as Tweet;
}

function ids(replies: Tweet[]): string[][] {
  return arrange(focus, replies).map((group) => group.rows.map((row) => row.id));
}

describe("replies", () => {
  test("begin with all that the author goes on to say", () => {
    expect(ids([reply(1, 0), reply(2, 0, "author"), reply(3, 2, "author"), reply(4, 3, "author")])).toEqual([
      ["2", "3", "4"],
      ["1"],
    ]);
  });

  test("whose parent is gone stand by themselves, with all below them", () => {
    expect(ids([reply(1, 0), reply(3, 2), reply(4, 3)])).toEqual([["1"], ["3", "4"]]);
    expect(arrange(focus, [reply(3, 2)])[0]?.rows[0]?.deep).toBe(true);
  });

  test("come by their age, each with all below it", () => {
    expect(ids([reply(5, 2), reply(2, 0), reply(1, 0), reply(3, 1), reply(4, 3)])).toEqual([
      ["1", "3", "4"],
      ["2", "5"],
    ]);
  });

  test("to the author's own chain are not lost", () => {
    expect(ids([reply(1, 0, "author"), reply(2, 1, "author"), reply(3, 1), reply(4, 2)])).toEqual([
      ["1", "2"],
      ["3"],
      ["4"],
    ]);
  });

  test("are set in only where a conversation forks, three levels deep at the most", () => {
    const replies = [reply(1, 0), reply(2, 1)];
    for (let at = 2; at < 12; at += 2) replies.push(reply(at + 1, at), reply(at + 2, at));
    const [group] = arrange(focus, replies);
    const depths = Object.fromEntries(group!.rows.map((row) => [row.id, row.depth]));
    expect(depths).toMatchObject({
      1: 0,
      2: 0,
      3: 1,
      4: 1,
      5: 2,
      6: 2,
      7: 3,
      8: 3,
      9: 3,
      10: 3,
      11: 3,
      12: 3,
    });
    expect(group!.rows.filter((row) => row.deep).map((row) => row.id)).toEqual(["9", "10", "11", "12"]);
  });

  test("are joined by lines that pass what stands between", () => {
    const [group] = arrange(focus, [reply(1, 0), reply(2, 1), reply(3, 1), reply(4, 2)]);
    expect(
      group!.rows.map(({ id, forks, hangs, above, below, passing }) => ({
        id,
        forks,
        hangs,
        above,
        below,
        passing,
      })),
    ).toEqual([
      { id: "1", forks: true, hangs: false, above: false, below: false, passing: [] },
      { id: "2", forks: false, hangs: true, above: false, below: true, passing: [0] },
      { id: "4", forks: false, hangs: false, above: true, below: false, passing: [0] },
      { id: "3", forks: false, hangs: true, above: false, below: false, passing: [] },
    ]);
  });

  test("are shown in part, with a true count of the rest", () => {
    const many = arrange(focus, [
      reply(1, 0),
      ...Array.from({ length: 9 }, (_, index) => reply(index + 2, index + 1)),
    ])[0]!;
    expect(many.rows.length - shownOf(many, false)).toBe(6);
    expect(shownOf(many, true)).toBe(10);
    const few = arrange(focus, [reply(1, 0), reply(2, 1), reply(3, 2), reply(4, 3), reply(5, 4)])[0]!;
    expect(shownOf(few, false)).toBe(5);
  });

  test("may go on for thousands", () => {
    const chain = Array.from({ length: 4000 }, (_, index) => reply(index + 1, index));
    expect(arrange(focus, chain)[0]!.rows).toHaveLength(4000);
  });
});
