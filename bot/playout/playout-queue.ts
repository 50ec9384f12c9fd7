/**
 * The utterances that one channel still has to play, in the order in which they started, one voice at a time, compressed as the lag
 * control asks. No timers, no sockets: the caller pulls frames and passes the time.
 *
 * An utterance that has waited longer than the maximum lag is played at the same time as another speaker's, two voices at most. Behind an
 * utterance of its own speaker it is skipped if something newer waits, and so is a phrase of a long utterance that is as late.
 *
 * Bounds: 120 s of sound wait at most; beyond that the oldest utterance that has not started is skipped, or else the incoming sound is
 * dropped. An utterance whose sound stops coming delays the others by 3 s at most.
 */

import type { SpeakerView } from '@mediasoup-booth/protocol';
import { BoundedSet } from '../../collections/bounded-map.ts';
import { DEFAULT_MAX_LAG_MS, NORMAL_RATE, nextPlayoutRate, type PlayoutRate } from './lag-controller.ts';
import { PcmQueue, VOICE_SAMPLES_PER_MS } from './pcm-queue.ts';
import { TimeCompression } from './time-compression.ts';

const MAX_QUEUED_SAMPLES = 120_000 * VOICE_SAMPLES_PER_MS;
const MAX_STALL_MS = 3000;
const MAX_VOICES = 2;
/** Audio of an utterance that still arrives after this long arrives in real time, not in a burst. */
const MAX_BURST_MS = 4000;
/** How many skipped and how many started utterances are remembered. */
const MAX_REMEMBERED_IDS = 64;

/** An utterance whose audio is queued. */
export interface QueuedUtterance {
  id: string;
  speaker: SpeakerView;
}

export type PlayoutEvent =
  /** `delayMs`: since the arrival of its first sample. */
  | { utterance: QueuedUtterance; state: 'started'; delayMs: number }
  /** `skipped`: the utterance was not played, or not entirely. */
  | { utterance: QueuedUtterance; state: 'ended' | 'skipped' };

/** Totals of a channel's playout since it began. */
export interface PlayoutTotals {
  playedMs: number;
  /** Milliseconds of pauses that were trimmed. */
  trimmedMs: number;
  /** Milliseconds that were saved by raising the tempo. */
  stretchedMs: number;
  skippedMs: number;
  /** How often sound ran out in the middle of a phrase; running out in a pause does not count. */
  underruns: number;
}

interface PlayoutQueueOptions {
  onEvent(event: PlayoutEvent): void;
  /** How long an utterance may wait, in milliseconds. Default 8000. */
  maxLagMs?: number;
}

interface Queued extends QueuedUtterance {
  sound: PcmQueue;
  arrivedMs: number;
  complete: boolean;
  started: boolean;
  /** Part of it is not played. */
  cutShort: boolean;
  /** Since when it has no sound though it is not complete. */
  stalledSinceMs: number | undefined;
}

/** An utterance that is being played, and its time compression. */
interface ActiveVoice {
  queued: Queued;
  compression: TimeCompression;
}

export class PlayoutQueue {
  readonly #onEvent: (event: PlayoutEvent) => void;
  readonly #maxLagMs: number;
  /** The voices that are being played; the first has the floor. */
  readonly #voices: ActiveVoice[] = [];
  readonly #waiting: Queued[] = [];
  /** The last utterances that were skipped or cut short: sound that still comes for them is not played. */
  readonly #skipped = new BoundedSet<string>(MAX_REMEMBERED_IDS);
  /** The last utterances that have started to be played. */
  readonly #started = new BoundedSet<string>(MAX_REMEMBERED_IDS);
  readonly #totals: PlayoutTotals = { playedMs: 0, trimmedMs: 0, stretchedMs: 0, skippedMs: 0, underruns: 0 };
  #rate: PlayoutRate = NORMAL_RATE;
  /** The time compression of whoever has the floor: a pause may continue in the next utterance. */
  readonly #compression = new TimeCompression();

  constructor({ onEvent, maxLagMs = DEFAULT_MAX_LAG_MS }: PlayoutQueueOptions) {
    this.#onEvent = onEvent;
    this.#maxLagMs = maxLagMs;
  }

  /** Milliseconds of sound that wait to be played. */
  get queuedMs(): number {
    return this.#queuedSamples() / VOICE_SAMPLES_PER_MS;
  }

  /** Nothing is played and nothing waits. */
  get isEmpty(): boolean {
    return this.#voices.length === 0 && this.#waiting.length === 0;
  }

  get totals(): Readonly<PlayoutTotals> {
    return this.#totals;
  }

  /** When an utterance that has no sound stops delaying the others; undefined where none lacks sound. */
  get stallEndsAtMs(): number | undefined {
    const since = this.#voices.flatMap(({ queued }) => queued.stalledSinceMs ?? []);
    return since.length === 0 ? undefined : Math.min(...since) + MAX_STALL_MS;
  }

