/**
 * One session with the simulated vendor: hears, cuts what it hears into utterances, answers them in order, and keeps within
 * what one session may use. At most 200 utterances wait to be answered: what comes on top is not heard.
 */
import type { Limits, Model, Rates } from '../../config/models.ts';
import type { Clock } from '../clock.ts';
import type { BackendSession, Configuration, Output } from '../wire/backend.ts';
import { InvalidMessage } from '../wire/client-messages.ts';
import { sizeOfJpeg } from '../wire/jpeg.ts';
import { imageTokens } from '../wire/meter.ts';
import { Ear, type Heard } from './ear.ts';
import type { Memory } from './memory.ts';
import { paraphrase } from './paraphrase.ts';
import type { Random } from './random.ts';
import { Saying, type Scripted } from './saying.ts';
import type { Manner, Script } from './script.ts';
import { Segment } from './segment.ts';
import { type ConnectionRecord, keep, type UtteranceRecord } from './stats.ts';
import { INPUT_RATE, OUTPUT_RATE } from './words.ts';

export interface SimulatedSessionOptions {
  model: Model;
  rates: Rates;
  limits: Limits;
  script: Script;
  configuration: Configuration;
  output: Output;
  record: ConnectionRecord;
  memory: Memory;
  random: Random;
  clock: Clock;
  /** The next utterance's number over all connections, and what is to go wrong with it. */
  utterance(record: Pick<UtteranceRecord, 'numberThere'>): { number: number; manners: ReadonlySet<Manner> };
  answered(number: number): void;
  /** The account pays. */
  spend(tokens: number): void;
  /** The session cannot go on. */
  die(code: number, reason: string): void;
}

const MAX_WAITING = 200;
/** Shorter than this it is a click, and nobody's voice. */
const VOICE_FROM_MS = 100;
/** Chunks that were not committed yet; more are not heard. */
const MAX_UNCOMMITTED = 6000;
/** Ends the word that sounds. */
const PAUSE = new Int16Array(INPUT_RATE / 10);
const CHARACTERS_PER_TOKEN = 4;
const REMEMBERED_WORDS = 3;

export class SimulatedSession implements BackendSession {
  readonly #options: SimulatedSessionOptions;
  readonly #ear = new Ear();
  readonly #meanwhile: boolean;
  readonly #cancels = new Set<() => void>();
  readonly #waiting: Segment[] = [];
  readonly #lastWords: string[] = [];
  readonly #uncommitted: Int16Array[] = [];
  #speaking: Segment | undefined;
  #voiceMs = 0;
  #script: { utterance: Scripted | undefined; replay: boolean } | undefined;
  #answered: (() => void) | undefined;
  #closed = false;
  #utterances = 0;
  #lastAudioMs: number | undefined;
  #imageCredit: number;
  #imageCreditAtMs = 0;
  #cancelPause = (): void => {};

  constructor(options: SimulatedSessionOptions) {
    this.#options = options;
    const { script, model, limits } = options;
    this.#meanwhile = (script.answer.translates ?? (model.dialect === 'lt3.8' ? 'meanwhile' : 'after')) === 'meanwhile';
    this.#imageCredit = limits.imagesPerSecond;
  }

