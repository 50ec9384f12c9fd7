/**
 * What one channel still has to say: utterances in the order in which they began, one voice at a time, as late as the governor
 * allows. Pure.
 *
 * An utterance that has waited longer than the limit is said at the same time as another speaker's, two voices at most; behind one of
 * its own speaker's it is skipped where something newer waits, and so is a phrase of a long utterance that is as late.
 *
 * Bounds: 120 s of sound wait at most, then the oldest utterance that has not begun is skipped, or else what comes is
 * dropped; and an utterance whose sound stops coming holds the others up for 3 s at most.
 */
import type { SpeakerView } from '../../protocol/room-messages.ts';
import { DEFAULT_MAX_LAG_MS, NORMAL_RATE, nextPlayoutRate, type PlayoutRate } from './lag-controller.ts';
import { PcmQueue } from './pcm-queue.ts';
import { TimeCompression } from './time-compression.ts';

const SAMPLES_PER_MS = 24;
const MAX_QUEUED_SAMPLES = 120_000 * SAMPLES_PER_MS;
const MAX_STALL_MS = 3000;
const MAX_VOICES = 2;
/** What is still coming after so long comes as it is spoken. */
const MAX_BURST_MS = 4000;
const MAX_REMEMBERED_IDS = 64;

export interface QueuedUtterance {
  id: string;
  speaker: SpeakerView;
}

export type PlayoutEvent =
  /** `delayMs`: from the arrival of its first sample. */
  | { utterance: QueuedUtterance; state: 'started'; delayMs: number }
  /** `skipped`: it was not said, or not all of it. */
  | { utterance: QueuedUtterance; state: 'ended' | 'skipped' };

/** What became of the sound so far, in milliseconds. */
export interface PlayoutCounts {
  playedMs: number;
  /** Of pauses. */
  trimmedMs: number;
  /** By which the tempo made it shorter. */
  stretchedMs: number;
  skippedMs: number;
  /** Times that sound did not come in the middle of a phrase; what stops in a pause is whole. */
  underruns: number;
}

export interface PlayoutQueueOptions {
  onEvent(event: PlayoutEvent): void;
  /** How long an utterance may wait. */
  maxLagMs?: number;
}

interface Queued extends QueuedUtterance {
  sound: PcmQueue;
  arrivedMs: number;
  complete: boolean;
  started: boolean;
  /** What was to follow is not said, or some of it was not. */
  cutShort: boolean;
  /** Since when it has nothing to say though it is not complete. */
  stalledSinceMs: number | undefined;
}

/** Somebody who speaks: the utterance, and how it is hurried. */
interface ActiveVoice {
  queued: Queued;
  compression: TimeCompression;
}

export class PlayoutQueue {
  readonly #onEvent: (event: PlayoutEvent) => void;
  readonly #maxLagMs: number;
  /** Those that are being said, the one that has the floor first. */
  readonly #voices: ActiveVoice[] = [];
  readonly #waiting: Queued[] = [];
  /** The last that were skipped, or are to end so: what still comes of them is not said. */
  readonly #skipped: string[] = [];
  /** The last of which something has sounded. */
  readonly #sounded: string[] = [];
  readonly #counts: PlayoutCounts = { playedMs: 0, trimmedMs: 0, stretchedMs: 0, skippedMs: 0, underruns: 0 };
  #rate: PlayoutRate = NORMAL_RATE;
  /** Of those that had the floor, one after the other: a pause may go on in the next utterance. */
  readonly #compression = new TimeCompression();

  constructor({ onEvent, maxLagMs: limitMs = DEFAULT_MAX_LAG_MS }: PlayoutQueueOptions) {
    this.#onEvent = onEvent;
    this.#maxLagMs = limitMs;
  }

  /** How much sound waits, in milliseconds. */
  get queuedMs(): number {
    return this.#queuedSamples() / SAMPLES_PER_MS;
  }

  /** Nothing sounds and nothing waits. */
  get isEmpty(): boolean {
    return this.#voices.length === 0 && this.#waiting.length === 0;
  }

  get counts(): Readonly<PlayoutCounts> {
    return this.#counts;
  }

  /** When the others need not wait for a present utterance any longer, though nothing comes; undefined: it has sound. */
  get stallEndsAtMs(): number | undefined {
    const since = this.#voices.flatMap(({ queued }) => queued.stalledSinceMs ?? []);
    return since.length === 0 ? undefined : Math.min(...since) + MAX_STALL_MS;
  }

