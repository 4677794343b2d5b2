/** A dialog over whatever page is shown, opened from a menu that is gone by then. */
import type { Component } from "svelte";

interface Shown {
  load: () => Promise<{ default: Component<any> }>;
  props: Record<string, unknown>;
}

class Dialogs {
  shown = $state.raw<Shown | undefined>(undefined);

  /** Open a dialog; its component is given the props, and `onclose` to be called when it is closed. */
  open(load: Shown["load"], props: Record<string, unknown> = {}): void {
    this.shown = { load, props };
  }

  close(): void {
    this.shown = undefined;
  }
}

export const dialogs = new Dialogs();
