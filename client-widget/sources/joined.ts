/**
 * Captions over WebRTC: joins the room as somebody who only reads, whom others do not see where the token says `hidden`. Comes back by
 * itself. Weighs as much as mediasoup-client, and is loaded when it is asked for.
 */
import type { Read } from '../../protocol/languages.ts';
import type { LiveListener, LiveSource, TokenOf } from '../captions/source.ts';
import type { LocalTracks } from '../media/publishing.ts';
import { EntranceError } from '../media/rest.ts';
import { Room } from '../media/room.ts';
import type { ConnectionState } from '../media/room-state.ts';
import { Store } from '../media/store.ts';

export interface JoinedOptions {
  server: string;
  reads: Read;
  token: TokenOf;
}

export const joined = ({ server, reads, token }: JoinedOptions): LiveSource => ({
  open(listener) {
    const room = new Room({
      origin: server.replace(/^http/, 'ws'),
      enter: once(token),
      name: 'Captions',
      preferences: { speaks: null, hears: 'original', reads, interpret: true, pictures: true },
      local: new Store<LocalTracks>(new Map()),
      captionsOnly: true,
    });
    let past = false;
    room.onMessage((message) => listener.message(message, past));
    room.state.watch(({ connection }) => {
      if (connection.is === 'joined') {
        // What was said before is told in the same turn in which one has joined.
        past = true;
        queueMicrotask(() => {
          past = false;
        });
      }
      tell(connection, listener);
    });
    listener.connection({ is: 'connecting' });
    room.join().catch(() => undefined);
    return () => room.leave();
  },
});

function tell(connection: ConnectionState, listener: LiveListener): void {
  if (connection.is === 'joining') listener.connection({ is: 'connecting' });
  else if (connection.is === 'joined') listener.connection({ is: 'live' });
  else if (connection.is === 'rejoining') listener.connection({ ...connection, is: 'lost' });
  else listener.connection({ is: 'ended', message: connection.message });
}

/** A room that asks again has refused what it got. */
function once(token: TokenOf): () => Promise<string> {
  let last: string | undefined;
  return async () => {
    const given = await token();
    if (given === last) throw new EntranceError('The token for this room is not accepted any more.', false);
    last = given;
    return given;
  };
}
