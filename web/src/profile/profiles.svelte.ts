/** Profiles as they were last seen: whoever comes back finds each as high as it was left, at once. */
import { api, page } from "../api/client.ts";
import { sentence, statusOf } from "../api/errors.ts";
import { entities, type Account, type Tweet } from "../state/entities.svelte.ts";
import { refreshStanding } from "../state/relations.svelte.ts";
import { session } from "../state/session.svelte.ts";

export class Profile {
  /** Empty until it is known who goes by the name. */
  accountId = $state("");
  pinned = $state.raw<string[]>([]);
  /** Those whom the viewer follows who follow this one too. */
  familiar = $state.raw<Account[]>([]);
  /** Whether everything around the tweets has come. */
  complete = $state(false);
  gone = $state(false);
  problem = $state("");

  constructor(readonly name: string) {
    const known = entities.accountNamed(name);
    if (known) this.accountId = known.id;
  }

  /** Ask who this is; what is known is shown meanwhile. */
  async load(): Promise<void> {
    this.problem = "";
    try {
      const account = await api().v1.accounts.lookup({ acct: this.name });
      entities.mergeAccount(account);
      this.accountId = account.id;
      await Promise.allSettled([
        refreshStanding(account.id),
        this.#loadPinned(account.id),
        this.#loadFamiliar(account.id),
      ]);
      this.complete = true;
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 410) this.gone = true;
      else this.problem = sentence(error);
    }
  }

  async #loadPinned(id: string): Promise<void> {
    const { items } = await page<Tweet>(api().v1.accounts.$select(id).statuses.list, { pinned: true });
    this.pinned = entities.mergeTweets(items);
  }

  async #loadFamiliar(id: string): Promise<void> {
    if (!session.signedIn || id === session.account?.id) return;
    const asked = { id: [id] } as unknown as string[];
    const [answer] = await api().v1.accounts.familiarFollowers.fetch(asked);
    this.familiar = answer?.accounts ?? [];
  }
}

const profiles = new Map<string, Profile>();
const heldMax = 20;

/** Return the profile of whoever goes by this name (without the @). */
export function profileOf(name: string): Profile {
  const key = name.toLowerCase();
  let profile = profiles.get(key);
  if (!profile || profile.gone) profile = new Profile(name);
  profiles.delete(key);
  profiles.set(key, profile);
  if (profiles.size > heldMax) profiles.delete(profiles.keys().next().value!);
  return profile;
}
