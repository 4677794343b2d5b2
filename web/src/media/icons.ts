/** Lets PhotoSwipe draw the pictures of its buttons where Trusted Types are required.
 *
 * It writes them as strings, past every policy of ours: so the page's `default` policy takes its own drawings, and nothing else.
 */
const drawing =
  /^<svg aria-hidden="true" class="pswp__icn" viewBox="0 0 \d+ \d+" width="\d+" height="\d+">(?:<(?:use|path)(?: [a-z:-]+="[\w\s.,#-]*")*\/>)*<\/svg>$/;

type Policy = { createHTML(html: string): string | null };
const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): unknown } })
  .trustedTypes;

/** Tell whether a string is a drawing of PhotoSwipe's, or empty. */
export function isDrawing(html: string): boolean {
  return html === "" || drawing.test(html);
}

factory?.createPolicy("default", { createHTML: (html) => (isDrawing(html) ? html : null) });
