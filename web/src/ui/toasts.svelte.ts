/** Short news at the edge of the window: what failed, what was done, and a way back. */
export interface ToastAction {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  text: string;
  action?: ToastAction;
}

const standsMs = 8_000;

class Toasts {
  shown = $state.raw<Toast[]>([]);
  #last = 0;

  add(text: string, action?: ToastAction): void {
    const id = (this.#last += 1);
    // The same news twice is one.
    this.shown = [...this.shown.filter((one) => one.text !== text), { id, text, action }].slice(-3);
    setTimeout(() => this.remove(id), standsMs);
  }

  remove(id: number): void {
    this.shown = this.shown.filter((one) => one.id !== id);
  }
}

export const toasts = new Toasts();

/** Tell something in passing, with something to do about it if there is. */
export function toast(text: string, action?: ToastAction): void {
  toasts.add(text, action);
}
