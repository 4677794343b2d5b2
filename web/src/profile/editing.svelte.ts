/** What somebody writes about themselves, kept while they look elsewhere, until it is saved. */
import type { mastodon } from "masto";
import { api } from "../api/client.ts";
import { call } from "../api/raw.ts";
import { entities } from "../state/entities.svelte.ts";
import { session } from "../state/session.svelte.ts";

export type Picture = "avatar" | "header";

interface Limits {
  maxDisplayNameLength?: number;
  maxNoteLength?: number;
  maxProfileFields?: number;
  profileFieldNameLimit?: number;
  profileFieldValueLimit?: number;
}

/** Return how long everything may be, as the server says. */
export function limits(): Required<Limits> {
  const told = session.instance?.configuration.accounts as Limits | undefined;
  return {
    maxDisplayNameLength: 30,
    maxNoteLength: 500,
    maxProfileFields: 4,
    profileFieldNameLimit: 255,
    profileFieldValueLimit: 255,
    ...told,
  };
}

class Editing {
  /** Whether what the server has is known. */
  begun = $state(false);
  changed = $state(false);
  displayName = $state("");
  note = $state("");
  fields = $state<{ name: string; value: string }[]>([]);
  locked = $state(false);
  bot = $state(false);
  discoverable = $state(false);
  /** Pictures that were chosen, and their addresses to show them by. */
  chosen = $state.raw<Partial<Record<Picture, { file: File; url: string }>>>({});
  /** Pictures that are to go. */
  removed = $state.raw<Partial<Record<Picture, boolean>>>({});

  /** Ask what the profile says now, unless something was changed already. Throws what the server says. */
  async begin(): Promise<void> {
    if (this.begun && this.changed) return;
    this.#take(await api().v1.accounts.verifyCredentials());
  }

  #take(account: mastodon.v1.CredentialAccount): void {
    session.keepAccount(account);
    entities.mergeAccount(account);
    this.displayName = account.displayName;
    this.note = account.source.note;
    this.fields = account.source.fields.map(({ name, value }) => ({ name, value }));
    this.locked = account.locked;
    this.bot = account.bot;
    this.discoverable = account.discoverable ?? false;
    this.#forgetPictures();
    this.begun = true;
    this.changed = false;
  }

  choose(which: Picture, file: File): void {
    this.#forget(which);
    this.chosen = { ...this.chosen, [which]: { file, url: URL.createObjectURL(file) } };
    this.removed = { ...this.removed, [which]: false };
    this.changed = true;
  }

  remove(which: Picture): void {
    this.#forget(which);
    this.removed = { ...this.removed, [which]: true };
    this.changed = true;
  }

  #forget(which: Picture): void {
    const { [which]: gone, ...others } = this.chosen;
    if (gone) URL.revokeObjectURL(gone.url);
    this.chosen = others;
  }

  #forgetPictures(): void {
    this.#forget("avatar");
    this.#forget("header");
    this.removed = {};
  }

  /** Save everything. Throws what the server says. */
  async save(): Promise<void> {
    for (const which of ["avatar", "header"] as const)
      if (this.removed[which]) await call("DELETE", `/api/v1/profile/${which}`);
    const form = new FormData();
    form.set("display_name", this.displayName);
    form.set("note", this.note);
    for (const name of ["locked", "bot", "discoverable"] as const) form.set(name, String(this[name]));
    const rows = this.fields.filter((one) => one.name.trim() || one.value.trim());
    // An empty row takes the last one away.
    (rows.length > 0 ? rows : [{ name: "", value: "" }]).forEach(({ name, value }, index) => {
      form.set(`fields_attributes[${index}][name]`, name);
      form.set(`fields_attributes[${index}][value]`, value);
    });
    for (const [which, picture] of Object.entries(this.chosen)) form.set(which, picture.file);
    await call("PATCH", "/api/v1/accounts/update_credentials", form);
    this.#take(await api().v1.accounts.verifyCredentials());
  }

  /** Forget what was changed. */
  async discard(): Promise<void> {
    this.changed = false;
    await this.begin();
  }
}

export const editing = new Editing();
