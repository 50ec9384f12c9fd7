/** Keeps the screen on while somebody reads. A browser that cannot, or does not want to, lets it go off. */
export class WakeLock {
  #wanted = false;
  #lock: WakeLockSentinel | undefined;
  /** A page that was hidden has lost its lock. */
  readonly #reacquire = () => void this.#acquire();

  set(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    document[wanted ? 'addEventListener' : 'removeEventListener']('visibilitychange', this.#reacquire);
    if (wanted) void this.#acquire();
    else this.#release();
  }

  async #acquire(): Promise<void> {
    if (document.hidden || this.#lock?.released === false) return;
    try {
      this.#lock = await navigator.wakeLock.request();
      if (!this.#wanted) this.#release();
    } catch {
      // An empty battery, a frame that may not, a browser that has no such thing.
    }
  }

  #release(): void {
    this.#lock?.release().catch(() => undefined);
    this.#lock = undefined;
  }
}
