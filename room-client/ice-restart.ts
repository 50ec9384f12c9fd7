/**
 * Decides when ICE is restarted, so that media survives a change of network without joining again: a transport is restarted 2 s after it
 * was disconnected, or at once when it has failed, and again with a doubling pause until it is connected.
 *
 * Hard requirement: `onGivenUp` is called at most once. It is called when 4 restarts, or those of 30 s, have not connected the transport,
 * when the server refuses a restart (it has closed its end of the transport), or when a transport fails that was never connected.
 */
import { backoffDelayMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { SignallingError } from './signalling-client.ts';

/** Most disconnections are shorter and end without a restart. */
const DISCONNECTED_MS = 2_000;
const MAX_RESTARTS = 4;
const LONGEST_PAUSE_MS = 8_000;
/** A server that answers nothing makes each restart last 15 s. Joining again is likelier to work then than further restarts. */
const MAX_RESTARTING_MS = 30_000;

interface IceRestartOptions {
  clock: Clock;
  /** Requests new ICE parameters from the server and applies them. A SignallingError of the server's means that it refuses. */
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
  #wasConnected = false;
  /** Restarts since the transport was last connected. */
  #restarts = 0;
  #firstRestartMs = 0;
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
    else if (state === 'failed') this.#failed();
  }

  /** The machine is on another network, or online again: a transport that was connected is restarted at once. */
  networkChanged(): void {
    if (this.#closed || this.#isRestarting || this.#state === 'new') return;
    if (this.#state === 'connecting' && this.#restarts === 0) return;
    this.#restartNow();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  #connected(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#wasConnected = true;
    this.#restarts = 0;
  }

  #failed(): void {
    if (!this.#wasConnected) this.#giveUp();
    else if (this.#isRestarting) return;
    else if (this.#restarts === MAX_RESTARTS) this.#giveUp();
    // After the first restart the next one is scheduled already, and its pause gives the network time.
    else if (this.#restarts === 0) this.#restartNow();
  }

  #restartNow(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    void this.#restart();
  }

  #restartAfter(ms: number): void {
    this.#cancelTimer ??= this.#options.clock.after(ms, () => {
      this.#cancelTimer = undefined;
      void this.#restart();
    });
  }

  async #restart(): Promise<void> {
    if (this.#restarts === MAX_RESTARTS) {
      this.#giveUp();
      return;
    }
    if (this.#restarts === 0) this.#firstRestartMs = this.#options.clock.now();
    this.#restarts++;
    this.#isRestarting = true;
    const isRefused = await this.#options.restart().then(() => false, isRefusal);
    this.#isRestarting = false;
    if (this.#closed) return;
    if (isRefused) this.#giveUp();
    else if (this.#state === 'connected') this.#connected();
    else if (this.#options.clock.now() - this.#firstRestartMs > MAX_RESTARTING_MS) this.#giveUp();
    else this.#restartAfter(backoffDelayMs(this.#restarts - 1, { firstMs: DISCONNECTED_MS, maxMs: LONGEST_PAUSE_MS }));
  }

  #giveUp(): void {
    this.close();
    this.#options.onGivenUp();
  }
}

/** A request that was not answered in time may be answered later; one that the server refuses is refused for good. */
const isRefusal = (error: unknown): boolean => error instanceof SignallingError && error.code !== 'timeout';
