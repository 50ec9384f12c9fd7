/**
 * One session of the simulated vendor: divides speech into utterances, and answers them in order. At most 200 utterances wait for their
 * answer; speech beyond them is ignored.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { Model } from '../../config/models.ts';
import type { BackendConfiguration, BackendOutput, BackendSession } from '../wire/backend.ts';
import { paraphrase } from './paraphrase.ts';
import type { Random } from './random.ts';
import type { ReplayDetector } from './replay-detector.ts';
import type { LastingFault, Script } from './script.ts';
import { SessionQuota, type SessionQuotaOptions } from './session-quota.ts';
import { SimulatedSegment } from './simulated-segment.ts';
import { type ScriptedUtterance, SpokenWords } from './spoken-words.ts';
import { appendBounded, type UtteranceRecord } from './stats.ts';
import { type DecodedSound, ToneDecoder } from './tone-decoder.ts';

export interface SimulatedSessionOptions extends SessionQuotaOptions {
  model: Model;
  script: Script;
  configuration: BackendConfiguration;
  output: BackendOutput;
  replays: ReplayDetector;
  random: Random;
  /** @returns the number of the next utterance over all connections, and its faults */
  utterance(record: Pick<UtteranceRecord, 'numberThere'>): { number: number; faults: ReadonlySet<LastingFault> };
  answered(number: number): void;
}

const MAX_WAITING = 200;
/** A shorter sound is a click, not a voice. */
const MIN_VOICE_MS = 100;
/** The limit of chunks that are not committed yet; further ones are ignored. */
const MAX_UNCOMMITTED = 6000;
/** Silence that ends a word in progress. */
const PAUSE = new Int16Array(SPEECH_SAMPLE_RATE / 10);
const REMEMBERED_WORDS = 3;

export class SimulatedSession implements BackendSession {
  readonly #options: SimulatedSessionOptions;
  readonly #decoder = new ToneDecoder();
  readonly #quota: SessionQuota;
  readonly #simultaneous: boolean;
  readonly #cancels = new Set<() => void>();
  readonly #waiting: SimulatedSegment[] = [];
  readonly #lastWords: string[] = [];
  readonly #uncommitted: Int16Array[] = [];
  #committing = 0;
  #current: SimulatedSegment | undefined;
  #voiceMs = 0;
  /** The fingerprint of the start of the last sound, by which a replay is recognised. */
  #onsetFingerprint: number | undefined;
  #answered: (() => void) | undefined;
  #closed = false;
  #utterances = 0;
  #cancelPause = (): void => {};

  constructor(options: SimulatedSessionOptions) {
    this.#options = options;
    const { script, model } = options;
    this.#quota = new SessionQuota(options);
    this.#simultaneous =
      (script.answer.translates ?? (model.dialect === 'lt3.8' ? 'meanwhile' : 'after')) === 'meanwhile';
  }

  pushAudio(samples: Int16Array): boolean {
    this.#quota.audioReceived(samples.length);
    this.#awaitPause();
    if (this.#options.configuration.manual) this.#buffer(samples);
    else this.#decode(samples);
    return true;
  }

  pushImage(jpeg: Uint8Array): void {
    this.#quota.imageReceived(jpeg);
  }

  commit(): boolean {
    const committed = this.#uncommitted.splice(0);
    if (committed.length === 0) return false;
    // In a later turn, so that the client first receives the confirmation of its commit.
    this.#committing++;
    this.#later(0, () => this.#decodeCommitted(committed));
    return true;
  }

  clear(): void {
    this.#uncommitted.length = 0;
  }

  finish(answered: () => void): void {
    this.#answered = answered;
    // Ends a word in progress at the end of the speech.
    this.#decode(PAUSE);
    this.#closeSegment();
    this.#finishIfAnswered();
  }

  close(): void {
    this.#closed = true;
    this.#cancelPause();
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  #decode(samples: Int16Array): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    for (const sound of this.#decoder.push(samples)) this.#handleSound(sound);
  }

  #buffer(samples: Int16Array): void {
    if (this.#uncommitted.length < MAX_UNCOMMITTED) this.#uncommitted.push(samples);
  }

  #decodeCommitted(chunks: readonly Int16Array[]): void {
    this.#committing--;
    for (const samples of chunks) this.#decode(samples);
    this.#decode(PAUSE);
    this.#closeSegment();
    this.#finishIfAnswered();
  }