  audio(samples: Int16Array): boolean {
    this.#count(samples);
    if (this.#options.configuration.manual) this.#buffer(samples);
    else this.#listen(samples);
    return true;
  }

  image(jpeg: Uint8Array): void {
    const { limits, record, clock, rates } = this.#options;
    const size = sizeOfJpeg(jpeg);
    if (!size) throw new InvalidMessage('An image must be a JPEG.', { param: 'image' });
    if (Math.min(size.width, size.height) > limits.imageLines) {
      throw new InvalidMessage(`An image may have at most 1080p, and this has ${size.width}×${size.height}.`, {
        param: 'image',
      });
    }
    this.#takeImageCredit();
    keep(record.images, { atMs: clock.now(), bytes: jpeg.length, ...size });
    this.#spendInput(imageTokens(rates, size));
  }

  commit(): boolean {
    const committed = this.#uncommitted.splice(0);
    if (committed.length > 0) this.#later(0, () => this.#hearCommitted(committed));
    return committed.length > 0;
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
    if (this.#closed || this.#waiting.length >= MAX_WAITING) return;
    for (const heard of this.#ear.hear(samples)) this.#hear(heard);
  }

  #buffer(samples: Int16Array): void {
    if (this.#uncommitted.length < MAX_UNCOMMITTED) this.#uncommitted.push(samples);
  }

  #hearCommitted(chunks: readonly Int16Array[]): void {
    for (const samples of chunks) this.#listen(samples);
    this.#listen(PAUSE);
    this.#close();
    this.#settle();
  }

  #count(samples: Int16Array): void {
    const { record, clock, rates } = this.#options;
    const now = clock.now();
    const gap = now - (this.#lastAudioMs ?? now);
    this.#lastAudioMs = now;
    record.gapsMs.longest = Math.max(record.gapsMs.longest, gap);
    if (gap > 200) record.gapsMs.over200++;
    if (gap > 1000) record.gapsMs.over1000++;
    record.audioSeconds += samples.length / INPUT_RATE;
    this.#spendInput((samples.length / INPUT_RATE) * rates.audioInPerSecond);
    this.#awaitPause();
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

  /** Two at once, and two more each second: so that a client's beat may tremble. */
  #takeImageCredit(): void {
    const { limits, clock } = this.#options;
    const now = clock.now();
    const refill = ((now - this.#imageCreditAtMs) / 1000) * limits.imagesPerSecond;
    this.#imageCredit = Math.min(limits.imagesPerSecond, this.#imageCredit + refill);
    this.#imageCreditAtMs = now;
    if (this.#imageCredit < 1) {
      throw new InvalidMessage(`At most ${limits.imagesPerSecond} images a second are taken.`, { param: 'image' });
    }
    this.#imageCredit--;
  }

  #spendInput(tokens: number): void {
    const { record, limits, spend, die } = this.#options;
    record.tokens.input += tokens;
    spend(tokens);
    const { input, output } = record.tokens;
    if (input > limits.inputTokens || input + output > limits.contextTokens) {
      die(1011, `InternalError.Algo.InvalidParameter: Range of input length should be [1, ${limits.inputTokens}]`);
    }
  }

  #spendOutput({ samples, characters }: { samples: number; characters: number }): void {
    const { record, rates, spend } = this.#options;
    const tokens = (samples / OUTPUT_RATE) * rates.audioOutPerSecond + characters / CHARACTERS_PER_TOKEN;
    record.tokens.output += tokens;
    spend(tokens);
  }

  #hear(heard: Heard): void {
    if (this.#closed) return;
    switch (heard.kind) {
      case 'onset':
        this.#script = this.#recognise(heard.print);
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

  /** The same sound is the same utterance, on whichever session it is heard. */
  #recognise(print: number): { utterance: Scripted | undefined; replay: boolean } {
    const { memory, script, record, configuration, clock } = this.#options;
    const number = memory.utteranceOf(print);
    const name = [`#${number}`];
    const replay = memory.isReplay(name, record.number, configuration.target, clock.now());
    memory.note(name, record.number, configuration.target, clock.now());
    return { utterance: script.utterances[number], replay };
  }

  #hearWord(word: string, startMs: number, endMs: number): void {
    const { memory, configuration, record, clock } = this.#options;
    this.#voiceMs = 0;
    this.#cutIfLong();
    const segment = this.#segment(startMs, undefined);
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
    const segment = this.#segment(endMs - this.#voiceMs, this.#script?.utterance);
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

  #segment(startMs: number, scripted: Scripted | undefined): Segment {
    this.#speaking ??= this.#open(startMs, scripted);
    return this.#speaking;
  }

  #open(startMs: number, scripted: Scripted | undefined): Segment {
    const { model, configuration, script, output, record, random, utterance, answered } = this.#options;
    const numberThere = ++this.#utterances;
    const { number, manners } = utterance({ numberThere });
    const entry: UtteranceRecord = { number, numberThere, startMs, words: [], replay: false };
    keep(record.utterances, entry);
    const segment = new Segment({
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
      spent: (spoken) => this.#spendOutput(spoken),
      over: () => {
        answered(number);
        this.#answeredFirst();
      },
    });
    if (this.#script?.replay) this.#rephrase(segment);
    // An utterance that was begun by a voice is used up by it.
    this.#script = undefined;
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

  #considerReplay(segment: Segment): void {
    const { memory, configuration, record, clock } = this.#options;
    if (memory.isReplay(segment.saying.words, record.number, configuration.target, clock.now()))
      this.#rephrase(segment);
  }

  #rephrase(segment: Segment): void {
    segment.record.replay = true;
    if (this.#options.script.paraphrases) segment.saying.paraphrase = paraphrase(this.#options.random);
  }

  /** Answers come in the order of what they answer. */
  #answeredFirst(): void {
    this.#waiting.shift();
    this.#waiting[0]?.mayAnswer();
    this.#settle();
  }

  #settle(): void {
    if (this.#waiting.length > 0) return;
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
