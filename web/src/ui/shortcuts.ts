/** Single keys as shortcuts: off in fields and dialogs, and by a switch in the settings (WCAG 2.1.4). */
import { compose } from "../composer/compose.svelte.ts";
import { router } from "../router/router.svelte.ts";
import { preferences } from "../state/preferences.svelte.ts";
import { session } from "../state/session.svelte.ts";

/** What a key does, named as its sentence in the help: `app.keys.NAME`. */
export const keys = {
  j: "next",
  k: "previous",
  Enter: "open",
  o: "photo",
  f: "favorite",
  t: "retweet",
  r: "reply",
  b: "bookmark",
  p: "profile",
  n: "post",
  "/": "search",
  ".": "fresh",
  "?": "help",
} as const;

/** Where `g` and another key lead. */
export const places: Record<string, { name: string; path: () => string }> = {
  h: { name: "home", path: () => "/" },
  e: { name: "explore", path: () => "/explore" },
  n: { name: "notifications", path: () => "/notifications" },
  m: { name: "messages", path: () => "/messages" },
  b: { name: "bookmarks", path: () => "/bookmarks" },
  p: { name: "profile", path: () => `/@${session.account?.acct ?? ""}` },
  s: { name: "settings", path: () => "/settings" },
};

const sequenceMs = 1_500;
const rows = "main article[data-tweet]";

/** Listen to keys; `help` shows what they do. Return what ends it. */
export function listenToKeys(help: () => void): () => void {
  let goingSince = 0;
  const heard = (event: KeyboardEvent): void => {
    if (
      event.defaultPrevented ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      !preferences.get("shortcuts")
    )
      return;
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, select, [contenteditable], dialog, [role=menu]")) return;
    const place = Date.now() - goingSince < sequenceMs ? places[event.key] : undefined;
    goingSince = event.key === "g" ? Date.now() : 0;
    if (place) router.go(place.path());
    else if (!act(event.key, target, help)) return;
    event.preventDefault();
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}

/** Do what a key stands for; tell whether it stands for something here. */
function act(key: string, target: HTMLElement, help: () => void): boolean {
  const row = target.closest<HTMLElement>(rows);
  switch (keys[key as keyof typeof keys]) {
    case "next":
      return move(row, 1);
    case "previous":
      return move(row, -1);
    case "photo":
      return press(row, "[data-photo]");
    case "favorite":
      return press(row, ".action.favorite");
    case "retweet":
      return press(row, ".action.retweet");
    case "reply":
      return press(row, ".action.reply");
    case "bookmark":
      return press(row, ".action.bookmark");
    case "profile":
      return press(row, "a.author");
    case "post":
      if (session.signedIn) compose.open({ kind: "new" });
      return session.signedIn;
    case "search": {
      const field = document.querySelector<HTMLElement>("[data-search]");
      if (field) field.focus();
      else router.go("/search");
      return true;
    }
    case "fresh":
      return press(document.querySelector("main"), "button.pill");
    case "help":
      help();
      return true;
    default:
      // Enter opens the row by itself.
      return false;
  }
}

function press(within: HTMLElement | null, selector: string): boolean {
  const one = within?.querySelector<HTMLElement>(selector);
  one?.click();
  return one !== null && one !== undefined;
}

/** Give the focus to the next row, whole below the header. */
function move(from: HTMLElement | null, step: 1 | -1): boolean {
  const all = [...document.querySelectorAll<HTMLElement>(rows)];
  const header = document.querySelector(".page-header")?.getBoundingClientRect().bottom ?? 0;
  const first = all.findIndex((row) => row.getBoundingClientRect().top >= header - 1);
  const next = all[from ? all.indexOf(from) + step : Math.max(0, first)];
  if (!next) return false;
  next.focus({ preventScroll: true });
  const { top, bottom } = next.getBoundingClientRect();
  if (top < header || bottom > innerHeight) scrollBy({ top: top - header - 8 });
  return true;
}
