/** One speaker's session with the offline engine: speech is recognised, and each complete sentence is translated and spoken. */
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { BackendConfiguration, BackendOutput, BackendSession, UtteranceOutput } from '../wire/backend.ts';
import { beginning, continued, sentence } from './english.ts';
import { InterpretationQueue } from './interpretation-queue.ts';
import type { RecognitionScheduler } from './recognition-scheduler.ts';
import type { SplitWords } from './stable-prefix.ts';
import type { Recognizer, SpeechSynthesizer, Translator } from './stages.ts';
import { StreamingRecognizer } from './streaming-recognizer.ts';

/** About how long a sentence takes to say. */
const SENTENCE_MS = 2000;

export interface Stages {
  recognizer: Recognizer;
  translator: Translator;
  voice: SpeechSynthesizer;
}

export interface OfflineSessionOptions {
  stages: Stages;
  /** One for all sessions of an engine. Default: there are no others. */
  scheduler?: RecognitionScheduler;
  /** Default: a recogniser is kept while nobody speaks. */
  clock?: Clock;
  configuration: BackendConfiguration;
  output: BackendOutput;
  log: Pick<Logger, 'warn'>;
}

export class OfflineSession implements BackendSession {
  readonly #output: BackendOutput;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #recognizer: StreamingRecognizer;
  /** Undefined if only the transcript is wanted. */
  readonly #interpretations: InterpretationQueue | undefined;
  #utterance: UtteranceOutput | undefined;

  constructor({ stages, scheduler, clock, configuration, output, log }: OfflineSessionOptions) {
    const { recognizer, translator, voice } = stages;
    const { source, target, audio } = configuration;
    this.#output = output;
    this.#log = log;
    this.#recognizer = new StreamingRecognizer({
      recognizer,
      scheduler,
      clock,
      listener: {
        started: (atMs) => this.#started(atMs),
        changed: (text) => this.#changed(text),
        ended: (words, atMs) => this.#ended(words, atMs),
        failed: (error) => this.#failed(error),
      },
      onProgress: () => output.progressed(),
    });
    if (source !== target) {
      this.#interpretations = new InterpretationQueue({
        translator,
        voice: audio ? voice : undefined,
        onProgress: () => output.progressed(),
        log,
      });
    }
  }

  pushAudio(samples: Int16Array): boolean {
    return this.#recognizer.push(samples);
  }

  /** Sentences that wait to be translated count too, after the first. */
  get waitingMs(): number {
    const sentences = Math.max(0, (this.#interpretations?.waiting ?? 0) - 1);
    return this.#recognizer.waitingMs + sentences * SENTENCE_MS;
  }

  get speakersAhead(): number {
    return this.#recognizer.speakersAhead;
  }

  finish(answered: (error?: unknown) => void): void {
    this.#finish().then(() => answered(), answered);
  }

  close(): void {
    this.#recognizer.close();
    this.#interpretations?.close();
  }

  async #finish(): Promise<void> {
    await this.#recognizer.finish();
    await this.#interpretations?.finish();
  }

  #started(atMs: number): void {
    this.#output.speechStarted(atMs);
    this.#utterance = this.#output.utterance();
  }

  #changed({ stable, tentative }: SplitWords): void {
    if (stable.length === 0) this.#utterance?.source('', beginning(tentative));
    else this.#utterance?.source(beginning(stable), tentative.length > 0 ? ` ${continued(tentative)}` : '');
  }

  #ended(words: readonly string[], atMs: number): void {
    const said = sentence(words);
    this.#output.speechStopped(atMs);
    // Noise that was taken for words is removed from the transcript.
    if (!said) this.#utterance?.source('', '');
    this.#utterance?.sourceDone(said);
    if (this.#utterance && said) this.#interpretations?.add(this.#utterance, said);
    this.#utterance = undefined;
  }

  #failed(error: unknown): void {
    this.#log.warn({ err: error }, 'recogniser failed');
    this.#utterance?.sourceFailed('The speech recogniser failed.');
    this.#utterance = undefined;
  }
}
