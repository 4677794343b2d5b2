/** Which photo is looked at in full: it stands in the address, so that going back closes it. */
import { router } from "../router/router.svelte.ts";

/** Look at a photo of a tweet; `index` counts from 0. */
export function openPhoto(tweetId: string, index: number): void {
  router.setQuery({ photo: `${tweetId}.${index + 1}` }, { push: true });
}
