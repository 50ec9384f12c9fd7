/** The chosen translation service, ready for use: starts the embedded engine where that was chosen. */
import type { Logger } from 'pino';
import { systemClock } from '../time/clock.ts';
import { startEmbeddedEngine } from './embedded-engine.ts';
import type { EngineChoice } from './engine-choice.ts';
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
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<TranslationService> {
  if (url) return { access: { url, model: model.id, ...(key && { key }) }, stop: async () => {} };
  const engine = await startEmbeddedEngine({ port: config.engine.port, environment, clock: systemClock, log });
  return { access: { url: engine.url, model: model.id, key: engine.key }, stop: () => engine.stop() };
}
