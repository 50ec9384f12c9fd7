/**
 * Captions over WebRTC: joins the room as somebody who only reads, whom others do not see where the token says `hidden`. Comes back by
 * itself. Weighs as much as mediasoup-client, and is loaded when it is asked for.
 */
import type { ReadLanguages } from '../../protocol/languages.ts';
import type { LocalTracks } from '../media/publishing.ts';
import { Room } from '../media/room.ts';
import type { ConnectionState } from '../media/room-state.ts';
import { Store } from '../state/store.ts';
import type { LiveSource, TokenProvider } from './caption-source.ts';
import { connectionOf } from './connection.ts';
import { entrance } from './entrance.ts';

export interface JoinedOptions {
  server: string;
  room: string;
  reads: ReadLanguages;
  token: TokenProvider;
  /** Whether asking again may bring another token. */
  renewable: boolean;
}

export const joined = ({ server, room: roomName, reads, token, renewable }: JoinedOptions): LiveSource => ({
  open(listener) {
    const room = new Room({
      origin: server.replace(/^http/, 'ws'),
      enter: entrance(token, roomName),
      name: 'Captions',
      preferences: { speaks: null, hears: 'original', reads, interpret: true, pictures: true },
      local: new Store<LocalTracks>(new Map()),
      patient: true,
      renewable,
      receives: () => false,
    });
    let past = false;
    let shown: ConnectionState | undefined;
    room.onMessage((message) => listener.message(message, past));
    room.state.watch(({ connection }) => {
      if (connection === shown) return;
      shown = connection;
      if (connection.is === 'joined') {
        // What was said before is told in the same turn in which one has joined.
        past = true;
        queueMicrotask(() => {
          past = false;
        });
      }
      listener.connection(connectionOf(connection));
    });
    room.join().catch(() => undefined);
    return () => room.leave();
  },
});
