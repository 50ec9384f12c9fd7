/**
 * What one channel still has to say: utterances in the order in which they began, one voice at a time. Pure.
 *
 * Bounds: 120 s of sound wait at most, then the oldest utterance that has not begun is skipped, or else what comes is
 * dropped; and an utterance whose sound stops coming holds the others up for 3 s at most.
 */
import type { SpeakerView } from '../protocol/room-messages.ts';

const RATE = 24_000;
const MAX_QUEUED_SAMPLES = 120 * RATE;
const MAX_STALL_MS = 3000;
const REMEMBERED = 64;

export interface Utterance {
  id: string;
  speaker: SpeakerView;
}

export type PlayoutEvent = { utterance: Utterance; state: 'started' | 'ended' | 'skipped' };

interface Queued extends Utterance {
  chunks: Int16Array[];
  samples: number;
  complete: boolean;
  started: boolean;
  /** What was to follow is not said. */
  cutShort: boolean;
}

export class PlayoutQueue {
  readonly #utterances: Queued[] = [];
  readonly #onEvent: (event: PlayoutEvent) => void;
  /** The last that were skipped, or are to end so: what still comes of them is not said. */
  readonly #skipped: string[] = [];
  /** The last of which something has sounded. */
  readonly #sounded: string[] = [];
  /** Since when the present utterance has nothing to say though it is not complete. */
  #stalledSinceMs: number | undefined;

  constructor(onEvent: (event: PlayoutEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** How much sound waits, in milliseconds. */
  get queuedMs(): number {
    return (this.#samples() * 1000) / RATE;
  }

  /** Nothing sounds and nothing waits. */
  get isEmpty(): boolean {
    return this.#utterances.length === 0;
  }

  /** When the others need not wait for the present utterance any longer, though nothing comes; undefined: it has sound. */
  get stallEndsAtMs(): number | undefined {
    return this.#stalledSinceMs === undefined ? undefined : this.#stalledSinceMs + MAX_STALL_MS;
  }

  add({ id, speaker }: Utterance, samples: Int16Array): void {
    while (this.#samples() + samples.length > MAX_QUEUED_SAMPLES) if (!this.#skipOldest()) return;
    if (this.#skipped.includes(id)) return;
    const queued = this.#find(id) ?? this.#begin({ id, speaker });
    queued.chunks.push(samples);
    queued.samples += samples.length;
  }

  /** No more sound comes for it. */
  complete(id: string): void {
    const queued = this.#find(id);
    if (queued) queued.complete = true;
  }

  /** Another version of it is to come: what waits is taken back. False: too late, some of it has sounded. */
  withdraw(id: string): boolean {
    if (this.#sounded.includes(id)) return false;
    const index = this.#utterances.findIndex((utterance) => utterance.id === id);
    if (index === 0) this.#stalledSinceMs = undefined;
    if (index >= 0) this.#utterances.splice(index, 1);
    return true;
  }

  /** What there is of it is said; what was to follow is not, and listeners are told. */
  cutShort({ id, speaker }: Utterance): void {
    if (this.#skipped.includes(id)) return;
    const queued = this.#find(id);
    remember(this.#skipped, id);
    if (!queued) {
      this.#onEvent({ utterance: { id, speaker }, state: 'skipped' });
      return;
    }
    queued.complete = true;
    queued.cutShort = true;
  }

  /** The next `length` samples, the end of an utterance filled up with silence; undefined: nothing to say now. */
  pull(length: number, nowMs: number): Int16Array | undefined {
    for (;;) {
      const current = this.#utterances[0];
      if (!current) return undefined;
      if (current.samples >= length || (current.complete && current.samples > 0)) {
        this.#stalledSinceMs = undefined;
        return this.#take(current, length);
      }
      this.#stalledSinceMs ??= nowMs;
      if (!current.complete && nowMs - this.#stalledSinceMs < MAX_STALL_MS) return undefined;
      if (current.samples > 0) current.complete = true;
      else this.#finish(current);
    }
  }

  #begin(utterance: Utterance): Queued {
    const queued = { ...utterance, chunks: [], samples: 0, complete: false, started: false, cutShort: false };
    this.#utterances.push(queued);
    return queued;
  }

  #take(current: Queued, length: number): Int16Array {
    if (!current.started) {
      current.started = true;
      remember(this.#sounded, current.id);
      this.#tell(current, 'started');
    }
    const frame = new Int16Array(length);
    let filled = 0;
    while (filled < length) {
      const chunk = current.chunks[0];
      if (!chunk) break;
      const part = chunk.subarray(0, length - filled);
      frame.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) current.chunks.shift();
      else current.chunks[0] = chunk.subarray(part.length);
    }
    current.samples -= filled;
    if (current.complete && current.samples === 0) this.#finish(current);
    return frame;
  }

  #finish(current: Queued): void {
    this.#stalledSinceMs = undefined;
    this.#utterances.shift();
    if (current.cutShort) this.#tell(current, 'skipped');
    else if (current.started) this.#tell(current, 'ended');
  }

  #skipOldest(): boolean {
    const index = this.#utterances.findIndex(({ started }) => !started);
    const [skipped] = index < 0 ? [] : this.#utterances.splice(index, 1);
    if (!skipped) return false;
    if (index === 0) this.#stalledSinceMs = undefined;
    remember(this.#skipped, skipped.id);
    this.#tell(skipped, 'skipped');
    return true;
  }

  #tell({ id, speaker }: Queued, state: PlayoutEvent['state']): void {
    this.#onEvent({ utterance: { id, speaker }, state });
  }

  #find(id: string): Queued | undefined {
    return this.#utterances.find((utterance) => utterance.id === id);
  }

  #samples(): number {
    return this.#utterances.reduce((sum, { samples }) => sum + samples, 0);
  }
}

function remember(ids: string[], id: string): void {
  ids.push(id);
  if (ids.length > REMEMBERED) ids.shift();
}
