/** The reader's own lists of people. */
import type { mastodon } from "masto";
import { api } from "../api/client.ts";
import { call } from "../api/raw.ts";
import { preferences } from "../state/preferences.svelte.ts";

export type List = mastodon.v1.List;

/** The service shows the ranked home as a list to apps that know no other way; here it is a tab of home. */
const rankedHomeId = "1";

/** Return the user's lists, by their names. */
export async function allLists(): Promise<List[]> {
  const lists = await api().v1.lists.list();
  lists.forEach(remember);
  return lists.filter((one) => one.id !== rankedHomeId).sort((a, b) => a.title.localeCompare(b.title));
}

export async function addToList(listId: string, accountId: string): Promise<void> {
  await api()
    .v1.lists.$select(listId)
    .accounts.create({ accountIds: [accountId] });
}

export async function removeFromList(listId: string, accountId: string): Promise<void> {
  await call("DELETE", `/api/v1/lists/${listId}/accounts?account_ids[]=${accountId}`);
}

const known = new Map<string, List>();

/** Keep a list as the server told it last. */
export function remember(list: List): List {
  known.set(list.id, list);
  const pinned = preferences.get("homeLists");
  if (pinned.some((one) => one.id === list.id && one.title !== list.title))
    preferences.set(
      "homeLists",
      pinned.map((one) => (one.id === list.id ? { id: list.id, title: list.title } : one)),
    );
  return list;
}

/** Return a list as the server told it last, if it did. */
export function knownList(id: string): List | undefined {
  return known.get(id);
}

/** Make a list a tab of home. */
export function pinList({ id, title }: List): void {
  preferences.set("homeLists", [
    ...preferences.get("homeLists").filter((one) => one.id !== id),
    { id, title },
  ]);
}

export function unpinList(id: string): void {
  preferences.set(
    "homeLists",
    preferences.get("homeLists").filter((one) => one.id !== id),
  );
  if (preferences.get("homeTab") === `list:${id}`) preferences.set("homeTab", "newest");
}
