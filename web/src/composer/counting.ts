/** How long a text is, counted as the server does: characters as people see them, links and distant mentions shortened. */

// A link, or a mention of somebody elsewhere. What may stand before one is the same as on the server.
const tokens =
  /(?<![A-Za-z0-9@#$_/])(?<link>https?:\/\/(?:[\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}_-]+)+|localhost)(?::\d{1,5})?(?:[/?#](?:[^\s()<>"\p{C}]|\((?:[^\s()<>"\p{C}]|\([^\s()<>"\p{C}]*\))*\))*)?)|(?<![=/\p{L}\p{N}_])@(?<name>[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*)@[\p{L}\p{N}_]+(?:[.-]+[\p{L}\p{N}_]+)*(?::\d{1,5})?/giu;
const linkNeverEnds = /[?!*'‘’“”「」…;:,.~|@$%[\]{}]+$/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function graphemes(text: string): number {
  if (/^[\x00-\x7f]*$/.test(text)) return text.length - (text.match(/\r\n/g)?.length ?? 0);
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}

/** Return the length of a text; each link counts `charsPerLink`. */
export function lengthOf(text: string, charsPerLink: number): number {
  let count = 0;
  let place = 0;
  for (const match of text.matchAll(tokens)) {
    const { link, name } = match.groups!;
    if (link !== undefined) {
      const shown = link.replace(linkNeverEnds, "");
      if (!URL.canParse(shown)) continue;
      count += graphemes(text.slice(place, match.index)) + charsPerLink;
      place = match.index + shown.length;
    } else {
      count += graphemes(text.slice(place, match.index)) + 1 + name!.length;
      place = match.index + match[0].length;
    }
  }
  return count + graphemes(text.slice(place));
}
