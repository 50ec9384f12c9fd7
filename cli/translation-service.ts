/** The chosen translation service, ready for use: starts the embedded engine where that was chosen. */
import { EngineError, offline } from '@mediasoup-booth/offline-engine';
import type { Logger } from 'pino';
import { cacheDir } from '../scripts/places.mjs';
import type { EngineChoice } from './engine-choice.ts';
import { CommandError } from './errors.ts';
import type { Settings } from './settings.ts';

export interface TranslationService {
  /** The settings that `openLiveTranslate` and an interpreter's assignment need. */
  readonly access: { url: string; model: string; key?: string };
  /** Stops the embedded engine, where it was started. */
  stop(): Promise<void>;
}

/** @throws {CommandError} when the embedded engine does not start */
export async function startTranslationService(
  { url, key, model }: EngineChoice,
  { config, environment }: Settings,
  log: Logger,
): Promise<TranslationService> {
  if (url) return { access: { url, model: model.id, ...(key && { key }) }, stop: async () => {} };
  const { port, voskModel, threads, maxSessions } = config.engine;
  const engine = await offline({
    port,
    maxSessions,
    ...(threads !== 'auto' && { threads }),
    ...(voskModel && { voskModel }),
    cacheDir: cacheDir(environment),
    // The `booth` script has done that.
    setUp: false,
    log,
    logLevel: config.logLevel,
  }).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error;
    throw new CommandError(`the offline engine does not start: ${error.message} "booth doctor" tells what it lacks.`);
  });
  return { access: { url: engine.url, model: model.id, key: engine.key }, stop: () => engine.close() };
}
