/**
 * Decides when ICE is restarted, so that media survives a change of network without joining again: at once when a transport is
 * disconnected, has failed, or receives nothing any more, and again with short pauses until it is connected.
 *
 * Hard requirement: `onGivenUp` is called at most once. It is called when the restarts of 30 s have not connected the transport, when the
 * server refuses a restart (it has closed its end of the transport) or does not answer one (the signalling is lost too: joining again is
 * likelier to work), or when a transport fails that was never connected. With `retriesConnecting` that one is restarted for ever, with
 * longer pauses: a firewall that lets nothing through would let nothing through after joining again either.
 */
import { backoffDelayMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { SignallingError } from './signalling-client.ts';

/** Short, so that sound is back within seconds of the network: a restart in vain costs one request. */
const pauses = { firstMs: 1_000, maxMs: 2_000 };
const MAX_RESTARTING_MS = 30_000;
/** Long: a network that let nothing through at first does so seldom later. */
const connectingPauses = { firstMs: 5_000, maxMs: 30_000 };
/** Most transports are connected within a second. Longer, and people wonder why they hear nothing. */
const CONNECT_WITHIN_MS = 7_000;

interface IceRestartOptions {
  clock: Clock;
  /** Requests new ICE parameters from the server and applies them. A SignallingError means that it refuses, or is not reached. */
  restart(): Promise<void>;
  /** Whether a transport that could not be connected is restarted instead of given up. */
  retriesConnecting: boolean;
  /** Called when a transport has not been connected within 7 s, and when it is. */
  onUnreachable(isUnreachable: boolean): void;
  /** Called when nothing gets through any more on a transport that was connected, and when it does again. */
  onLost(isLost: boolean): void;
  onGivenUp(): void;
}

/**
 * @example
 * const iceRestart = new IceRestart({ clock, retriesConnecting: false, restart, onLost, onUnreachable, onGivenUp: () => room.close() });
 * transport.on('connectionstatechange', (state) => iceRestart.stateChanged(state));
 */
export class IceRestart {
  readonly #options: IceRestartOptions;
  #state = 'new';
  #wasConnected = false;
  /** Nothing is received, although the state may not say so yet. */
  #isSilent = false;
  #isLost = false;
  /** Restarts since the transport was last connected. */
  #restarts = 0;
  #firstRestartMs = 0;
  #isRestarting = false;
  #cancelTimer: (() => void) | undefined;
  #isUnreachable = false;
  #cancelConnectTimeout: (() => void) | undefined;
  #closed = false;

  constructor(options: IceRestartOptions) {
    this.#options = options;
  }

  /** @param state as mediasoup-client's `connectionstatechange` has it */
  stateChanged(state: string): void {
    if (this.#closed) return;
    this.#state = state;
    if (state === 'connected') this.#connected();
    else if (state === 'connecting') this.#awaitConnection();
    else if (state === 'disconnected') this.#startRestarting();
    else if (state === 'failed') this.#failed();
    this.#updateLost();
  }

  /** Nothing has been received for some seconds, or something is received again. */
  silenceChanged(isSilent: boolean): void {
    if (this.#closed || !this.#wasConnected) return;
    this.#isSilent = isSilent;
    if (isSilent) this.#startRestarting();
    else if (this.#state === 'connected') this.#connected();
    this.#updateLost();
  }

  /** The machine is on another network, or online again: a transport that was connected, or could not be, is restarted at once. */
  networkChanged(): void {
    if (this.#closed || this.#isRestarting) return;
    if (this.#wasConnected || this.#isUnreachable) this.#restartNow();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelConnectTimeout?.();
  }

  #awaitConnection(): void {
    if (this.#wasConnected) return;
    this.#cancelConnectTimeout ??= this.#options.clock.after(CONNECT_WITHIN_MS, () => this.#setUnreachable(true));
  }

  #setUnreachable(isUnreachable: boolean): void {
    this.#cancelConnectTimeout?.();
    if (isUnreachable === this.#isUnreachable) return;
    this.#isUnreachable = isUnreachable;
    this.#options.onUnreachable(isUnreachable);
  }

  #connected(): void {
    if (!this.#wasConnected) this.#firstConnected();
    if (this.#isSilent) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#restarts = 0;
  }

  #firstConnected(): void {
    this.#wasConnected = true;
    this.#setUnreachable(false);
    this.#restarts = 0;
  }

  /** Does nothing where restarts are under way: the next one is scheduled already, and its pause gives the network time. */
  #startRestarting(): void {
    if (this.#wasConnected && !this.#isRestarting && this.#restarts === 0) this.#restartNow();
  }

  #failed(): void {
    if (this.#wasConnected) this.#startRestarting();
    else if (this.#options.retriesConnecting) this.#connectLater();
    else this.#giveUp();
  }

  #connectLater(): void {
    this.#setUnreachable(true);
    if (!this.#isRestarting) this.#restartAfter(backoffDelayMs(this.#restarts, connectingPauses));
  }

  #updateLost(): void {
    const isLost = this.#wasConnected && (this.#isSilent || this.#state !== 'connected');
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    this.#options.onLost(isLost);
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
    if (this.#restarts === 0) this.#firstRestartMs = this.#options.clock.now();
    this.#restarts++;
    this.#isRestarting = true;
    const isRefused = await this.#options.restart().then(
      () => false,
      (error: unknown) => error instanceof SignallingError,
    );
    this.#isRestarting = false;
    if (this.#closed) return;
    if (isRefused) this.#giveUp();
    else if (!this.#wasConnected) this.#restarted();
    else if (this.#state === 'connected' && !this.#isSilent) this.#connected();
    else if (this.#options.clock.now() - this.#firstRestartMs > MAX_RESTARTING_MS) this.#giveUp();
    else this.#restartAfter(backoffDelayMs(this.#restarts - 1, pauses));
  }

  /** The state tells whether this attempt to connect for the first time succeeds, unless it has said so meanwhile. */
  #restarted(): void {
    if (this.#state === 'failed') this.#connectLater();
  }

  #giveUp(): void {
    this.close();
    this.#options.onGivenUp();
  }
}
