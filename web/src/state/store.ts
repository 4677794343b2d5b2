/** This device's own database (IndexedDB), apart for each user: drafts, the outbox, and what was read last. */
import { openDB, type IDBPDatabase } from "idb";
import { session } from "./session.svelte.ts";

/** The kinds of things that are kept. */
export type Shelf = "drafts" | "outbox" | "pages";

/** Beside drafts their files lie on the same shelf, and messages begun, each a mere text. */
export const filePrefix = "file:";
export const messagePrefix = "conversation:";

const shelves: Shelf[] = ["drafts", "outbox", "pages"];
const opened = new Map<string, Promise<IDBPDatabase>>();

function database(): Promise<IDBPDatabase> {
  const name = `rookery-${session.account?.id ?? "stranger"}`;
  let one = opened.get(name);
  if (!one) {
    one = openDB(name, 1, {
      upgrade(db) {
        for (const shelf of shelves) db.createObjectStore(shelf);
      },
    });
    opened.set(name, one);
  }
  return one;
}

// Some browsers refuse a database in private windows: then nothing is kept, and everything else works.
async function ifPossible<T>(work: (db: IDBPDatabase) => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work(await database());
  } catch {
    return otherwise;
  }
}

export const store = {
  get: <T>(shelf: Shelf, key: string): Promise<T | undefined> =>
    ifPossible((db) => db.get(shelf, key) as Promise<T | undefined>, undefined),
  /** Keep something; tell whether this device could. */
  set: (shelf: Shelf, key: string, value: unknown): Promise<boolean> =>
    ifPossible(async (db) => {
      await db.put(shelf, value, key);
      return true;
    }, false),
  remove: (shelf: Shelf, key: string): Promise<void> => ifPossible((db) => db.delete(shelf, key), undefined),
  entries: <T>(shelf: Shelf): Promise<[string, T][]> =>
    ifPossible(async (db) => {
      // In one transaction: nothing may come or go between the keys and what they stand for.
      const { store: all } = db.transaction(shelf);
      const [keys, values] = await Promise.all([all.getAllKeys(), all.getAll() as Promise<T[]>]);
      return keys.map((key, index) => [key as string, values[index] as T]);
    }, []),
  /** Forget everything that was kept for the user. */
  forget: (): Promise<void> =>
    ifPossible(async (db) => void (await Promise.all(shelves.map((shelf) => db.clear(shelf)))), undefined),
};
