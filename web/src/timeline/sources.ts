/** The timelines there are, by the name under which each is held. */
import { api, page } from "../api/client.ts";
import type { Tweet } from "../state/entities.svelte.ts";
import { timelineOf, type Timeline } from "../state/timelines.svelte.ts";

export function homeTimeline(): Timeline {
  return timelineOf("home", (params) => page<Tweet>(api().v1.timelines.home.list, params), { kept: true });
}

/** The ranked home: "For you". */
export function rankedTimeline(): Timeline {
  return timelineOf("ranked", (params) =>
    page<Tweet>(api().v1.timelines.home.list, { ...params, order: "ranked" }),
  );
}

export function publicTimeline(): Timeline {
  return timelineOf(
    "public",
    (params) => page<Tweet>(api().v1.timelines.public.list, { ...params, local: true }),
    { kept: true },
  );
}

export function tagTimeline(tag: string): Timeline {
  return timelineOf(`tag:${tag.toLowerCase()}`, (params) =>
    page<Tweet>(api().v1.timelines.tag.$select(tag).list, params),
  );
}

export function listTimeline(id: string): Timeline {
  return timelineOf(`list:${id}`, (params) => page<Tweet>(api().v1.timelines.list.$select(id).list, params));
}

export function bookmarksTimeline(): Timeline {
  return timelineOf("bookmarks", (params) => page<Tweet>(api().v1.bookmarks.list, params), { kept: true });
}

export function favoritesTimeline(): Timeline {
  return timelineOf("favorites", (params) => page<Tweet>(api().v1.favourites.list, params));
}

/** A user's tweets; `filter` as the API takes it, such as `{ only_media: true }`. */
export function userTimeline(accountId: string, name: string, filter: Record<string, unknown>): Timeline {
  return timelineOf(`user:${accountId}:${name}`, (params) =>
    page<Tweet>(api().v1.accounts.$select(accountId).statuses.list, { ...params, ...filter }),
  );
}
