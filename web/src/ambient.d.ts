/// <reference types="svelte" />
declare module "virtual:messages/*" {
  const messages: Record<string, never>;
  export default messages;
}

/** Of the worker's build: the client's page, the files that are kept with it, and what is said of each kind of
 * notification, by language. */
declare module "virtual:client" {
  export const page: string;
  export const files: string[];
  export const titles: Record<string, Record<string, string>>;
}

declare module "virtual:emojis/*" {
  /** The emojis of each group: each with its name, and more words that it is found by. */
  const groups: [emoji: string, name: string, words: string][][];
  export default groups;
}
