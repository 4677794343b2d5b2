/** What is being written, if anything: the composer opens over whatever page is shown. */
export type Visibility = "public" | "unlisted" | "private" | "direct";

export type Writing =
  | { kind: "new"; text?: string; visibility?: Visibility }
  | { kind: "reply"; id: string }
  | { kind: "quote"; id: string }
  | { kind: "edit"; id: string }
  /** A draft that is kept on this device already, under this key. */
  | { kind: "kept"; key: string };

class Compose {
  writing = $state.raw<Writing | undefined>(undefined);
  /** Grows when drafts have changed: for the page that lists them. */
  changes = $state(0);

  open(writing: Writing): void {
    this.writing = writing;
  }

  close(): void {
    this.writing = undefined;
  }
}

export const compose = new Compose();
