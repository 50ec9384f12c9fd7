/**
 * Decides whether datagrams from the peer still arrive, and asks for one where the connection is silent.
 *
 * Hard requirement: a connection that is silent but healthy is never reported as lost. A second without a datagram is answered with a
 * connectivity check, and only three such seconds in a row mean that the path is lost. Whole seconds are counted on purpose: while the
 * event loop is blocked, datagrams wait in the socket, and a blocked second is counted once, however long it took.
 */
import { type Clock, every } from '../time/clock.ts';

const CHECK_INTERVAL_MS = 1_000;
/** Intervals without a datagram after which the path is lost: 3 to 4 s after the last datagram. */
const LOST_AFTER_INTERVALS = 3;

interface ConnectivityEvents {
  /** Sends a request that the peer answers. */
  sendCheck(): void;
  /** Called once for each loss. */
  onLost(): void;
  /** Called when a datagram arrives after a loss. */
  onRestored(): void;
}

/**
 * @example
 * const monitor = new ConnectivityMonitor(clock, { sendCheck, onLost, onRestored });
 * monitor.start();
 * socket.on('message', () => monitor.received());
 */
export class ConnectivityMonitor {
  readonly #clock: Clock;
  readonly #events: ConnectivityEvents;
  #hasReceived = false;
  #silentIntervals = 0;
  #stop: (() => void) | undefined;

  constructor(clock: Clock, events: ConnectivityEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  start(): void {
    this.#stop ??= every(this.#clock, CHECK_INTERVAL_MS, () => this.#check());
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** A datagram has arrived from the peer. */
  received(): void {
    const wasLost = this.#silentIntervals >= LOST_AFTER_INTERVALS;
    this.#hasReceived = true;
    this.#silentIntervals = 0;
    if (wasLost) this.#events.onRestored();
  }

  #check(): void {
    const isSilent = !this.#hasReceived;
    this.#hasReceived = false;
    if (!isSilent) return;
    this.#silentIntervals++;
    if (this.#silentIntervals === LOST_AFTER_INTERVALS) this.#events.onLost();
    this.#events.sendCheck();
  }
}
