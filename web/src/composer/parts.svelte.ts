/** One tweet of what is being written: most are alone, some have others after them as a thread. */
import { session } from "../state/session.svelte.ts";
import { Attachment } from "./attachments.svelte.ts";
import { lengthOf } from "./counting.ts";
import type { KeptPart, PollDraft } from "./drafts.ts";

export class Part {
  text = $state("");
  /** Whether there is a warning before it. */
  warned = $state(false);
  spoiler = $state("");
  sensitive = $state(false);
  poll = $state.raw<PollDraft | undefined>(undefined);
  attachments = $state.raw<Attachment[]>([]);
  nudged = $state(false);
  readonly length = $derived(
    lengthOf(
      (this.warned ? this.spoiler.trim() : "") + this.text.replace(/^\n+|\n+$/g, ""),
      session.instance?.configuration.statuses.charactersReservedPerUrl ?? 23,
    ),
  );
  readonly left = $derived((session.instance?.configuration.statuses.maxCharacters ?? 500) - this.length);
  #idempotencyKey: string;
  #attempt: KeptPart["attempt"];

  constructor(kept: KeptPart, attachments: Attachment[]) {
    // Two windows may write on one draft: only what was under way keeps its key.
    this.#idempotencyKey = kept.attempt ? kept.idempotencyKey : crypto.randomUUID();
    this.#attempt = kept.attempt;
    this.text = kept.text;
    this.warned = kept.spoiler !== undefined;
    this.spoiler = kept.spoiler ?? "";
    this.sensitive = kept.sensitive;
    this.poll = kept.poll;
    this.attachments = attachments;
    this.nudged = kept.nudged;
  }

  /** Take what a draft has kept, with its files. */
  static async restored(kept: KeptPart): Promise<Part> {
    return new Part(kept, await Promise.all(kept.attachments.map((one) => Attachment.restored(one))));
  }

  /** Begin one that follows this: what stands behind a warning goes on behind the same. */
  following(text: string): Part {
    const begun: KeptPart = {
      idempotencyKey: "",
      text,
      sensitive: this.sensitive,
      attachments: [],
      nudged: false,
      ...(this.warned ? { spoiler: this.spoiler } : {}),
    };
    return new Part(begun, []);
  }

  /** Whether it says and shows nothing; a warning may say all there is. */
  get empty(): boolean {
    return this.blank && this.spoiler.trim() === "";
  }

  /** Whether there is nothing behind its warning, if it has one. */
  get blank(): boolean {
    return this.text.trim() === "" && this.attachments.length === 0 && !this.poll;
  }

  /** Whether the server would take it, as far as can be told from here. */
  get fits(): boolean {
    const choices = this.poll?.options.map((one) => one.trim()).filter(Boolean);
    return (
      this.left >= 0 &&
      (!choices || new Set(choices).size >= 2) &&
      this.attachments.every((one) => one.stage !== "failed")
    );
  }

  kept(): KeptPart {
    return {
      idempotencyKey: this.#idempotencyKey,
      attempt: this.#attempt,
      text: this.text,
      spoiler: this.warned ? this.spoiler : undefined,
      sensitive: this.sensitive,
      poll: this.poll,
      attachments: this.attachments.map((one) => one.kept()),
      nudged: this.nudged,
    };
  }

  /** Note that it is sent now; what says something else than what was sent before is something else. */
  attempt(content: string): void {
    const known = this.#attempt;
    if (known && known.content !== content) this.#idempotencyKey = crypto.randomUUID();
    this.#attempt = known?.content === content ? known : { ms: Date.now(), content };
  }

  /** The server has said no: nothing of it is there. */
  refused(): void {
    this.#attempt = undefined;
  }
}
