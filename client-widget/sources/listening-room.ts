/**
 * A room for somebody who only listens: receives audio, publishes nothing, and is not shown to others where the token says `hidden`. A
 * lost connection is made again without a call. Loaded on demand, because it is as large as mediasoup-client.
 */
import type { HeardLanguage } from '@mediasoup-booth/protocol';
import { PageRoom } from '../media/page-room.ts';
import type { LocalTracks } from '../media/publishing.ts';
import type { AttachDelay } from '../media/receiver-delay.ts';
import { Store } from '../state/store.ts';
import type { TokenProvider } from './caption-source.ts';
import { entrance } from './entrance.ts';

interface ListeningRoomOptions {
  server: string;
  room: string;
  hears: HeardLanguage;
  token: TokenProvider;
  /** Whether calling `token` again may return a different token. */
  renewable: boolean;
  attachDelay?: AttachDelay | undefined;
}

export function listeningRoom({
  server,
  room: roomName,
  hears,
  token,
  renewable,
  attachDelay,
}: ListeningRoomOptions): PageRoom {
  const room = new PageRoom({
    server,
    enter: entrance(token, roomName, 'channels', 'originals'),
    name: 'Listener',
    preferences: { speaks: null, hears, reads: [], interpret: true, pictures: true },
    local: new Store<LocalTracks>(new Map()),
    retryFirstJoin: true,
    renewable,
    receives: ({ kind }) => kind === 'audio',
    attachDelay,
  });
  room.join().catch(() => undefined);
  return room;
}
