// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isDrawing } from "../src/media/icons.ts";

const source = readFileSync(
  new URL("../node_modules/photoswipe/dist/photoswipe.esm.js", import.meta.url),
  "utf8",
);

/** Return the drawings in PhotoSwipe's source, as it puts them together. */
function drawings(): string[] {
  const found = [...source.matchAll(/inner: ((?:'[^']*'(?: \+ )?)+),\s*outlineID: '([^']+)'/g)];
  return found.map(([, inner, outline]) => {
    const paths = [...inner!.matchAll(/'([^']*)'/g)].map((match) => match[1]).join("");
    return `<svg aria-hidden="true" class="pswp__icn" viewBox="0 0 60 60" width="60" height="60"><use class="pswp__icn-shadow" xlink:href="#${outline}"/>${paths}</svg>`;
  });
}

test("every drawing of PhotoSwipe's is let through", () => {
  expect(drawings()).toHaveLength(5);
  expect(drawings().filter((one) => !isDrawing(one))).toEqual([]);
  expect(isDrawing("")).toBe(true);
});

test("nothing else is", () => {
  const [drawing] = drawings() as [string];
  for (const html of [
    "<b>",
    "<img src=x onerror=alert(1)>",
    `${drawing}<script>alert(1)</script>`,
    drawing.replace("</svg>", "<script>alert(1)</script></svg>"),
    drawing.replace("/>", ' href="javascript:alert(1)"/>'),
    drawing.replace("<path", "<a"),
  ])
    expect(isDrawing(html), html).toBe(false);
});
