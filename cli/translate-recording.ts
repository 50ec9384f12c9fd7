/** Translates a recording into several languages over one reading: the slowest of them sets the pace. */
import type { TargetTranslation } from './target-translation.ts';

export interface TranslatedTarget {
  translation: TargetTranslation;
  /** Where its speech begins: what was translated before is not sent again. */
  fromMs: number;
}

export interface TranslateRecordingOptions {
  targets: readonly TranslatedTarget[];
  /** Chunks of 16 kHz speech. */
  speech: AsyncIterable<Int16Array>;
  /** Where the speech begins in the recording. */
  fromMs: number;
  /** Ends the speech when it aborts; the translation of what was sent until then still comes, unless a connection is awaited for it. */
  signal: AbortSignal;
  /** Called with the position in the recording. */
  onProgress(positionMs: number): void;
}

const SAMPLES_PER_MS = 16;

/**
 * @returns whether all of the speech was sent and translated
 * @throws {TranslationError} of the first language that could not be translated; what the speech throws
 */
export async function translateRecording(options: TranslateRecordingOptions): Promise<boolean> {
  const { targets, speech, fromMs, signal, onProgress } = options;
  let positionMs = fromMs;
  let isWhole = true;
  try {
    for await (const chunk of speech) {
      if (signal.aborted) {
        isWhole = false;
        break;
      }
      await Promise.all(
        targets.map(({ translation, fromMs: from }) => (positionMs >= from ? translation.send(chunk) : undefined)),
      );
      positionMs += chunk.length / SAMPLES_PER_MS;
      onProgress(positionMs);
    }
    await Promise.all(targets.map(({ translation }) => translation.finish()));
    return isWhole;
  } catch (error) {
    if (!signal.aborted || !isAbort(error)) throw error;
    return false;
  } finally {
    for (const { translation } of targets) translation.close();
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
