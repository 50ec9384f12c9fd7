/** Serves LiveTranslate sessions with a backend behind them, to whoever comes. */
import { randomUUID } from 'node:crypto';
import type { Backend } from './backend.ts';
import { type EngineServer, type ServeOptions, serve } from './serve.ts';
import { WireSession } from './session.ts';

export type { EngineServer };

export interface ServeBackendOptions extends Omit<ServeOptions, 'admit' | 'pages'> {
  backend: Backend;
}

export function serveBackend({ backend, ...options }: ServeBackendOptions): Promise<EngineServer> {
  const { clock, log } = options;
  return serve({
    ...options,
    admit: ({ model }) => ({
      open: ({ send, close }) =>
        new WireSession({
          model,
          backend,
          send,
          close,
          clock,
          id: (kind) => `${kind}_${randomUUID().replaceAll('-', '')}`,
          log,
        }),
    }),
  });
}