  /** Restarts the timer that ends a transcribed stream without audio. */
  #awaitPause(): void {
    const { clock, script, output, closeSession, configuration } = this.#options;
    this.#cancelPause();
    if (this.#closed || configuration.transcription === undefined) return;
    this.#cancelPause = clock.after(script.limits.pauseMs, () => {
      output.error(streamTimeout);
      closeSession(1011, streamTimeout.message);
    });
  }

  #handleSound(sound: DecodedSound): void {
    if (this.#closed) return;
    switch (sound.kind) {
      case 'onset':
        this.#onsetFingerprint = sound.print;
        break;
      case 'word':
        this.#addWord(sound.word, sound.startMs, sound.endMs);
        break;
      case 'voice':
        this.#addVoice(sound.startMs, sound.endMs);
        break;
      case 'silence':
        this.#addSilence(sound.untilMs - sound.sinceMs);
        break;
    }
  }

  #addWord(word: string, startMs: number, endMs: number): void {
    const { replays, configuration, record, clock } = this.#options;
    this.#voiceMs = 0;
    this.#closeIfLong();
    this.#current ??= this.#startSegment(startMs);
    const segment = this.#current;
    segment.spoken.addWord(word);
    this.#lastWords.push(word);
    if (this.#lastWords.length > REMEMBERED_WORDS) this.#lastWords.shift();
    if (segment.spoken.words.length === REMEMBERED_WORDS) this.#rephraseIfReplay(segment);
    replays.add(this.#lastWords, record.number, configuration.target, clock.now());
    segment.extend(endMs, true);
  }

  #addVoice(startMs: number, endMs: number): void {
    this.#voiceMs += endMs - startMs;
    if (!this.#current && this.#voiceMs < MIN_VOICE_MS) return;
    const { wordsPerSecond } = this.#options.script.speech;
    this.#current ??= this.#startVoiceSegment(endMs - this.#voiceMs);
    const segment = this.#current;
    const before = segment.spoken.words.length;
    segment.spoken.addVoice(endMs - startMs, wordsPerSecond);
    segment.extend(endMs, segment.spoken.words.length > before);
    this.#closeIfLong();
  }

  #addSilence(ms: number): void {
    const { configuration, script, record } = this.#options;
    record.silenceSeconds += 0.01;
    if (!this.#current) this.#voiceMs = 0;
    if (configuration.manual) return;
    if (ms >= (configuration.silenceMs ?? script.speech.closeAfterMs)) this.#closeSegment();
  }

  #closeIfLong(): void {
    const speaking = this.#current;
    if (!speaking || this.#options.configuration.manual) return;
    const { cutAfter = Number.POSITIVE_INFINITY } = speaking.spoken.paraphrase ?? {};
    if (speaking.lengthMs >= this.#options.script.speech.longAfterMs || speaking.spoken.words.length >= cutAfter) {
      this.#closeSegment();
    }
  }

  /** Starts an utterance with a voice. The same sound is the same scripted utterance on every session. */
  #startVoiceSegment(startMs: number): SimulatedSegment {
    const { replays, script, record, configuration, clock } = this.#options;
    if (this.#onsetFingerprint === undefined) return this.#startSegment(startMs);
    const number = replays.utteranceOf(this.#onsetFingerprint);
    // A voice that continues after the end of an utterance starts another, which is again the same on every session.
    this.#onsetFingerprint = (Math.imul(this.#onsetFingerprint, 31) + 1) | 0;
    const segment = this.#startSegment(startMs, script.utterances[number]);
    const name = [`#${number}`];
    if (replays.isReplay(name, record.number, configuration.target, clock.now())) this.#rephrase(segment);
    replays.add(name, record.number, configuration.target, clock.now());
    return segment;
  }

  #startSegment(startMs: number, scripted?: ScriptedUtterance): SimulatedSegment {
    const { model, configuration, script, output, record, random, utterance, answered } = this.#options;
    const numberThere = ++this.#utterances;
    const { number, faults } = utterance({ numberThere });
    const entry: UtteranceRecord = { number, numberThere, startMs, words: [], replay: false };
    appendBounded(record.utterances, entry);
    const segment = new SimulatedSegment({
      configuration,
      script,
      simultaneous: this.#simultaneous,
      // A dialect that only appends has no tentative text.
      confirmsLate: model.dialect === 'lt3.8' ? 0 : script.answer.holdsBack,
      spoken: new SpokenWords(configuration, scripted),
      record: entry,
      output,
      faults: faults,
      random,
      later: (ms, run) => this.#later(ms, run),
      onOutput: (spoken) => this.#quota.outputSent(spoken),
      onEnded: () => {
        answered(number);
        this.#answeredOne(segment);
      },
    });
    this.#waiting.push(segment);
    this.#waiting[0]?.allowAnswer();
    return segment;
  }

  #closeSegment(): void {
    const segment = this.#current;
    if (!segment) return;
    this.#current = undefined;
    this.#voiceMs = 0;
    if (segment.spoken.words.length < REMEMBERED_WORDS) this.#rephraseIfReplay(segment);
    segment.close();
  }

  #rephraseIfReplay(segment: SimulatedSegment): void {
    const { replays, configuration, record, clock } = this.#options;
    const { words } = segment.spoken;
    if (replays.isReplay(words, record.number, configuration.target, clock.now())) this.#rephrase(segment);
  }

  #rephrase(segment: SimulatedSegment): void {
    segment.record.replay = true;
    if (this.#options.script.paraphrases) segment.spoken.paraphrase = paraphrase(this.#options.random);
  }

  /** Answers are sent in the order of their utterances. */
  #answeredOne(segment: SimulatedSegment): void {
    this.#waiting.splice(this.#waiting.indexOf(segment), 1);
    this.#waiting[0]?.allowAnswer();
    this.#finishIfAnswered();
  }

  #finishIfAnswered(): void {
    if (this.#waiting.length > 0 || this.#committing > 0) return;
    this.#answered?.();
    this.#answered = undefined;
  }

  #later(ms: number, run: () => void): () => void {
    const cancel = (): void => {
      cancelTimer();
      this.#cancels.delete(cancel);
    };
    const cancelTimer = this.#options.clock.after(ms, () => {
      this.#cancels.delete(cancel);
      if (!this.#closed) run();
    });
    this.#cancels.add(cancel);
    return cancel;
  }
}

export const streamTimeout = {
  type: 'transcription_error',
  code: 'UNEXPECTED_ASR_ERROR',
  message: 'statusCode=504, Response stream timeout (timeout_seconds=300)',
} as const;
