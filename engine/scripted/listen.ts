/** The simulated vendor on a port: the realtime endpoint, and `GET /stats` with what it received. */
import { qwen3 } from '../../config/models.ts';
import { type EngineServer, type ServeOptions, serve } from '../wire/serve.ts';
import type { Simulator } from './simulator.ts';

export interface ServeSimulatorOptions extends Omit<ServeOptions, 'admit' | 'pages' | 'model'> {
  simulator: Simulator;
}

export const serveSimulator = ({ simulator, ...options }: ServeSimulatorOptions): Promise<EngineServer> =>
  serve({
    ...options,
    model: qwen3.id,
    admit: (visitor) => simulator.connect(visitor),
    pages: { '/stats': () => simulator.stats() },
  });