  /**
   * How late, in milliseconds since its arrival, the latest of the queued sound would be played at normal rate. A translation that is
   * longer than its source and arrives while the source is said is not late itself; it delays the next utterance.
   */
  delayMs(nowMs: number): number {
    const current = this.#voices[0]?.queued.sound;
    let latest = current?.dueMs === undefined ? 0 : nowMs - current.dueMs;
    let ahead = current?.durationMs ?? 0;
    for (const { arrivedMs, sound } of this.#waiting) {
      latest = Math.max(latest, nowMs + ahead - arrivedMs);
      ahead += sound.durationMs;
    }
    const last = this.#waiting.at(-1) ?? this.#voices[0]?.queued;
    const arrivesInRealTime = last && !last.complete && nowMs - last.arrivedMs >= MAX_BURST_MS;
    return arrivesInRealTime ? Math.max(latest, ahead) : latest;
  }

  /** Queues sound of an utterance that arrives at `nowMs`. */
  push({ id, speaker }: QueuedUtterance, samples: Int16Array, nowMs: number): void {
    if (samples.length === 0) return;
    while (this.#queuedSamples() + samples.length > MAX_QUEUED_SAMPLES) {
      if (this.#skipOldest()) continue;
      this.#countSkipped(samples.length);
      return;
    }
    if (this.#skipped.has(id)) return;
    const queued = this.#find(id) ?? this.#enqueue({ id, speaker }, nowMs);
    queued.sound.push(samples, nowMs);
  }

  /** No more sound comes for the utterance. */
  complete(id: string): void {
    const queued = this.#find(id);
    if (queued) queued.complete = true;
  }

  /** Removes an utterance that will come again in another version. Returns false where part of it has been played already. */
  retract(id: string): boolean {
    if (this.#started.has(id)) return false;
    const queued = this.#find(id);
    if (queued) this.#remove(queued);
    return true;
  }

  /** Plays what there is of the utterance and nothing that comes for it later; it ends as `skipped`. */
  cutShort({ id, speaker }: QueuedUtterance): void {
    if (this.#skipped.has(id)) return;
    const queued = this.#find(id);
    this.#skipped.add(id);
    if (!queued) {
      this.#onEvent({ utterance: { id, speaker }, state: 'skipped' });
      return;
    }
    queued.complete = true;
    queued.cutShort = true;
  }

  /** Returns the next `length` samples, the last frame of an utterance padded with silence; undefined where there is nothing to play. */
  pull(length: number, nowMs: number): Int16Array | undefined {
    this.#rate = nextPlayoutRate(this.delayMs(nowMs), this.#rate);
    this.#giveFloor(nowMs);
    const second = this.#voices[1];
    const firstFrame = this.#floorFrame(length, nowMs);
    const secondFrame = second && this.#voiceFrame(second, length, nowMs);
    return firstFrame && secondFrame ? mix(firstFrame, secondFrame) : (firstFrame ?? secondFrame);
  }

  /** The next frame of the voice that has the floor. Where that voice ends without a frame, the next one gets the floor. */
  #floorFrame(length: number, nowMs: number): Int16Array | undefined {
    for (;;) {
      const voice = this.#voices[0];
      if (!voice) return undefined;
      const frame = this.#voiceFrame(voice, length, nowMs);
      if (frame || this.#voices[0] === voice) return frame;
      if (this.#voices.length > 0) return undefined;
      this.#giveFloor(nowMs);
    }
  }

  #giveFloor(nowMs: number): void {
    const [current] = this.#voices;
    if (!current) {
      this.#skipLate(nowMs);
      const next = this.#waiting.shift();
      if (next) this.#voices.push({ queued: next, compression: this.#compression });
    } else if (this.#voices.length < MAX_VOICES) {
      const index = this.#waiting.findIndex(({ speaker }) => speaker.id !== current.queued.speaker.id);
      const other = this.#waiting[index];
      if (!other || !this.#isLate(other.arrivedMs, nowMs)) return;
      this.#waiting.splice(index, 1);
      this.#voices.push({ queued: other, compression: new TimeCompression() });
    }
  }

  /** Skips late utterances to catch up with newer ones. The last one is played however late it is. */
  #skipLate(nowMs: number): void {
    for (let [oldest, newer] = this.#waiting; oldest && newer; [oldest, newer] = this.#waiting) {
      if (!this.#isLate(oldest.arrivedMs, nowMs)) return;
      this.#skip(oldest);
    }
  }

  #voiceFrame(voice: ActiveVoice, length: number, nowMs: number): Int16Array | undefined {
    const { queued, compression } = voice;
    const { sound } = queued;
    this.#skipLatePhrase(voice, nowMs);
    this.#compress(voice, length);
    if (sound.length >= length || (queued.complete && sound.length > 0)) {
      queued.stalledSinceMs = undefined;
      const frame = this.#takeFrame(queued, length, nowMs);
      compression.played(frame);
      return frame;
    }
    if (!queued.complete) {
      if (queued.stalledSinceMs === undefined) this.#stall(voice, nowMs);
      if (nowMs - (queued.stalledSinceMs ?? nowMs) < MAX_STALL_MS) return undefined;
    }
    queued.complete = true;
    queued.stalledSinceMs = undefined;
    if (sound.length > 0) return this.#voiceFrame(voice, length, nowMs);
    this.#finish(queued);
    return undefined;
  }

  #compress({ queued, compression }: ActiveVoice, length: number): void {
    const before = { trimmed: compression.trimmedSamples, stretched: compression.stretchedSamples };
    compression.apply(queued.sound, this.#rate, { length, complete: queued.complete });
    this.#totals.trimmedMs += (compression.trimmedSamples - before.trimmed) / VOICE_SAMPLES_PER_MS;
    this.#totals.stretchedMs += (compression.stretchedSamples - before.stretched) / VOICE_SAMPLES_PER_MS;
  }

  /** Skips a late phrase of an utterance that is being played, at a pause in it. */
  #skipLatePhrase({ queued, compression }: ActiveVoice, nowMs: number): void {
    const { sound, complete } = queued;
    if (sound.dueMs === undefined || !this.#isLate(sound.dueMs, nowMs) || !compression.isInPause(sound)) return;
    const phrase = compression.nextPhrase(sound, complete);
    const follows = phrase !== undefined && (phrase < sound.length || this.#waiting.length > 0);
    if (!follows) return;
    sound.drop(phrase);
    this.#countSkipped(phrase);
    queued.cutShort = true;
  }

  #stall({ queued, compression }: ActiveVoice, nowMs: number): void {
    queued.stalledSinceMs = nowMs;
    if (queued.started && !compression.isQuiet) this.#totals.underruns++;
  }

  #isLate(sinceMs: number, nowMs: number): boolean {
    return nowMs - sinceMs > this.#maxLagMs;
  }

  #enqueue(utterance: QueuedUtterance, nowMs: number): Queued {
    const queued: Queued = {
      ...utterance,
      sound: new PcmQueue(),
      arrivedMs: nowMs,
      complete: false,
      started: false,
      cutShort: false,
      stalledSinceMs: undefined,
    };
    this.#waiting.push(queued);
    return queued;
  }

  #takeFrame(queued: Queued, length: number, nowMs: number): Int16Array {
    if (!queued.started) {
      queued.started = true;
      this.#started.add(queued.id);
      const { id, speaker } = queued;
      this.#onEvent({ utterance: { id, speaker }, state: 'started', delayMs: nowMs - queued.arrivedMs });
    }
    const taken = queued.sound.take(length);
    this.#totals.playedMs += taken.length / VOICE_SAMPLES_PER_MS;
    if (queued.complete && queued.sound.length === 0) this.#finish(queued);
    if (taken.length === length) return taken;
    const frame = new Int16Array(length);
    frame.set(taken);
    return frame;
  }

  #finish(queued: Queued): void {
    this.#remove(queued);
    if (queued.cutShort) this.#emit(queued, 'skipped');
    else if (queued.started) this.#emit(queued, 'ended');
  }

