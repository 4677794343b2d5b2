/** The server's HTML as a tree of what we allow. Nothing of it reaches the page as markup. */
import { policy } from "./policy.ts";

export interface Element {
  tag:
    "p" | "br" | "a" | "span" | "strong" | "em" | "del" | "code" | "pre" | "blockquote" | "ul" | "ol" | "li";
  children: Node[];
  /** Of links. */
  href?: string;
  /** Whether a part of a long address is not to be shown. */
  hidden?: boolean;
  ellipsis?: boolean;
}

export interface Emoji {
  shortcode: string;
  url: string;
}

export type Node = Element | Emoji | string;

const tags: Record<string, Element["tag"]> = {
  P: "p", BR: "br", A: "a", SPAN: "span", STRONG: "strong", B: "strong", EM: "em", I: "em", DEL: "del", S: "del",
  CODE: "code", PRE: "pre", BLOCKQUOTE: "blockquote", UL: "ul", OL: "ol", LI: "li",
}; // prettier-ignore

const depthMax = 20;

/** Return the allowed part of a piece of HTML; `:name:` of these emojis become pictures. */
export function nodesOf(html: string, emojis: readonly { shortcode: string; url: string }[] = []): Node[] {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  return childrenOf(template.content, new Map(emojis.map((emoji) => [emoji.shortcode, emoji.url])), 0);
}

function childrenOf(parent: globalThis.Node, emojis: Map<string, string>, depth: number): Node[] {
  const nodes: Node[] = [];
  if (depth > depthMax) return nodes;
  for (const child of parent.childNodes) {
    if (child instanceof Text) {
      nodes.push(...withEmojis(child.data, emojis));
    } else if (child instanceof HTMLElement) {
      const tag = tags[child.tagName];
      const children = childrenOf(child, emojis, depth + 1);
      if (!tag) {
        if (child.tagName !== "SCRIPT" && child.tagName !== "STYLE") nodes.push(...children);
        continue;
      }
      const element: Element = { tag, children };
      if (tag === "a") element.href = safeHref(child.getAttribute("href") ?? "");
      if (tag === "span" && child.classList.contains("invisible")) element.hidden = true;
      if (tag === "span" && child.classList.contains("ellipsis")) element.ellipsis = true;
      nodes.push(element);
    }
  }
  return nodes;
}

/** Return the text in pieces, emojis among them. */
export function withEmojis(text: string, emojis: Map<string, string>): Node[] {
  if (emojis.size === 0 || !text.includes(":")) return text ? [text] : [];
  const nodes: Node[] = [];
  let end = 0;
  for (const match of text.matchAll(/:(\w+):/g)) {
    const url = emojis.get(match[1]!);
    if (!url) continue;
    if (match.index > end) nodes.push(text.slice(end, match.index));
    nodes.push({ shortcode: match[1]!, url });
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(text.slice(end));
  return nodes;
}

/** Return the address of a link: within the service only its path, elsewhere web pages and letters alone. */
function safeHref(href: string): string | undefined {
  try {
    const url = new URL(href, location.origin);
    if (url.origin === location.origin) return url.pathname + url.search + url.hash;
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Return the plain text of a piece of HTML, its paragraphs apart. */
export function textOf(html: string): string {
  const plain = (nodes: Node[]): string =>
    nodes
      .map((node) => {
        if (typeof node === "string") return node;
        if ("shortcode" in node) return `:${node.shortcode}:`;
        if (node.tag === "br") return "\n";
        return plain(node.children) + (node.tag === "p" ? "\n\n" : "");
      })
      .join("");
  return plain(nodesOf(html)).trim();
}
