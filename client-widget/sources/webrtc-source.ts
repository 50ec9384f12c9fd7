/**
 * Captions over WebRTC: joins the room as somebody who only reads, and is not shown to others where the token says `hidden`. A lost
 * connection is made again without a call. Loaded on demand, because it is as large as mediasoup-client.
 */
import type { ReadLanguages } from '@mediasoup-booth/protocol';
import { PageRoom } from '../media/page-room.ts';
import type { LocalTracks } from '../media/publishing.ts';
import type { ConnectionState } from '../media/room-state.ts';
import { Store } from '../state/store.ts';
import type { LiveSource, TokenProvider } from './caption-source.ts';
import { connectionOf } from './connection.ts';
import { entrance } from './entrance.ts';

interface WebRtcSourceOptions {
  server: string;
  room: string;
  reads: ReadLanguages;
  token: TokenProvider;
  /** Whether calling `token` again may return a different token. */
  renewable: boolean;
}

export const webrtcSource = ({ server, room: roomName, reads, token, renewable }: WebRtcSourceOptions): LiveSource => ({
  open(listener) {
    const room = new PageRoom({
      server,
      enter: entrance(token, roomName, 'captions'),
      name: 'Captions',
      preferences: { speaks: null, hears: 'original', reads, interpret: true, pictures: true },
      local: new Store<LocalTracks>(new Map()),
      retryFirstJoin: true,
      renewable,
      receives: () => false,
    });
    let isPast = false;
    let shown: ConnectionState | undefined;
    room.onMessage((message) => listener.message(message, isPast));
    room.state.watch(({ connection }) => {
      if (connection === shown) return;
      shown = connection;
      if (connection.is === 'joined') {
        // The recent captions are delivered in the same turn of the event loop as the join.
        isPast = true;
        queueMicrotask(() => {
          isPast = false;
        });
      }
      listener.connection(connectionOf(connection));
    });
    room.join().catch(() => undefined);
    return () => room.leave();
  },
});
