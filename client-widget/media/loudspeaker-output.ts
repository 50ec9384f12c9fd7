/** Through which loudspeaker a page is heard: every `<audio>` of a place, also those that come later. */
export class LoudspeakerOutput {
  readonly #container: HTMLElement;
  readonly #observer = new MutationObserver(() => this.#apply());
  #id: string;

  /** @param id the browser's of the device; empty: as the system has it */
  constructor(container: HTMLElement, id: string) {
    this.#container = container;
    this.#id = id;
    if (LoudspeakerOutput.isSupported) this.#observer.observe(container, { childList: true });
  }

  /** Some browsers leave it to the system alone. */
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
      // One that is unplugged today: the system's own it is.
      audio.setSinkId(this.#id).catch(() => undefined);
    }
  }
}
