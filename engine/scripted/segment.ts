/**
 * One utterance on a session: heard word by word, transcribed and translated as its model's generation does it, with what
 * was ordered to go wrong. It is over once.
 */
import type { Configuration, Output, UtteranceOutput } from '../wire/backend.ts';
import { Answer } from './answer.ts';
import type { Random } from './random.ts';
import type { Saying } from './saying.ts';
import type { Manner, Script } from './script.ts';
import type { UtteranceRecord } from './stats.ts';
import { misheard, sentenceOf, shown, UNSURE_WORDS } from './text.ts';

export interface SegmentOptions {
  configuration: Configuration;
  script: Script;
  /** It translates while speech continues, and transcribes after it. */
  meanwhile: boolean;
  /** How likely nothing of it is confirmed before its end. */
  holdsBack: number;
  saying: Saying;
  record: UtteranceRecord;
  output: Output;
  manners: ReadonlySet<Manner>;
  random: Random;
  later(ms: number, run: () => void): () => void;
  spent(spoken: { samples: number; characters: number }): void;
  over(): void;
}

const LATE_SOURCE_MS = 500;

export class SimulatedSegment {
  readonly saying: Saying;
  readonly record: UtteranceRecord;
  readonly #options: SegmentOptions;
  readonly #utterance: UtteranceOutput;
  readonly #answer: Answer;
  readonly #holdsBack: boolean;
  #lastSoundMs: number;
  #mayAnswer = false;
  #closed = false;
  #isOver = false;

  constructor(options: SegmentOptions) {
    const { configuration, script, holdsBack, saying, record, output, manners, random, later, spent } = options;
    this.#options = options;
    this.saying = saying;
    this.record = record;
    this.#lastSoundMs = record.startMs;
    this.#holdsBack = random.chance(holdsBack);
    output.speechStarted(record.startMs);
    this.#utterance = output.utterance();
    this.#answer = new Answer({
      utterance: this.#utterance,
      words: () => saying.translation(),
      language: configuration.target,
      voice: configuration.audio ? script.answer : undefined,
      manners,
      holdsBack: this.#holdsBack,
      revises: script.answer.revises,
      random,
      later,
      spent,
      over: () => this.#answered(),
    });
  }

  get lengthMs(): number {
    return this.#lastSoundMs - this.record.startMs;
  }

  /** There is more of it. */
  heard(untilMs: number, newWords: boolean): void {
    this.#lastSoundMs = untilMs;
    if (!newWords) return;
    this.record.words = [...this.saying.words];
    if (this.#fails) return;
    if (!this.#options.meanwhile) this.#showSource();
    else if (this.#mayAnswer) this.#answer.more();
  }

  /** Those before it have been answered. */
  mayAnswer(): void {
    if (this.#mayAnswer) return;
    this.#mayAnswer = true;
    const { meanwhile, later, script } = this.#options;
    if (this.#fails) return;
    if (meanwhile || this.#closed) later(script.answer.latencyMs, () => this.#answer.begin());
  }

  /** No more of it follows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.saying.end();
    this.record.endMs = this.#lastSoundMs;
    this.record.words = [...this.saying.words];
    const { output, manners, meanwhile, configuration } = this.#options;
    if (manners.has('contentError')) {
      output.speechStopped(this.#lastSoundMs);
      output.error(inappropriate);
      this.#over();
      return;
    }
    // Without a voice to be spoken, the newest model ends its text before it says that speech has stopped.
    const atOnce = meanwhile && !configuration.audio && this.#mayAnswer;
    if (atOnce) this.#answer.flush();
    output.speechStopped(this.#lastSoundMs);
    if (!manners.has('lateSource')) this.#endSource();
    if (atOnce) this.#answer.finish();
    else this.#complete();
  }

  get #fails(): boolean {
    return this.#options.manners.has('contentError');
  }

  #complete(): void {
    const { meanwhile, later, script } = this.#options;
    this.#answer.complete();
    if (!meanwhile && this.#mayAnswer) later(script.answer.latencyMs, () => this.#answer.begin());
  }

  #showSource(): void {
    const { configuration, random, script } = this.#options;
    const words = this.saying.source();
    const sure = this.#holdsBack ? 0 : Math.max(0, words.length - UNSURE_WORDS);
    const shownWords = random.chance(script.answer.revises) ? misheard(words, random) : words;
    const { stable, tentative } = shown(shownWords, sure, configuration.source);
    this.#utterance.source(stable, tentative);
  }

  #endSource(): void {
    const { manners, configuration, meanwhile, spent } = this.#options;
    if (manners.has('noFinal')) return;
    const words = this.saying.source();
    const whole = sentenceOf(words, configuration.source);
    if (configuration.transcription !== undefined) spent({ samples: 0, characters: whole.length });
    if (meanwhile) {
      for (let sure = 1; sure < words.length; sure++) {
        this.#utterance.source(shown(words.slice(0, sure), sure, configuration.source).stable, '');
      }
    }
    if (manners.has('emptyDone')) this.#utterance.source(whole, '');
    this.#utterance.sourceDone(manners.has('emptyDone') ? '' : whole);
  }

  #answered(): void {
    if (!this.#options.manners.has('lateSource')) {
      this.#over();
      return;
    }
    this.#options.later(LATE_SOURCE_MS, () => {
      this.#endSource();
      this.#over();
    });
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.over();
  }
}

const inappropriate = {
  type: 'invalid_request_error',
  code: 'DataInspectionFailed',
  message: 'Input data may contain inappropriate content.',
} as const;
