/**
 * One session with the simulated vendor: cuts what it hears into utterances, and answers them in order. At most 200
 * utterances wait to be answered: what comes on top is not heard.
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
  /** The next utterance's number over all connections, and what is to go wrong with it. */
  utterance(record: Pick<UtteranceRecord, 'numberThere'>): { number: number; manners: ReadonlySet<LastingFault> };
  answered(number: number): void;
}

const MAX_WAITING = 200;
/** Shorter than this it is a click, and nobody's voice. */
const VOICE_FROM_MS = 100;
/** Chunks that were not committed yet; more are not heard. */
const MAX_UNCOMMITTED = 6000;
/** Ends the word that sounds. */
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
  /** By which the sound that began last is known again. */
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
    // In a later turn: first the client is told that it was committed.
    this.#committing++;
    this.#later(0, () => this.#decodeCommitted(committed));
    return true;
  }

  clear(): void {
    this.#uncommitted.length = 0;
  }

  finish(answered: () => void): void {
    this.#answered = answered;
    // A word may still sound at the end.
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
    for (const heard of this.#decoder.push(samples)) this.#handleSound(heard);
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

  /** The transcriber gives up on a stream in which nothing comes. */
  #awaitPause(): void {
    const { clock, script, output, closeSession: die, configuration } = this.#options;
    this.#cancelPause();
    if (this.#closed || configuration.transcription === undefined) return;
    this.#cancelPause = clock.after(script.limits.pauseMs, () => {
      output.error(streamTimeout);
      die(1011, streamTimeout.message);
    });
  }

  #handleSound(heard: DecodedSound): void {
    if (this.#closed) return;
    switch (heard.kind) {
      case 'onset':
        this.#onsetFingerprint = heard.print;
        break;
      case 'word':
        this.#addWord(heard.word, heard.startMs, heard.endMs);
        break;
      case 'voice':
        this.#addVoice(heard.startMs, heard.endMs);
        break;
      case 'silence':
        this.#addSilence(heard.untilMs - heard.sinceMs);
        break;
    }
  }

  #addWord(word: string, startMs: number, endMs: number): void {
    const { replays: memory, configuration, record, clock } = this.#options;
    this.#voiceMs = 0;
    this.#closeIfLong();
    this.#current ??= this.#startSegment(startMs);
    const segment = this.#current;
    segment.spoken.addWord(word);
    this.#lastWords.push(word);
    if (this.#lastWords.length > REMEMBERED_WORDS) this.#lastWords.shift();
    if (segment.spoken.words.length === REMEMBERED_WORDS) this.#rephraseIfReplay(segment);
    memory.add(this.#lastWords, record.number, configuration.target, clock.now());
    segment.extend(endMs, true);
  }

  #addVoice(startMs: number, endMs: number): void {
    this.#voiceMs += endMs - startMs;
    if (!this.#current && this.#voiceMs < VOICE_FROM_MS) return;
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

  /** The same sound is the same utterance, on whichever session it is heard. */
  #startVoiceSegment(startMs: number): SimulatedSegment {
    const { replays: memory, script, record, configuration, clock } = this.#options;
    if (this.#onsetFingerprint === undefined) return this.#startSegment(startMs);
    const number = memory.utteranceOf(this.#onsetFingerprint);
    // A voice that goes on after the end goes on with another, and with the same one wherever it is heard.
    this.#onsetFingerprint = (Math.imul(this.#onsetFingerprint, 31) + 1) | 0;
    const segment = this.#startSegment(startMs, script.utterances[number]);
    const name = [`#${number}`];
    if (memory.isReplay(name, record.number, configuration.target, clock.now())) this.#rephrase(segment);
    memory.add(name, record.number, configuration.target, clock.now());
    return segment;
  }

  #startSegment(startMs: number, scripted?: ScriptedUtterance): SimulatedSegment {
    const { model, configuration, script, output, record, random, utterance, answered } = this.#options;
    const numberThere = ++this.#utterances;
    const { number, manners } = utterance({ numberThere });
    const entry: UtteranceRecord = { number, numberThere, startMs, words: [], replay: false };
    appendBounded(record.utterances, entry);
    const segment = new SimulatedSegment({
      configuration,
      script,
      simultaneous: this.#simultaneous,
      // Where text is only added to, there is nothing tentative to hold back with.
      confirmsLate: model.dialect === 'lt3.8' ? 0 : script.answer.holdsBack,
      spoken: new SpokenWords(configuration, scripted),
      record: entry,
      output,
      faults: manners,
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
    const { replays: memory, configuration, record, clock } = this.#options;
    const { words } = segment.spoken;
    if (memory.isReplay(words, record.number, configuration.target, clock.now())) this.#rephrase(segment);
  }

  #rephrase(segment: SimulatedSegment): void {
    segment.record.replay = true;
    if (this.#options.script.paraphrases) segment.spoken.paraphrase = paraphrase(this.#options.random);
  }

  /** Answers come in the order of what they answer. */
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
