/** Which photo is looked at in full: it stands in the address, so that going back closes it. */
import { router } from "../router/router.svelte.ts";

/** From where the photo was opened; nothing when the page came with it. */
let opener: HTMLElement | undefined;

/** Look at a photo of a tweet; `index` counts from 0. `from` is what was pressed, and gets the focus back. */
export function openPhoto(tweetId: string, index: number, from: HTMLElement): void {
  opener = from;
  router.setQuery({ photo: `${tweetId}.${index + 1}` }, { push: true });
}

/** Return what was pressed to open the photo that is shown. */
export function openedFrom(): HTMLElement | undefined {
  return opener?.isConnected ? opener : undefined;
}

/** Show another photo of the same tweet. */
export function turnTo(tweetId: string, index: number): void {
  router.setQuery({ photo: `${tweetId}.${index + 1}` });
}

/** Close the photo: one goes back to where it was opened, or takes it out of the address. */
export function closePhoto(): void {
  // The address itself: while a component is taken down the router still tells of what was before.
  if (!new URLSearchParams(location.search).has("photo")) return;
  if (opener) history.back();
  else router.setQuery({ photo: undefined });
}

export function forgetOpener(): void {
  opener = undefined;
}

/** Return the tweet and the index (from 0) of the photo in the address. */
export function photoIn(query: URLSearchParams): { tweetId: string; index: number } | undefined {
  const match = /^(\d+)\.(\d+)$/.exec(query.get("photo") ?? "");
  return match ? { tweetId: match[1]!, index: Math.max(0, Number(match[2]) - 1) } : undefined;
}
