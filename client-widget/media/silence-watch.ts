/**
 * Notices within 3 to 4 s that a browser's transport receives nothing any more. The browser itself says `disconnected` 5 to 7 s after the
 * last packet, and `failed` after 15.
 *
 * Hard requirement: a transport on which nobody sends anything is never called silent. The browser checks such a path every 2.5 s, and
 * the answers count. Browsers that do not count them (Firefox) are left to their own `disconnected`.
 */
import type { Transport } from 'mediasoup-client/types';
import { type Clock, every } from '../../time/clock.ts';

const INTERVAL_MS = 1_000;
/** Longer than the pause between two of the browser's own checks. */
const SILENT_AFTER_MS = 3_000;

/** Calls `onSilence` at each change, while the transport is connected or was. Returns a function that ends it. */
export function watchSilence(
  transport: Pick<Transport, 'getStats' | 'connectionState'>,
  onSilence: (isSilent: boolean) => void,
  clock: Clock,
): () => void {
  const watch = new SilenceWatch(onSilence);
  return every(clock, INTERVAL_MS, () => {
    if (transport.connectionState === 'new' || transport.connectionState === 'closed') return;
    transport.getStats().then(
      (report) => watch.push(receivedOn(report), clock.now()),
      // The transport was closed meanwhile.
      () => undefined,
    );
  });
}

/** Bytes and answers by candidate pair; undefined where the browser does not count answers. */
type Received = ReadonlyMap<string, number> | undefined;

class SilenceWatch {
  readonly #onSilence: (isSilent: boolean) => void;
  #received = new Map<string, number>();
  #receivedMs: number | undefined;
  #isSilent = false;

  constructor(onSilence: (isSilent: boolean) => void) {
    this.#onSilence = onSilence;
  }

  push(received: Received, nowMs: number): void {
    if (!received) return;
    const isMore = [...received].some(([pair, count]) => count > (this.#received.get(pair) ?? 0));
    this.#received = new Map(received);
    if (isMore) this.#receivedMs = nowMs;
    // Nothing has been received yet: the transport is being connected.
    if (this.#receivedMs === undefined) return;
    const isSilent = nowMs - this.#receivedMs >= SILENT_AFTER_MS;
    if (isSilent === this.#isSilent) return;
    this.#isSilent = isSilent;
    this.#onSilence(isSilent);
  }
}

function receivedOn(report: RTCStatsReport): Received {
  const received = new Map<string, number>();
  for (const { id, type, bytesReceived = 0, responsesReceived } of report.values()) {
    if (type !== 'candidate-pair') continue;
    if (responsesReceived === undefined) return undefined;
    received.set(id, bytesReceived + responsesReceived);
  }
  return received;
}
