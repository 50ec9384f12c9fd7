/**
 * The offline engine: a LiveTranslate server on this computer, which translates English speech to Spanish without a network.
 *
 * @example
 * const engine = await startOfflineEngine({ host: '127.0.0.1', port: 0, key, components, log });
 */
export { EngineError, startOfflineEngine } from './offline/engine.ts';