  /**
   * How late the latest of what waits would sound, were nothing hurried: against its arrival. What is longer than what it translates
   * and comes while that is said is late only for the next, which will find the rest of it before itself.
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
    const goesOn = last && !last.complete && nowMs - last.arrivedMs >= MAX_BURST_MS;
    return goesOn ? Math.max(latest, ahead) : latest;
  }

  push({ id, speaker }: QueuedUtterance, samples: Int16Array, nowMs: number): void {
    if (samples.length === 0) return;
    while (this.#queuedSamples() + samples.length > MAX_QUEUED_SAMPLES) {
      if (this.#skipOldest()) continue;
      this.#countSkipped(samples.length);
      return;
    }
    if (this.#skipped.includes(id)) return;
    const queued = this.#find(id) ?? this.#enqueue({ id, speaker }, nowMs);
    queued.sound.push(samples, nowMs);
  }

  /** No more sound comes for it. */
  complete(id: string): void {
    const queued = this.#find(id);
    if (queued) queued.complete = true;
  }

  /** Another version of it is to come: what waits is taken back. False: too late, some of it has sounded. */
  withdraw(id: string): boolean {
    if (this.#sounded.includes(id)) return false;
    const queued = this.#find(id);
    if (queued) this.#remove(queued);
    return true;
  }

  /** What there is of it is said; what was to follow is not, and listeners are told. */
  cutShort({ id, speaker }: QueuedUtterance): void {
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
    this.#rate = nextPlayoutRate(this.delayMs(nowMs), this.#rate);
    this.#giveFloor(nowMs);
    const second = this.#voices[1];
    const first = this.#floorFrame(length, nowMs);
    const also = second && this.#voiceFrame(second, length, nowMs);
    return first && also ? mix(first, also) : (first ?? also);
  }

  /** Of the voice that has the floor; where one ends without a sound, the next takes it. */
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

  /** To catch up with what is newer; what nothing follows is better late than never. */
  #skipLate(nowMs: number): void {
    for (let [oldest, newer] = this.#waiting; oldest && newer; [oldest, newer] = this.#waiting) {
      if (!this.#isLate(oldest.arrivedMs, nowMs)) return;
      this.#skip(oldest);
    }
  }

  #voiceFrame(voice: ActiveVoice, length: number, nowMs: number): Int16Array | undefined {
    const { queued, compression: shortening } = voice;
    const { sound } = queued;
    this.#skipLatePhrase(voice, nowMs);
    this.#compress(voice, length);
    if (sound.length >= length || (queued.complete && sound.length > 0)) {
      queued.stalledSinceMs = undefined;
      const frame = this.#takeFrame(queued, length, nowMs);
      shortening.played(frame);
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

  #compress({ queued, compression: shortening }: ActiveVoice, length: number): void {
    const before = { trimmed: shortening.trimmedSamples, stretched: shortening.stretchedSamples };
    shortening.apply(queued.sound, this.#rate, { length, complete: queued.complete });
    this.#counts.trimmedMs += (shortening.trimmedSamples - before.trimmed) / SAMPLES_PER_MS;
    this.#counts.stretchedMs += (shortening.stretchedSamples - before.stretched) / SAMPLES_PER_MS;
  }

  /** Of an utterance that is said already, at a pause in it. */
  #skipLatePhrase({ queued, compression: shortening }: ActiveVoice, nowMs: number): void {
    const { sound, complete } = queued;
    if (sound.dueMs === undefined || !this.#isLate(sound.dueMs, nowMs) || !shortening.isInPause(sound)) return;
    const phrase = shortening.nextPhrase(sound, complete);
    const follows = phrase !== undefined && (phrase < sound.length || this.#waiting.length > 0);
    if (!follows) return;
    sound.drop(phrase);
    this.#countSkipped(phrase);
    queued.cutShort = true;
  }

  #stall({ queued, compression: shortening }: ActiveVoice, nowMs: number): void {
    queued.stalledSinceMs = nowMs;
    if (queued.started && !shortening.isQuiet) this.#counts.underruns++;
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
      remember(this.#sounded, queued.id);
      const { id, speaker } = queued;
      this.#onEvent({ utterance: { id, speaker }, state: 'started', delayMs: nowMs - queued.arrivedMs });
    }
    const taken = queued.sound.take(length);
    this.#counts.playedMs += taken.length / SAMPLES_PER_MS;
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
    remember(this.#skipped, queued.id);
    this.#countSkipped(queued.sound.length);
    this.#emit(queued, 'skipped');
  }

  #countSkipped(samples: number): void {
    this.#counts.skippedMs += samples / SAMPLES_PER_MS;
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

function remember(ids: string[], id: string): void {
  ids.push(id);
  if (ids.length > MAX_REMEMBERED_IDS) ids.shift();
}
