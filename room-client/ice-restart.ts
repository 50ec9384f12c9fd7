/**
 * Decides when ICE is restarted, so that media survives a change of network without joining again: a transport that has been
 * disconnected for 2 s is restarted, and again with a doubling pause while it stays so. After 4 restarts that did not connect it,
 * `onGivenUp` is called, once.
 */
import { backoffDelayMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';

/** A disconnection that mends by itself needs no restart. */
const DISCONNECTED_MS = 2_000;
const MAX_RESTARTS = 4;
const LONGEST_PAUSE_MS = 8_000;

export interface IceRestartOptions {
  clock: Clock;
  /** Asks the server for new ICE parameters and applies them. */
  restart(): Promise<void>;
  onGivenUp(): void;
}

/**
 * @example
 * const iceRestart = new IceRestart({ clock, restart, onGivenUp: () => room.close() });
 * transport.on('connectionstatechange', (state) => iceRestart.stateChanged(state));
 */
export class IceRestart {
  readonly #options: IceRestartOptions;
  #state = 'new';
  #restarts = 0;
  #isRestarting = false;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: IceRestartOptions) {
    this.#options = options;
  }

  /** @param state as mediasoup-client's `connectionstatechange` has it */
  stateChanged(state: string): void {
    if (this.#closed) return;
    this.#state = state;
    if (state === 'connected') this.#connected();
    else if (state === 'disconnected' && !this.#isRestarting) this.#restartAfter(DISCONNECTED_MS);
  }

  /** The machine is on another network, or online again: a transport that was connected is restarted at once. */
  networkChanged(): void {
    if (this.#closed || this.#isRestarting || this.#state === 'new') return;
    if (this.#state === 'connecting' && this.#restarts === 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    void this.#restart();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  #connected(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#restarts = 0;
  }

  #restartAfter(ms: number): void {
    this.#cancelTimer ??= this.#options.clock.after(ms, () => {
      this.#cancelTimer = undefined;
      void this.#restart();
    });
  }

  async #restart(): Promise<void> {
    if (this.#restarts === MAX_RESTARTS) {
      this.close();
      this.#options.onGivenUp();
      return;
    }
    this.#restarts++;
    this.#isRestarting = true;
    // A restart that fails leaves the transport as it was, and is tried again.
    await this.#options.restart().catch(() => undefined);
    this.#isRestarting = false;
    if (this.#closed) return;
    if (this.#state === 'connected') this.#connected();
    else this.#restartAfter(backoffDelayMs(this.#restarts - 1, { firstMs: DISCONNECTED_MS, maxMs: LONGEST_PAUSE_MS }));
  }
}
