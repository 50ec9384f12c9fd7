/**
 * Vosk's speech recogniser, by its C interface. A segment ends with the words of the best path, from which its partial results were
 * taken as well. Vosk's own final result is another estimate (the least risk over all paths): it changes words that stood for seconds,
 * and is not more accurate (on 1061 words of recorded prompts it has 146 errors, the best path 142). Only its confidence and its end
 * time are used.
 *
 * Hard requirement: one call at a time for each recogniser, and none after it was freed. The model is loaded once for all speakers;
 * slow calls run in koffi's worker threads, so that the event loop never waits and two speakers use two cores.
 */
import { promisify } from 'node:util';
import koffi from 'koffi';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import {
  type Recognition,
  type RecognitionResult,
  type RecognizedSegment,
  type Recognizer,
  StageError,
} from './stages.ts';
import { releaseUnusedMemory } from './unused-memory.ts';
import { withDecodingOptions } from './vosk-model.ts';

/** Errors only: Vosk warns about things that callers cannot change. */
const LOG_LEVEL = -2;
// Kaldi needs more stack than the 128 kB of a koffi worker thread. This has to be set before any library is loaded.
koffi.config({ async_stack_size: 4 * 1024 * 1024 });

declare const pointer: unique symbol;
type Pointer = { [pointer]: never };

/** Fast functions are called directly; slow ones return a promise and run in a worker thread. */
interface Library {
  setLogLevel(level: number): void;
  loadModel(directory: string): Promise<Pointer | null>;
  freeModel(model: Pointer): Promise<void>;
  create(model: Pointer, sampleRate: number): Promise<Pointer | null>;
  setWords(recognizer: Pointer, on: number): void;
  /** Returns 1 if a segment ended. */
  accept(recognizer: Pointer, samples: Int16Array, count: number): Promise<number>;
  result(recognizer: Pointer): Promise<string>;
  partialResult(recognizer: Pointer): string;
  finalResult(recognizer: Pointer): Promise<string>;
  free(recognizer: Pointer): Promise<void>;
}

function openLibrary(path: string): Library {
  const library = koffi.load(path);
  const inThread = <T>(definition: string) => promisify(library.func(definition).async) as T;
  return {
    setLogLevel: library.func('void vosk_set_log_level(int level)'),
    loadModel: inThread('void *vosk_model_new(const char *directory)'),
    freeModel: inThread('void vosk_model_free(void *model)'),
    create: inThread('void *vosk_recognizer_new(void *model, float sampleRate)'),
    setWords: library.func('void vosk_recognizer_set_words(void *recognizer, int on)'),
    accept: inThread('int vosk_recognizer_accept_waveform_s(void *recognizer, const int16_t *samples, int count)'),
    result: inThread('const char *vosk_recognizer_result(void *recognizer)'),
    partialResult: library.func('const char *vosk_recognizer_partial_result(void *recognizer)'),
    finalResult: inThread('const char *vosk_recognizer_final_result(void *recognizer)'),
    free: inThread('void vosk_recognizer_free(void *recognizer)'),
  };
}

/** @throws {StageError} */
export async function loadVosk(libraryPath: string, modelDirectory: string): Promise<Recognizer> {
  try {
    const library = openLibrary(libraryPath);
    library.setLogLevel(LOG_LEVEL);
    const model = await withDecodingOptions(modelDirectory, library.loadModel);
    if (!model) throw new Error('it is not a model that Vosk can read');
    return new Vosk(library, model);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StageError('recognizer', `Vosk (${libraryPath}) cannot load the model in ${modelDirectory}: ${why}`, {
      cause: error,
    });
  }
}

class Vosk implements Recognizer {
  readonly #library: Library;
  readonly #model: Pointer;
  #closed = false;
  /** Vosk counts the users of a model without a lock, so recognisers are created and freed one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(library: Library, model: Pointer) {
    this.#library = library;
    this.#model = model;
  }

  async open(): Promise<Recognition> {
    const recognizer = await this.#inTurn(async () =>
      this.#closed ? null : this.#library.create(this.#model, SPEECH_SAMPLE_RATE),
    );
    if (!recognizer) throw new StageError('recognizer', 'Vosk cannot create a recogniser');
    this.#library.setWords(recognizer, 1);
    return new VoskRecognition(this.#library, recognizer, () => {
      // The next recogniser need not wait until the memory of this one is the system's.
      this.#inTurn(() => this.#library.free(recognizer)).then(releaseUnusedMemory);
    });
  }

  /** The model stays loaded until the recognitions that are still open are closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inTurn(() => this.#library.freeModel(this.#model));
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** Added after the last sample, so that the last word is on the best path: as long as the recogniser looks ahead. */
const SILENCE = new Int16Array(SPEECH_SAMPLE_RATE / 2);

/** The fields of Vosk's JSON results that are used. */
interface Result {
  partial?: string;
  result?: { end: number; conf: number }[];
}

class VoskRecognition implements Recognition {
  readonly #library: Library;
  readonly #recognizer: Pointer;
  readonly #free: () => void;
  #busy = false;
  #closed = false;

  constructor(library: Library, recognizer: Pointer, free: () => void) {
    this.#library = library;
    this.#recognizer = recognizer;
    this.#free = free;
  }

  push(samples: Int16Array): Promise<RecognitionResult> {
    return this.#exclusively(async () => {
      const { accept, result } = this.#library;
      const ended = await accept(this.#recognizer, samples, samples.length);
      if (this.#closed) return { ended: false, words: [] };
      const words = this.#bestPath();
      return ended ? recognizedSegment(words, await result(this.#recognizer)) : { ended: false, words };
    });
  }

  finish(): Promise<RecognitionResult> {
    return this.#exclusively(async () => {
      const { accept, finalResult } = this.#library;
      await accept(this.#recognizer, SILENCE, SILENCE.length);
      const words = this.#closed ? [] : this.#bestPath();
      return recognizedSegment(words, await finalResult(this.#recognizer));
    });
  }

  /** The words on the most likely path. */
  #bestPath(): string[] {
    const { partial } = JSON.parse(this.#library.partialResult(this.#recognizer)) as Result;
    return (partial ?? '').split(' ').filter(Boolean);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#busy) this.#free();
  }

  /** A recogniser that was closed during a call is freed after it. */
  async #exclusively(run: () => Promise<RecognitionResult>): Promise<RecognitionResult> {
    if (this.#closed || this.#busy) throw new StageError('recognizer', 'Vosk is closed, or busy with another call');
    this.#busy = true;
    try {
      return await run();
    } finally {
      this.#busy = false;
      if (this.#closed) this.#free();
    }
  }
}

function recognizedSegment(words: string[], json: string): RecognizedSegment {
  const result = (JSON.parse(json) as Result).result ?? [];
  const confidence = result.reduce((sum, { conf }) => sum + conf, 0) / Math.max(1, result.length);
  return { ended: true, words, confidence, endMs: (result.at(-1)?.end ?? 0) * 1000 };
}
