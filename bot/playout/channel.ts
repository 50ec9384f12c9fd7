/**
 * The audio channel of one language: what the interpretations into it say, one voice at a time, as Opus on a track of our own.
 * It can be used at once; what is said before the track stands waits in the queue.
 */

import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import type { LanguageCode } from '../../protocol/languages.ts';
import type { Clock } from '../../time/clock.ts';
import { FarEndReference } from '../incoming/echo/far-end-reference.ts';
import type { AudioOutput } from '../room/room-connection.ts';
import { OpusSender } from './opus-sender.ts';
import { type PlayoutCounts, type PlayoutEvent, PlayoutQueue, type QueuedUtterance } from './playout-queue.ts';

export interface PlayoutChannelOptions {
  language: LanguageCode;
  /** The channel owns what this becomes. */
  output: Promise<AudioOutput>;
  /** How long an utterance may wait, in milliseconds; default 8 s. */
  maxLagMs?: number;
  clock: Clock;
  onPlayout(event: PlayoutEvent): void;
  /** The track could not be opened; nothing is said any more. */
  onFailed(error: unknown): void;
}

export class PlayoutChannel {
  readonly language: LanguageCode;
  /** What has left, by which its echo is known. */
  readonly farEnd = new FarEndReference();
  readonly #clock: Clock;
  readonly #queue: PlayoutQueue;
  #output: AudioOutput | undefined;
  #sender: OpusSender | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor({ language, output: opening, maxLagMs: limitMs, clock, onPlayout, onFailed }: PlayoutChannelOptions) {
    this.language = language;
    this.#clock = clock;
    this.#queue = new PlayoutQueue({ onEvent: onPlayout, ...(limitMs !== undefined && { maxLagMs: limitMs }) });
    this.#open(opening).catch(onFailed);
  }

  /** How much speech waits to be played. */
  get queuedMs(): number {
    return this.#queue.queuedMs;
  }

  get isIdle(): boolean {
    return this.#queue.isEmpty;
  }

  /** How late the latest of what waits would sound, were nothing hurried. */
  get delayMs(): number {
    return this.#queue.delayMs(this.#clock.now());
  }

  get counts(): Readonly<PlayoutCounts> {
    return this.#queue.counts;
  }

  /** 24 kHz mono, in any pieces. */
  push(utterance: QueuedUtterance, samples: Int16Array): void {
    if (this.#closed) return;
    this.#queue.push(utterance, samples, this.#clock.now());
    this.#sender?.wake();
  }

  /** Nothing more comes of the utterance. */
  complete(id: string): void {
    this.#queue.complete(id);
    this.#sender?.wake();
  }

  /** Another version of it is to come. False: too late, some of it has sounded. */
  withdraw(id: string): boolean {
    const withdrawn = this.#queue.withdraw(id);
    // What it stood in the way of may be said now.
    this.#sender?.wake();
    return withdrawn;
  }

  /** What there is of it is said; what was to follow is not. */
  cutShort(utterance: QueuedUtterance): void {
    this.#queue.cutShort(utterance);
    this.#sender?.wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#sender?.close();
    this.#output?.close();
  }

  async #open(opening: Promise<AudioOutput>): Promise<void> {
    const output = await opening;
    this.#output = output;
    const encoder = await createOpusEncoder();
    if (this.#closed) {
      encoder.close();
      output.close();
      return;
    }
    this.#sender = new OpusSender(encoder, output, this.#clock, () => this.#nextFrame());
    this.#sender.wake();
  }

  #nextFrame(): Int16Array | undefined {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const now = this.#clock.now();
    const frame = this.#queue.pull(OPUS_FRAME_SAMPLES, now);
    if (frame) this.farEnd.push(frame, now);
    // Sound that stops coming wakes nobody: look again when its time is up.
    const stallEndsAtMs = this.#queue.stallEndsAtMs;
    if (!frame && stallEndsAtMs !== undefined) {
      this.#cancelTimer = this.#clock.after(stallEndsAtMs - now, () => this.#sender?.wake());
    }
    return frame;
  }
}
