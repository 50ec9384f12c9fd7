/** Plays every `<audio>` element of a container through the chosen loudspeaker, including elements added later. */
export class LoudspeakerOutput {
  readonly #container: HTMLElement;
  readonly #observer = new MutationObserver(() => this.#apply());
  #id: string;

  /** @param id the browser's id of the loudspeaker; empty: the system's default */
  constructor(container: HTMLElement, id: string) {
    this.#container = container;
    this.#id = id;
    if (LoudspeakerOutput.isSupported) this.#observer.observe(container, { childList: true });
  }

  /** False in browsers that let only the system choose the loudspeaker. */
  static get isSupported(): boolean {
    return 'setSinkId' in HTMLMediaElement.prototype;
  }

  get id(): string {
    return this.#id;
  }

  select(id: string): void {
    this.#id = id;
    this.#apply();
  }

  close(): void {
    this.#observer.disconnect();
  }

  #apply(): void {
    for (const audio of this.#container.querySelectorAll(':scope > audio')) {
      if (!(audio instanceof HTMLAudioElement) || audio.sinkId === this.#id) continue;
      // A loudspeaker that is unplugged is replaced by the system's default.
      audio.setSinkId(this.#id).catch(() => undefined);
    }
  }
}
