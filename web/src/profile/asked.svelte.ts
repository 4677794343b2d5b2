/** Which question about somebody is open, if any: it stands over whatever page is shown. */
import type { Account, Tweet } from "../state/entities.svelte.ts";

export type Question =
  | { kind: "mute"; account: Account }
  | { kind: "report"; account: Account; tweet?: Tweet }
  | { kind: "lists"; account: Account };

class Asked {
  now = $state.raw<Question | undefined>(undefined);

  open(question: Question): void {
    this.now = question;
  }

  close(): void {
    this.now = undefined;
  }
}

export const asked = new Asked();
