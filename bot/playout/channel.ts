/**
 * The audio channel of one language: plays the voices of the interpretations into that language, one at a time, as Opus on a track of
 * its own. It takes voice from the start; what comes before the track is published waits in the queue. A track that could not be published
 * is tried again with a doubling pause, for as long as the channel exists.
 */

import type { LanguageCode } from '@mediasoup-booth/protocol';
import { createOpusEncoder, OPUS_FRAME_SAMPLES, type OpusEncoder } from '../../audio/opus-codec.ts';
import type { Clock } from '../../time/clock.ts';
import { keepOpen } from '../../time/keep-open.ts';
import { FarEndReference } from '../incoming/echo/far-end-reference.ts';
import type { AudioOutput } from '../room/room-connection.ts';
import { OpusSender } from './opus-sender.ts';
import { type PlayoutEvent, PlayoutQueue, type PlayoutTotals, type QueuedUtterance } from './playout-queue.ts';

interface PlayoutChannelOptions {
  language: LanguageCode;
  /** Publishes the track, which the channel owns. */
  publish(): Promise<AudioOutput>;
  /** How long an utterance may wait, in milliseconds. Default 8000. */
  maxLagMs?: number;
  clock: Clock;
  onPlayout(event: PlayoutEvent): void;
  /** The track was published: the channel sounds. */
  onPublished?(): void;
  /** The track could not be published: the channel is silent until the next attempt, `retryInMs` later. */
  onFailed(error: unknown, retryInMs: number): void;
}

export class PlayoutChannel {
  readonly language: LanguageCode;
  /** The audio that the channel has played, for the echo suppressors of its listeners. */
  readonly farEnd = new FarEndReference();
  readonly #clock: Clock;
  readonly #queue: PlayoutQueue;
  #output: AudioOutput | undefined;
  #sender: OpusSender | undefined;
  #cancelTimer: (() => void) | undefined;
  readonly #stopPublishing: () => void;
  #closed = false;

  constructor({ language, publish, maxLagMs, clock, onPlayout, onPublished, onFailed }: PlayoutChannelOptions) {
    this.language = language;
    this.#clock = clock;
    this.#queue = new PlayoutQueue({ onEvent: onPlayout, ...(maxLagMs !== undefined && { maxLagMs }) });
    this.#stopPublishing = keepOpen({
      open: () => openTrack(publish),
      discard: closeTrack,
      onOpened: (track) => {
        this.#start(track);
        onPublished?.();
      },
      onFailed,
      clock,
    });
  }

  /** Milliseconds of speech that wait to be played. */
  get queuedMs(): number {
    return this.#queue.queuedMs;
  }

  /** Nothing is played and nothing waits. */
  get isIdle(): boolean {
    return this.#queue.isEmpty;
  }

  /** How late, in milliseconds, the latest of the queued sound would be played at normal rate. */
  get delayMs(): number {
    return this.#queue.delayMs(this.#clock.now());
  }

  /** How much sound was played, skipped, trimmed and stretched so far. */
  get totals(): Readonly<PlayoutTotals> {
    return this.#queue.totals;
  }

  /** Queues speech of an utterance: 24 kHz mono, in chunks of any length. */
  push(utterance: QueuedUtterance, samples: Int16Array): void {
    if (this.#closed) return;
    this.#queue.push(utterance, samples, this.#clock.now());
    this.#sender?.wake();
  }

  /** No more speech comes for the utterance. */
  complete(id: string): void {
    this.#queue.complete(id);
    this.#sender?.wake();
  }

  /** Removes an utterance that will come again in another version. Returns false where part of it has been played already. */
  retract(id: string): boolean {
    const retracted = this.#queue.retract(id);
    // What waited behind it may be played now.
    this.#sender?.wake();
    return retracted;
  }

  /** Plays what there is of an utterance, and nothing that comes for it later. */
  cutShort(utterance: QueuedUtterance): void {
    this.#queue.cutShort(utterance);
    this.#sender?.wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopPublishing();
    this.#cancelTimer?.();
    this.#sender?.close();
    this.#output?.close();
  }

  #start({ output, encoder }: OpenTrack): void {
    this.#output = output;
    this.#sender = new OpusSender(encoder, output, this.#clock, () => this.#nextFrame());
    this.#sender.wake();
  }

  #nextFrame(): Int16Array | undefined {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const now = this.#clock.now();
    const frame = this.#queue.pull(OPUS_FRAME_SAMPLES, now);
    if (frame) this.farEnd.push(frame, now);
    // Where an utterance stalls, no new sound wakes the sender: the queue is asked again when the stall may end.
    const stallEndsAtMs = this.#queue.stallEndsAtMs;
    if (!frame && stallEndsAtMs !== undefined) {
      this.#cancelTimer = this.#clock.after(stallEndsAtMs - now, () => this.#sender?.wake());
    }
    return frame;
  }
}

interface OpenTrack {
  output: AudioOutput;
  encoder: OpusEncoder;
}

async function openTrack(publish: () => Promise<AudioOutput>): Promise<OpenTrack> {
  const output = await publish();
  try {
    return { output, encoder: await createOpusEncoder() };
  } catch (error) {
    output.close();
    throw error;
  }
}

function closeTrack({ output, encoder }: OpenTrack): void {
  encoder.close();
  output.close();
}
