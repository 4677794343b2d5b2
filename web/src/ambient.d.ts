/// <reference types="svelte" />
declare module "virtual:messages/*" {
  const messages: Record<string, never>;
  export default messages;
}

/** Of the worker's build: the client's page, and the files that are kept with it. */
declare module "virtual:client" {
  export const page: string;
  export const files: string[];
}
