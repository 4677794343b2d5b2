/** Which page is shown, by the History API; and where on it one was, so that going back goes exactly there. */
import { tick, type Component } from "svelte";
import { parse } from "regexparam";

/** What a page's component is given. */
export type RouteParams = Record<string, string>;
// Pages that do without parameters take other props, or none.
type PageModule = { default: Component<any> };

/** A path pattern (as `regexparam` writes it) and the page that is loaded for it. */
export interface Route {
  path: string;
  load: () => Promise<PageModule>;
  /** Whether strangers see a way in instead. */
  signedIn?: boolean;
}

/** Where somebody was on a page. */
export interface Place {
  scrollY: number;
  /** The link that was followed from here, and the tweet it stood in, to give the focus back to. */
  left?: { href: string; tweet?: string };
  /** What a list remembers of itself, by the list's name. */
  lists: Record<string, unknown>;
}

interface Compiled extends Route {
  keys: string[];
  pattern: RegExp;
}

export interface Match {
  route: Route;
  params: RouteParams;
  component: Component<any>;
  /** One for each visit of a page. */
  key: string;
}

const places = new Map<string, Place>();
const placesMax = 60;
const keptPlacesKey = "rookery.places";

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  current = $state.raw<Match | undefined>(undefined);
  /** Whether a page is being loaded. */
  loading = $state(false);
  /** Whether the page that is shown was come back to. */
  returned = $state(false);
  failed = $state(false);
  #routes: Compiled[] = [];
  #key = "";
  #turn = 0;

  /** Take the routes, and show the page of the address. */
  start(routes: readonly Route[]): void {
    this.#routes = routes.map((route) => {
      return { ...route, ...compiled(route.path) };
    });
    history.scrollRestoration = "manual";
    const state = history.state as { key?: string } | null;
    this.#key = state?.key ?? newKey();
    history.replaceState({ key: this.#key }, "");
    restorePlaces();
    addEventListener("popstate", (event) => {
      this.#leave();
      const key = (event.state as { key?: string } | null)?.key;
      this.#key = key ?? newKey();
      if (key === undefined) history.replaceState({ key: this.#key }, "");
      void this.#show(places.has(this.#key));
    });
    document.addEventListener("click", (event) => this.#followed(event));
    void this.#show(places.has(this.#key));
  }

  /** Begin anew with what the server has now, and remember in this window where one was. */
  reload(): void {
    // While the next page is being loaded, this one has been left already.
    if (!this.loading) this.#leave();
    sessionStorage.setItem(keptPlacesKey, JSON.stringify([...places]));
    location.reload();
  }

  /** Go to a path of ours. */
  go(path: string, options: { replace?: boolean } = {}): void {
    const target = new URL(path, location.origin);
    if (target.pathname + target.search === location.pathname + location.search && !options.replace) {
      scrollTo({ top: 0 });
      return;
    }
    this.#leave();
    if (!options.replace) this.#key = newKey();
    history[options.replace ? "replaceState" : "pushState"]({ key: this.#key }, "", target);
    void this.#show(false);
  }

  /** Change the query of the address without leaving the page. */
  setQuery(values: Record<string, string | undefined>, options: { push?: boolean } = {}): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined || value === "") query.delete(name);
      else query.set(name, value);
    }
    const search = query.size > 0 ? `?${query}` : "";
    if (options.push) {
      const place = this.#leave();
      this.#key = newKey();
      if (place) places.set(this.#key, place);
      history.pushState({ key: this.#key }, "", location.pathname + search);
    } else {
      history.replaceState({ key: this.#key }, "", location.pathname + search);
    }
    this.query = query;
  }

  back(otherwise = "/"): void {
    if (history.length > 1) history.back();
    else this.go(otherwise, { replace: true });
  }

  /** Return what is remembered of this page, to be filled by lists and read when one comes back. */
  place(): Place {
    let place = places.get(this.#key);
    if (!place) {
      place = { scrollY: 0, lists: {} };
      places.set(this.#key, place);
      if (places.size > placesMax) places.delete(places.keys().next().value!);
    }
    return place;
  }

  /** Called before the page is left, by lists that have something to remember. */
  readonly leaving = new Set<(place: Place) => void>();

  #leave(): Place | undefined {
    const place = this.place();
    place.scrollY = scrollY;
    for (const note of this.leaving) note(place);
    return place;
  }

  async #show(returned: boolean): Promise<void> {
    const turn = (this.#turn += 1);
    const path = location.pathname.length > 1 ? location.pathname.replace(/\/$/, "") : "/";
    this.loading = true;
    this.failed = false;
    for (const route of this.#routes) {
      const match = route.pattern.exec(path);
      if (!match) continue;
      const params: RouteParams = {};
      route.keys.forEach((name, index) => {
        const value = match[index + 1];
        if (value !== undefined) params[name] = decoded(value);
      });
      let component;
      try {
        component = (await route.load()).default;
      } catch {
        if (turn === this.#turn) {
          this.loading = false;
          this.failed = true;
        }
        return;
      }
      if (turn !== this.#turn) return;
      const before = this.current;
      const query = new URLSearchParams(location.search);
      const same =
        before !== undefined && path === this.path && withoutPhoto(query) === withoutPhoto(this.query);
      this.path = path;
      this.query = query;
      this.loading = false;
      // A page stays as it is while photos are opened and closed on it.
      if (same) return;
      this.returned = returned;
      this.current = { route, params, component, key: this.#key };
      await tick();
      if (!returned && before) scrollTo(0, 0);
      // Lists draw their rows in the frames that follow.
      if (returned) await framesPassed(3);
      if (turn === this.#turn) this.#focus(returned, before !== undefined);
      return;
    }
  }

  /** Whoever cannot see the page hears where they are; whoever came back continues at the link they left by. */
  #focus(returned: boolean, moved: boolean): void {
    if (!moved) return;
    const left = returned ? this.place().left : undefined;
    const within = left?.tweet ? `article[data-tweet="${left.tweet}"] ` : "";
    const link =
      left && document.querySelector<HTMLElement>(`main ${within}a[href="${CSS.escape(left.href)}"]`);
    (link ?? document.querySelector<HTMLElement>("main h1"))?.focus({ preventScroll: true });
  }

  #followed(event: MouseEvent): void {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
    if (!this.owns(link.pathname)) return;
    event.preventDefault();
    this.leaveBy(link);
    this.go(link.pathname + link.search);
  }

  /** Remember by which link this page is left. */
  leaveBy(link: HTMLAnchorElement): void {
    const tweet = link.closest<HTMLElement>("article[data-tweet]")?.dataset.tweet;
    this.place().left = { href: link.getAttribute("href") ?? "", tweet };
  }

  /** Tell whether one of our pages has this path. */
  owns(path: string): boolean {
    return this.#routes.some((route) => route.path !== "*" && route.pattern.test(path));
  }
}

/** As `regexparam` compiles it; a parameter may also stand behind an @, as people's names do. */
function compiled(path: string): { keys: string[]; pattern: RegExp } {
  const { keys, pattern } = parse(path.replace("/@:", "/:"));
  const withAt = path.startsWith("/@:") ? new RegExp(pattern.source.replace("(", "@("), "i") : pattern;
  return { keys: keys as string[], pattern: withAt };
}

function restorePlaces(): void {
  const kept = JSON.parse(sessionStorage.getItem(keptPlacesKey) ?? "[]") as [string, Place][];
  sessionStorage.removeItem(keptPlacesKey);
  for (const [key, place] of kept) places.set(key, place);
}

async function framesPassed(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1)
    await new Promise((resolve) => requestAnimationFrame(resolve));
}

function newKey(): string {
  return crypto.randomUUID();
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function withoutPhoto(query: URLSearchParams): string {
  const others = new URLSearchParams(query);
  others.delete("photo");
  return others.toString();
}

export const router = new Router();
