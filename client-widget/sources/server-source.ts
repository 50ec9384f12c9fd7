/** A room's captions from its server: one event stream for each language, or one connection over WebRTC where the browser has that. */
import type { ReadLanguages } from '@mediasoup-booth/protocol';
import type { LiveSource, TokenProvider, WidgetConnection } from './caption-source.ts';
import { eventStreamSource } from './event-stream-source.ts';

interface ServerSourceOptions {
  server: string;
  room: string;
  reads: ReadLanguages;
  token: TokenProvider;
  /** Whether calling `token` again may return a different token. */
  renewable: boolean;
  via: 'events' | 'webrtc';
}

export const serverSource = ({ via, reads, ...options }: ServerSourceOptions): LiveSource =>
  via === 'webrtc' && 'RTCPeerConnection' in globalThis
    ? lazyWebRtcSource({ reads, ...options })
    : combineSources(reads.map((language) => eventStreamSource({ language, ...options })));

/** Loads mediasoup-client when the source is opened, because it is most of the widget's weight. */
const lazyWebRtcSource = (options: Omit<ServerSourceOptions, 'via'>): LiveSource => ({
  open(listener) {
    let close = () => {};
    let open = true;
    listener.connection({ is: 'connecting' });
    import('./webrtc-source.ts').then(
      ({ webrtcSource }) => {
        if (open) close = webrtcSource(options).open(listener);
      },
      () =>
        open &&
        listener.connection({ is: 'ended', message: 'Captions could not be loaded: reload the page.', code: '' }),
    );
    return () => {
      open = false;
      close();
    };
  },
});

const worst: readonly WidgetConnection['is'][] = ['ended', 'lost', 'connecting', 'live'];

/** Combines several sources into one, whose connection is in the worst state of theirs. */
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
        notice: listener.notice,
      }),
    );
    return () => {
      for (const close of closings) close();
    };
  },
});

const worstOf = (connections: readonly WidgetConnection[]): WidgetConnection =>
  worst.flatMap((is) => connections.find((connection) => connection.is === is) ?? [])[0] ?? { is: 'connecting' };
