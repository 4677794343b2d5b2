/** The reader's own lists of people. */
import type { mastodon } from "masto";
import { api } from "../api/client.ts";
import { call } from "../api/raw.ts";

export type List = mastodon.v1.List;

/** The service shows the ranked home as a list to apps that know no other way; here it is a tab of home. */
const rankedHomeId = "1";

/** Return the user's lists, by their names. */
export async function allLists(): Promise<List[]> {
  const lists = await api().v1.lists.list();
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
