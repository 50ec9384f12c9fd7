/**
 * A room as somebody hears it who is not in the meeting: joins as one who only listens, whom others do not see where the token says
 * `hidden`. Comes back by itself. Weighs as much as mediasoup-client, and is loaded when it is asked for.
 */
import type { HeardLanguage } from '../../protocol/languages.ts';
import type { LocalTracks } from '../media/publishing.ts';
import type { AttachDelay } from '../media/receiver-delay.ts';
import { Room } from '../media/room.ts';
import { Store } from '../state/store.ts';
import type { TokenProvider } from './caption-source.ts';
import { entrance } from './entrance.ts';

export interface HeardOptions {
  server: string;
  room: string;
  hears: HeardLanguage;
  token: TokenProvider;
  /** Whether asking again may bring another token. */
  renewable: boolean;
  attachDelay?: AttachDelay | undefined;
}

export function heard({ server, room: roomName, hears, token, renewable, attachDelay }: HeardOptions): Room {
  const room = new Room({
    origin: server.replace(/^http/, 'ws'),
    enter: entrance(token, roomName),
    name: 'Listener',
    preferences: { speaks: null, hears, reads: [], interpret: true, pictures: true },
    local: new Store<LocalTracks>(new Map()),
    patient: true,
    renewable,
    receives: ({ kind }) => kind === 'audio',
    attachDelay,
  });
  room.join().catch(() => undefined);
  return room;
}
