/**
 * One session with the simulated vendor: cuts what it hears into utterances, and answers them in order. At most 200
 * utterances wait to be answered: what comes on top is not heard.
 */
import type { Model } from '../../config/models.ts';
import type { BackendSession, Configuration, Output } from '../wire/backend.ts';
import type { Memory } from './memory.ts';
import { paraphrase } from './paraphrase.ts';
import { Quota, type QuotaOptions } from './quota.ts';
import type { Random } from './random.ts';
import { Saying, type Scripted } from './saying.ts';
import type { Manner, Script } from './script.ts';
import { SimulatedSegment } from './segment.ts';
import { keep, type UtteranceRecord } from './stats.ts';
import { type Heard, ToneDecoder } from './tone-decoder.ts';
import { INPUT_RATE } from './words.ts';

export interface SimulatedSessionOptions extends QuotaOptions {
  model: Model;
  script: Script;
  configuration: Configuration;
  output: Output;
  memory: Memory;
  random: Random;
  /** The next utterance's number over all connections, and what is to go wrong with it. */
  utterance(record: Pick<UtteranceRecord, 'numberThere'>): { number: number; manners: ReadonlySet<Manner> };
  answered(number: number): void;
}

const MAX_WAITING = 200;
/** Shorter than this it is a click, and nobody's voice. */
const VOICE_FROM_MS = 100;
/** Chunks that were not committed yet; more are not heard. */
const MAX_UNCOMMITTED = 6000;
/** Ends the word that sounds. */
const PAUSE = new Int16Array(INPUT_RATE / 10);
const REMEMBERED_WORDS = 3;

export class SimulatedSession implements BackendSession {
  readonly #options: SimulatedSessionOptions;
  readonly #ear = new ToneDecoder();
  readonly #use: Quota;
  readonly #meanwhile: boolean;
  readonly #cancels = new Set<() => void>();
  readonly #waiting: SimulatedSegment[] = [];
  readonly #lastWords: string[] = [];
  readonly #uncommitted: Int16Array[] = [];
  #committing = 0;
  #speaking: SimulatedSegment | undefined;
  #voiceMs = 0;
  /** By which the sound that began last is known again. */
  #print: number | undefined;
  #answered: (() => void) | undefined;
  #closed = false;
  #utterances = 0;
  #cancelPause = (): void => {};

  constructor(options: SimulatedSessionOptions) {
    this.#options = options;
    const { script, model } = options;
    this.#use = new Quota(options);
    this.#meanwhile = (script.answer.translates ?? (model.dialect === 'lt3.8' ? 'meanwhile' : 'after')) === 'meanwhile';
  }

  audio(samples: Int16Array): boolean {
    this.#use.heard(samples.length);
    this.#awaitPause();
    if (this.#options.configuration.manual) this.#buffer(samples);
    else this.#listen(samples);
    return true;
  }

  image(jpeg: Uint8Array): void {
    this.#use.saw(jpeg);
  }

  commit(): boolean {
    const committed = this.#uncommitted.splice(0);
    if (committed.length === 0) return false;
    // In a later turn: first the client is told that it was committed.
    this.#committing++;
    this.#later(0, () => this.#hearCommitted(committed));
    return true;
  }

  clear(): void {
    this.#uncommitted.length = 0;
  }

  finish(answered: () => void): void {
    this.#answered = answered;
    // A word may still sound at the end.
    this.#listen(PAUSE);
    this.#close();
    this.#settle();
  }

  close(): void {
    this.#closed = true;
    this.#cancelPause();
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  #listen(samples: Int16Array): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    for (const heard of this.#ear.hear(samples)) this.#hear(heard);
  }

  #buffer(samples: Int16Array): void {
    if (this.#uncommitted.length < MAX_UNCOMMITTED) this.#uncommitted.push(samples);
  }

  #hearCommitted(chunks: readonly Int16Array[]): void {
    this.#committing--;
    for (const samples of chunks) this.#listen(samples);
    this.#listen(PAUSE);
    this.#close();
    this.#settle();
  }