  #remove(queued: Queued): void {
    const voice = this.#voices.findIndex((one) => one.queued === queued);
    if (voice >= 0) this.#voices.splice(voice, 1);
    const index = this.#waiting.indexOf(queued);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  #skipOldest(): boolean {
    const oldest = this.#voices.map(({ queued }) => queued).find(({ started }) => !started) ?? this.#waiting[0];
    if (oldest) this.#skip(oldest);
    return oldest !== undefined;
  }

  #skip(queued: Queued): void {
    this.#remove(queued);
    this.#skipped.add(queued.id);
    this.#countSkipped(queued.sound.length);
    this.#emit(queued, 'skipped');
  }

  #countSkipped(samples: number): void {
    this.#totals.skippedMs += samples / VOICE_SAMPLES_PER_MS;
  }

  #emit({ id, speaker }: Queued, state: 'ended' | 'skipped'): void {
    this.#onEvent({ utterance: { id, speaker }, state });
  }

  #find(id: string): Queued | undefined {
    const speaking = this.#voices.find(({ queued }) => queued.id === id);
    return speaking?.queued ?? this.#waiting.find((queued) => queued.id === id);
  }

  #queuedSamples(): number {
    const speaking = this.#voices.reduce((sum, { queued }) => sum + queued.sound.length, 0);
    return this.#waiting.reduce((sum, { sound }) => sum + sound.length, speaking);
  }
}

const mix = (one: Int16Array, other: Int16Array): Int16Array =>
  one.map((sample, i) => Math.max(-32_768, Math.min(32_767, sample + (other[i] ?? 0))));
