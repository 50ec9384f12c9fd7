/** Keeps the screen on while somebody reads. A browser that cannot, or does not want to, lets it go off. */
export class Awake {
  #wanted = false;
  #lock: WakeLockSentinel | undefined;
  /** A page that was hidden has lost its lock. */
  readonly #again = () => void this.#ask();

  set(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted) {
      document.addEventListener('visibilitychange', this.#again);
      void this.#ask();
      return;
    }
    document.removeEventListener('visibilitychange', this.#again);
    this.#release();
  }

  async #ask(): Promise<void> {
    if (document.visibilityState !== 'visible' || (this.#lock && !this.#lock.released)) return;
    try {
      this.#lock = await navigator.wakeLock.request('screen');
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