  /** The transcriber gives up on a stream in which nothing comes. */
  #awaitPause(): void {
    const { clock, script, output, die, configuration } = this.#options;
    this.#cancelPause();
    if (this.#closed || configuration.transcription === undefined) return;
    this.#cancelPause = clock.after(script.limits.pauseMs, () => {
      output.error(streamTimeout);
      die(1011, streamTimeout.message);
    });
  }

  #hear(heard: Heard): void {
    if (this.#closed) return;
    switch (heard.kind) {
      case 'onset':
        this.#print = heard.print;
        break;
      case 'word':
        this.#hearWord(heard.word, heard.startMs, heard.endMs);
        break;
      case 'voice':
        this.#hearVoice(heard.startMs, heard.endMs);
        break;
      case 'silence':
        this.#hearSilence(heard.untilMs - heard.sinceMs);
        break;
    }
  }

  #hearWord(word: string, startMs: number, endMs: number): void {
    const { memory, configuration, record, clock } = this.#options;
    this.#voiceMs = 0;
    this.#cutIfLong();
    this.#speaking ??= this.#open(startMs);
    const segment = this.#speaking;
    segment.saying.hearWord(word);
    this.#lastWords.push(word);
    if (this.#lastWords.length > REMEMBERED_WORDS) this.#lastWords.shift();
    if (segment.saying.words.length === REMEMBERED_WORDS) this.#considerReplay(segment);
    memory.note(this.#lastWords, record.number, configuration.target, clock.now());
    segment.heard(endMs, true);
  }

  #hearVoice(startMs: number, endMs: number): void {
    this.#voiceMs += endMs - startMs;
    if (!this.#speaking && this.#voiceMs < VOICE_FROM_MS) return;
    const { wordsPerSecond } = this.#options.script.speech;
    this.#speaking ??= this.#openVoice(endMs - this.#voiceMs);
    const segment = this.#speaking;
    const before = segment.saying.words.length;
    segment.saying.hearVoice(endMs - startMs, wordsPerSecond);
    segment.heard(endMs, segment.saying.words.length > before);
    this.#cutIfLong();
  }

  #hearSilence(ms: number): void {
    const { configuration, script, record } = this.#options;
    record.silenceSeconds += 0.01;
    if (!this.#speaking) this.#voiceMs = 0;
    if (configuration.manual) return;
    if (ms >= (configuration.silenceMs ?? script.speech.closeAfterMs)) this.#close();
  }

  #cutIfLong(): void {
    const speaking = this.#speaking;
    if (!speaking || this.#options.configuration.manual) return;
    const { cutAfter = Number.POSITIVE_INFINITY } = speaking.saying.paraphrase ?? {};
    if (speaking.lengthMs >= this.#options.script.speech.longAfterMs || speaking.saying.words.length >= cutAfter) {
      this.#close();
    }
  }

  /** The same sound is the same utterance, on whichever session it is heard. */
  #openVoice(startMs: number): SimulatedSegment {
    const { memory, script, record, configuration, clock } = this.#options;
    if (this.#print === undefined) return this.#open(startMs);
    const number = memory.utteranceOf(this.#print);
    // A voice that goes on after the end goes on with another, and with the same one wherever it is heard.
    this.#print = (Math.imul(this.#print, 31) + 1) | 0;
    const segment = this.#open(startMs, script.utterances[number]);
    const name = [`#${number}`];
    if (memory.isReplay(name, record.number, configuration.target, clock.now())) this.#rephrase(segment);
    memory.note(name, record.number, configuration.target, clock.now());
    return segment;
  }

  #open(startMs: number, scripted?: Scripted): SimulatedSegment {
    const { model, configuration, script, output, record, random, utterance, answered } = this.#options;
    const numberThere = ++this.#utterances;
    const { number, manners } = utterance({ numberThere });
    const entry: UtteranceRecord = { number, numberThere, startMs, words: [], replay: false };
    keep(record.utterances, entry);
    const segment = new SimulatedSegment({
      configuration,
      script,
      meanwhile: this.#meanwhile,
      // Where text is only added to, there is nothing tentative to hold back with.
      holdsBack: model.dialect === 'lt3.8' ? 0 : script.answer.holdsBack,
      saying: new Saying(configuration, scripted),
      record: entry,
      output,
      manners,
      random,
      later: (ms, run) => this.#later(ms, run),
      spent: (spoken) => this.#use.said(spoken),
      over: () => {
        answered(number);
        this.#answeredOne(segment);
      },
    });
    this.#waiting.push(segment);
    this.#waiting[0]?.mayAnswer();
    return segment;
  }

  #close(): void {
    const segment = this.#speaking;
    if (!segment) return;
    this.#speaking = undefined;
    this.#voiceMs = 0;
    if (segment.saying.words.length < REMEMBERED_WORDS) this.#considerReplay(segment);
    segment.close();
  }

  #considerReplay(segment: SimulatedSegment): void {
    const { memory, configuration, record, clock } = this.#options;
    const { words } = segment.saying;
    if (memory.isReplay(words, record.number, configuration.target, clock.now())) this.#rephrase(segment);
  }

  #rephrase(segment: SimulatedSegment): void {
    segment.record.replay = true;
    if (this.#options.script.paraphrases) segment.saying.paraphrase = paraphrase(this.#options.random);
  }

  /** Answers come in the order of what they answer. */
  #answeredOne(segment: SimulatedSegment): void {
    this.#waiting.splice(this.#waiting.indexOf(segment), 1);
    this.#waiting[0]?.mayAnswer();
    this.#settle();
  }

  #settle(): void {
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
