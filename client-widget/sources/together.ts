/** Several sources as one, which is as well as the worst of them is. */
import type { Connection, LiveListener, LiveSource } from '../captions/source.ts';

const worst: readonly Connection['is'][] = ['ended', 'lost', 'connecting', 'live'];

export class Together implements LiveSource {
  readonly #sources: readonly LiveSource[];

  constructor(sources: readonly LiveSource[]) {
    this.#sources = sources;
  }

  open(listener: LiveListener): () => void {
    const connections: Connection[] = this.#sources.map(() => ({ is: 'connecting' }));
    const closings = this.#sources.map((source, index) =>
      source.open({
        message: (message, past) => listener.message(message, past),
        connection: (connection) => {
          connections[index] = connection;
          listener.connection(worstOf(connections));
        },
      }),
    );
    return () => {
      for (const close of closings) close();
    };
  }
}

function worstOf(connections: readonly Connection[]): Connection {
  for (const is of worst) {
    const found = connections.find((connection) => connection.is === is);
    if (found) return found;
  }
  return { is: 'connecting' };
}
