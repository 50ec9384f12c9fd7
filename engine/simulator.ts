/**
 * A simulator of the translation service, for tests: it answers by a script, and fails as told.
 *
 * @example
 * const server = await serveSimulator({ host: '127.0.0.1', port: 0, simulator: new Simulator({ script, clock }), clock, log });
 */
import '../process/require-node.ts';

export { readScript, ScriptError, type ScriptInput } from './scripted/script.ts';
export { Simulator, serveSimulator } from './scripted/simulator.ts';
