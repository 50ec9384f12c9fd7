/** The simulated vendor on a port: the realtime endpoint, and `GET /stats` with what it received. */
import { qwen3 } from '../../config/models.ts';
import { type Listening, type ServeOptions, serve } from '../wire/serve.ts';
import type { Simulator } from './simulator.ts';

export interface ListenOptions extends Omit<ServeOptions, 'admit' | 'pages' | 'model'> {
  simulator: Simulator;
}

export const listenAsVendor = ({ simulator, ...options }: ListenOptions): Promise<Listening> =>
  serve({
    ...options,
    model: qwen3.id,
    admit: (visitor) => simulator.connect(visitor),
    pages: { '/stats': () => simulator.stats() },
  });
