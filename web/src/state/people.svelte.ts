/** Lists of people that grow at their end. They hold ids alone, and live on while somebody is elsewhere. */
import type { Page, Params } from "../api/client.ts";
import { sentence } from "../api/errors.ts";
import { entities, type Account } from "./entities.svelte.ts";
import { askStandings } from "./relations.svelte.ts";

export class People {
  ids = $state.raw<string[]>([]);
  loading = $state(false);
  problem = $state("");
  /** Whether the first page has come. */
  begun = $state(false);
  /** Whether there are no more. */
  ended = $state(false);
  #older: Params | undefined;

  constructor(private readonly fetch: (params: Params) => Promise<Page<Account>>) {}

  /** Load the next page. */
  async more(): Promise<void> {
    if (this.loading || this.ended) return;
    this.loading = true;
    this.problem = "";
    try {
      const { items, older } = await this.fetch(this.#older ?? { limit: 40 });
      const ids = entities.mergeAccounts(items);
      await askStandings(ids);
      this.ids = [...new Set([...this.ids, ...ids])];
      this.#older = older;
      this.ended = items.length === 0 || older === undefined;
      this.begun = true;
    } catch (error) {
      this.problem = sentence(error);
    } finally {
      this.loading = false;
    }
  }

  remove(id: string): void {
    this.ids = this.ids.filter((one) => one !== id);
  }

  /** Show somebody on top. */
  prepend(account: Account): void {
    entities.mergeAccount(account);
    this.ids = [account.id, ...this.ids.filter((id) => id !== account.id)];
  }
}

const held = new Map<string, People>();
const heldMax = 20;

/** Return the list of this name: the one that is held for whoever comes back, otherwise a new one. */
export function peopleOf(
  name: string,
  fetch: (params: Params) => Promise<Page<Account>>,
  options: { again: boolean },
): People {
  const known = options.again ? held.get(name) : undefined;
  const people = known ?? new People(fetch);
  held.delete(name);
  held.set(name, people);
  if (held.size > heldMax) held.delete(held.keys().next().value!);
  return people;
}
