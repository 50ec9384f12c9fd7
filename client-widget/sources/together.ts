/** Several sources as one, which is as well as the worst of them is. */
import type { LiveSource, WidgetConnection } from './caption-source.ts';

const worst: readonly WidgetConnection['is'][] = ['ended', 'lost', 'connecting', 'live'];

export const combineSources = (sources: readonly LiveSource[]): LiveSource => ({
  open(listener) {
    const connections: WidgetConnection[] = sources.map(() => ({ is: 'connecting' }));
    const closings = sources.map((source, index) =>
      source.open({
        message: listener.message,
        connection: (connection) => {
          connections[index] = connection;
          listener.connection(worstOf(connections));
        },
      }),
    );
    return () => {
      for (const close of closings) close();
    };
  },
});

const worstOf = (connections: readonly WidgetConnection[]): WidgetConnection =>
  worst.flatMap((is) => connections.find((connection) => connection.is === is) ?? [])[0] ?? { is: 'connecting' };
