/** What was written near a point. */
import { api, page, type Page, type Params } from "../api/client.ts";
import type { Tweet } from "../state/entities.svelte.ts";
import { timelineOf, type Timeline } from "../state/timelines.svelte.ts";

export interface Point {
  latitude: number;
  longitude: number;
}

/** How far around a point one may look, in kilometres. */
export const radii = [1, 5, 20, 100] as const;
const radiusUsual = 5;

/** Return the point in an address, if there is one on this earth. */
export function pointIn(query: URLSearchParams): Point | undefined {
  const latitude = Number.parseFloat(query.get("lat") ?? "");
  const longitude = Number.parseFloat(query.get("lon") ?? "");
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
  return { latitude, longitude };
}

/** Return the radius in an address, in kilometres. */
export function radiusIn(query: URLSearchParams): number {
  const wanted = Number(query.get("radius"));
  return radii.find((one) => one === wanted) ?? radiusUsual;
}

export function nearbyTimeline({ latitude, longitude }: Point, radius: number): Timeline {
  return timelineOf(`nearby:${latitude},${longitude},${radius}`, (params) =>
    nearby({ ...params, lat: latitude, lon: longitude, radius }),
  );
}

// `masto` does not know the timeline, but asks for whatever stands below `timelines`.
function nearby(params: Params): Promise<Page<Tweet>> {
  const timelines = api().v1.timelines as unknown as { nearby: { list: unknown } };
  return page<Tweet>(timelines.nearby.list, params);
}
