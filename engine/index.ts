/**
 * The offline engine: a LiveTranslate server on this computer, which translates English speech to Spanish without a network.
 *
 * @example
 * const engine = await offline();
 * const booth = new Booth({ engine });
 */
import '../process/require-node.ts';

export { EngineError, type EngineErrorCode } from './engine-error.ts';
export { startOfflineEngine } from './offline/engine.ts';
export {
  type OfflineEngine,
  type OfflineOptions,
  startEngineProcess as offline,
} from './process/engine-process.ts';
