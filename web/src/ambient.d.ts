/// <reference types="svelte" />
declare module "virtual:messages/*" {
  const messages: Record<string, never>;
  export default messages;
}
