/** Photos and videos of what is being written: each is sent at once, and described meanwhile. */
import { Failure, sentence, statusOf } from "../api/errors.ts";
import { call } from "../api/raw.ts";
import { t } from "../i18n/i18n.ts";
import { session } from "../state/session.svelte.ts";
import { drafts, type KeptAttachment, type MediaKind } from "./drafts.ts";
import { send, whenReady, type Uploaded } from "./uploading.ts";

export type Stage = "sending" | "converting" | "ready" | "failed";

export class Attachment {
  readonly key: string;
  readonly name: string;
  /** Whether the tweet that is being edited shows it already. */
  readonly attached: boolean;
  id = $state("");
  kind = $state<MediaKind>("unknown");
  stage = $state<Stage>("sending");
  /** How much of the file was sent, from 0 to 1. */
  progress = $state(0);
  problem = $state("");
  description = $state("");
  focus = $state.raw<[x: number, y: number]>([0, 0]);
  /** The address of a small picture of it. */
  preview = $state("");
  #file: Blob | undefined;
  #cancel = new AbortController();
  #settled: Promise<void> = Promise.resolve();

  constructor(kept: KeptAttachment, file?: Blob) {
    this.key = kept.key;
    this.name = kept.name;
    this.attached = kept.attached ?? false;
    if (this.attached) this.stage = "ready";
    this.id = kept.id;
    this.kind = kept.kind;
    this.description = kept.description;
    this.focus = kept.focus;
    this.preview = kept.preview;
    this.#file = file;
    if (file && kept.kind !== "audio") this.preview = URL.createObjectURL(file);
  }

  /** Take a file that was picked, dropped or pasted. */
  static of(file: File): Attachment {
    const kind = (file.type.split("/")[0] ?? "") as MediaKind;
    const attachment = new Attachment(
      {
        key: crypto.randomUUID(),
        id: "",
        kind: ["image", "video", "audio"].includes(kind) ? kind : "unknown",
        name: file.name,
        description: "",
        focus: [0, 0],
        preview: "",
      },
      file,
    );
    void drafts.keepFile(attachment.key, file);
    return attachment;
  }

  /** Take what a draft has kept: what was not sent is sent now. */
  static async restored(kept: KeptAttachment): Promise<Attachment> {
    return new Attachment({ ...kept }, kept.id ? undefined : await drafts.file(kept.key));
  }

  get isPicture(): boolean {
    return this.kind === "image" || this.kind === "gifv";
  }

  /** Send the file, or what is left of sending it. */
  start(): void {
    if (this.attached) return;
    this.#cancel = new AbortController();
    this.problem = "";
    this.stage = this.id ? "converting" : "sending";
    this.#settled = this.#run(this.#cancel.signal);
  }

  /** Wait until it can be shown; false when it cannot. */
  async settled(): Promise<boolean> {
    await this.#settled;
    return this.stage === "ready";
  }

  /** Send no more of it, and forget it here and on the server. */
  remove(): void {
    this.#cancel.abort();
    void drafts.removeFile(this.key);
    if (this.preview.startsWith("blob:")) URL.revokeObjectURL(this.preview);
    if (this.id && !this.attached) void call("DELETE", `/api/v1/media/${this.id}`).catch(() => undefined);
  }

  /** Let go of what holds memory and connections; what is kept stays. */
  leave(): void {
    this.#cancel.abort();
    if (this.preview.startsWith("blob:")) URL.revokeObjectURL(this.preview);
  }

  kept(): KeptAttachment {
    return {
      key: this.key,
      id: this.id,
      kind: this.kind,
      name: this.name,
      description: this.description,
      focus: this.focus,
      preview: this.preview.startsWith("blob:") ? "" : this.preview,
      ...(this.attached ? { attached: true } : {}),
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      if (!this.id) {
        if (!this.#file) throw new Failure(422, t("composer.media.lost"));
        this.#take(await send(this.#file, this.name, (fraction) => (this.progress = fraction), signal));
      }
      this.stage = "converting";
      this.#take(await this.#ready(signal));
      this.stage = "ready";
    } catch (error) {
      if (signal.aborted) return;
      this.problem = sentence(error);
      this.stage = "failed";
    }
  }

  /** The server lets go of uploads that no tweet shows for a day: then the file is sent anew. */
  async #ready(signal: AbortSignal): Promise<Uploaded> {
    try {
      return await whenReady(this.id, signal);
    } catch (error) {
      this.#file ??= await drafts.file(this.key);
      if (statusOf(error) !== 404 || !this.#file) throw error;
      this.id = "";
      this.stage = "sending";
      this.#take(await send(this.#file, this.name, (fraction) => (this.progress = fraction), signal));
      return await whenReady(this.id, signal);
    }
  }

  #take(uploaded: Uploaded): void {
    this.id = uploaded.id;
    this.kind = uploaded.type;
    if (uploaded.preview_url && !this.preview) this.preview = uploaded.preview_url;
  }
}

/** Return why a file cannot be sent, or nothing. */
export function refusalOf(file: File): string {
  const limits = session.instance?.configuration.mediaAttachments;
  if (!limits) return "";
  if (file.type && !limits.supportedMimeTypes.includes(file.type))
    return t("composer.media.kind", { name: file.name });
  const most = file.type.startsWith("image/") ? limits.imageSizeLimit : limits.videoSizeLimit;
  if (file.size > most)
    return t("composer.media.size", { name: file.name, megabytes: Math.floor(most / 1_048_576) });
  return "";
}
