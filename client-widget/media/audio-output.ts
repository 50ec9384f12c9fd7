/** Through which loudspeaker a page is heard: every `<audio>` of a place, also those that come later. */
export class Output {
  readonly #place: HTMLElement;
  readonly #observer = new MutationObserver(() => this.#follow());
  #id: string;

  /** @param id the browser's of the device; empty: as the system has it */
  constructor(place: HTMLElement, id: string) {
    this.#place = place;
    this.#id = id;
    if (Output.possible) this.#observer.observe(place, { childList: true });
  }

  /** Some browsers leave it to the system alone. */
  static get possible(): boolean {
    return 'setSinkId' in HTMLMediaElement.prototype;
  }

  get id(): string {
    return this.#id;
  }

  choose(id: string): void {
    this.#id = id;
    this.#follow();
  }

  close(): void {
    this.#observer.disconnect();
  }

  #follow(): void {
    for (const audio of this.#place.querySelectorAll(':scope > audio')) {
      if (!(audio instanceof HTMLAudioElement) || audio.sinkId === this.#id) continue;
      // One that is unplugged today: the system's own it is.
      audio.setSinkId(this.#id).catch(() => undefined);
    }
  }
}
