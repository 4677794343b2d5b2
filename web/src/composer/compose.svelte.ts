/** What is being written, if anything: the composer opens over whatever page is shown. */
export type Writing =
  | { kind: "new"; text?: string; visibility?: "public" | "unlisted" | "private" | "direct" }
  | { kind: "reply"; id: string }
  | { kind: "quote"; id: string }
  | { kind: "edit"; id: string };

class Compose {
  writing = $state.raw<Writing | undefined>(undefined);

  open(writing: Writing): void {
    this.writing = writing;
  }

  close(): void {
    this.writing = undefined;
  }
}

export const compose = new Compose();
