/** Serves LiveTranslate sessions with a backend behind them, to whoever comes. */
import { randomUUID } from 'node:crypto';
import type { Backend } from './backend.ts';
import { type Listening, type ServeOptions, serve } from './serve.ts';
import { WireSession } from './session.ts';

export type { Listening };

export interface ListenOptions extends Omit<ServeOptions, 'admit' | 'pages'> {
  backend: Backend;
}

export function listen({ backend, ...options }: ListenOptions): Promise<Listening> {
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
