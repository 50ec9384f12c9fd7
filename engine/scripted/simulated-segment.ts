/**
 * One utterance of a simulated session: received word by word, transcribed and translated as the model's generation does it, with the
 * faults of the script. It ends once.
 */
import type { BackendConfiguration, BackendOutput, UtteranceOutput } from '../wire/backend.ts';
import type { Random } from './random.ts';
import type { LastingFault, Script } from './script.ts';
import { SimulatedAnswer } from './simulated-answer.ts';
import type { SpokenWords } from './spoken-words.ts';
import type { UtteranceRecord } from './stats.ts';
import { misheard, partialText, sentenceOf, UNSURE_WORDS } from './text.ts';

export interface SimulatedSegmentOptions {
  configuration: BackendConfiguration;
  script: Script;
  /** Translates while speech continues, and transcribes after it. */
  simultaneous: boolean;
  /** The probability that no text is confirmed before the end. */
  confirmsLate: number;
  spoken: SpokenWords;
  record: UtteranceRecord;
  output: BackendOutput;
  faults: ReadonlySet<LastingFault>;
  random: Random;
  later(ms: number, run: () => void): () => void;
  onOutput(output: { samples: number; characters: number }): void;
  onEnded(): void;
}

const LATE_SOURCE_MS = 500;

export class SimulatedSegment {
  readonly spoken: SpokenWords;
  readonly record: UtteranceRecord;
  readonly #options: SimulatedSegmentOptions;
  readonly #utterance: UtteranceOutput;
  readonly #answer: SimulatedAnswer;
  readonly #confirmsLate: boolean;
  #lastSoundMs: number;
  #answerAllowed = false;
  #closed = false;
  #isOver = false;

  constructor(options: SimulatedSegmentOptions) {
    const { configuration, script, confirmsLate, spoken, record, output, faults, random, later, onOutput } = options;
    this.#options = options;
    this.spoken = spoken;
    this.record = record;
    this.#lastSoundMs = record.startMs;
    this.#confirmsLate = random.chance(confirmsLate);
    output.speechStarted(record.startMs);
    this.#utterance = output.utterance();
    this.#answer = new SimulatedAnswer({
      utterance: this.#utterance,
      words: () => spoken.translation(),
      language: configuration.target,
      voice: configuration.audio ? script.answer : undefined,
      faults,
      confirmsLate: this.#confirmsLate,
      revises: script.answer.revises,
      random,
      later,
      onOutput,
      onEnded: () => this.#answered(),
    });
  }

  get lengthMs(): number {
    return this.#lastSoundMs - this.record.startMs;
  }

  /** Adds speech up to `untilMs`. */
  extend(untilMs: number, newWords: boolean): void {
    this.#lastSoundMs = untilMs;
    if (!newWords) return;
    this.record.words = [...this.spoken.words];
    if (this.#fails) return;
    if (!this.#options.simultaneous) this.#sendSource();
    else if (this.#answerAllowed) this.#answer.update();
  }

  /** The utterances before this one have been answered. */
  allowAnswer(): void {
    if (this.#answerAllowed) return;
    this.#answerAllowed = true;
    const { simultaneous, later, script } = this.#options;
    if (this.#fails) return;
    if (simultaneous || this.#closed) later(script.answer.latencyMs, () => this.#answer.start());
  }

  /** Ends the speech of this utterance. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.spoken.end();
    this.record.endMs = this.#lastSoundMs;
    this.record.words = [...this.spoken.words];
    const { output, faults, simultaneous, configuration } = this.#options;
    if (faults.has('contentError')) {
      output.speechStopped(this.#lastSoundMs);
      output.error(inappropriate);
      this.#end();
      return;
    }
    // Without a voice, the newest model ends its text before it reports that speech has stopped.
    const atOnce = simultaneous && !configuration.audio && this.#answerAllowed;
    if (atOnce) this.#answer.flush();
    output.speechStopped(this.#lastSoundMs);
    if (!faults.has('lateSource')) this.#endSource();
    if (atOnce) this.#answer.finish();
    else this.#complete();
  }

  get #fails(): boolean {
    return this.#options.faults.has('contentError');
  }

  #complete(): void {
    const { simultaneous, later, script } = this.#options;
    this.#answer.complete();
    if (!simultaneous && this.#answerAllowed) later(script.answer.latencyMs, () => this.#answer.start());
  }

  #sendSource(): void {
    const { configuration, random, script } = this.#options;
    const words = this.spoken.source();
    const confirmed = this.#confirmsLate ? 0 : Math.max(0, words.length - UNSURE_WORDS);
    const shownWords = random.chance(script.answer.revises) ? misheard(words, random) : words;
    const { stable, tentative } = partialText(shownWords, confirmed, configuration.source);
    this.#utterance.source(stable, tentative);
  }

  #endSource(): void {
    const { faults, configuration, simultaneous, onOutput } = this.#options;
    if (faults.has('noFinal')) return;
    const words = this.spoken.source();
    const whole = sentenceOf(words, configuration.source);
    if (configuration.transcription !== undefined) onOutput({ samples: 0, characters: whole.length });
    if (simultaneous) {
      for (let confirmed = 1; confirmed < words.length; confirmed++) {
        this.#utterance.source(partialText(words.slice(0, confirmed), confirmed, configuration.source).stable, '');
      }
    }
    if (faults.has('emptyDone')) this.#utterance.source(whole, '');
    this.#utterance.sourceDone(faults.has('emptyDone') ? '' : whole);
  }

  #answered(): void {
    if (!this.#options.faults.has('lateSource')) {
      this.#end();
      return;
    }
    this.#options.later(LATE_SOURCE_MS, () => {
      this.#endSource();
      this.#end();
    });
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onEnded();
  }
}

const inappropriate = {
  type: 'invalid_request_error',
  code: 'DataInspectionFailed',
  message: 'Input data may contain inappropriate content.',
} as const;
