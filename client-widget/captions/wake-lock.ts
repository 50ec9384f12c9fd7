interface PolicyOfPage {
  allowsFeature(feature: string): boolean;
}

/** Whether the page may keep the screen on. A frame may not, unless its page says `allow="screen-wake-lock"`: asking would be logged as an error. */
const isAllowed = (): boolean =>
  (document as { featurePolicy?: PolicyOfPage }).featurePolicy?.allowsFeature('screen-wake-lock') ?? true;

/** Keeps the screen on while somebody reads, where the browser can. Without wake locks the screen goes off as usual. */
export class WakeLock {
  #wanted = false;
  #lock: WakeLockSentinel | undefined;
  /** Acquires the lock again when the page becomes visible, because hiding a page releases it. */
  readonly #reacquire = () => void this.#acquire();

  set(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    document[wanted ? 'addEventListener' : 'removeEventListener']('visibilitychange', this.#reacquire);
    if (wanted) void this.#acquire();
    else this.#release();
  }

  async #acquire(): Promise<void> {
    if (document.hidden || this.#lock?.released === false || !isAllowed()) return;
    try {
      this.#lock = await navigator.wakeLock.request();
      if (!this.#wanted) this.#release();
    } catch {
      // The browser refuses on a low battery or in some frames, or has no wake locks.
    }
  }

  #release(): void {
    this.#lock?.release().catch(() => undefined);
    this.#lock = undefined;
  }
}
