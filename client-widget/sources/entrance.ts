/**
 * What lets somebody into a room who only hears or reads: a token for that very room. One that is asked for again has been refused: the
 * same one would be refused again.
 */

import { EntranceError } from '../media/entrance-error.ts';
import { unverifiedClaims } from '../media/token-grants.ts';
import type { TokenProvider } from './caption-source.ts';

export function entrance(token: TokenProvider, room: string): () => Promise<string> {
  let last: string | undefined;
  return async () => {
    const given = await token();
    if (!given) throw new EntranceError('This is not a token.', false);
    if (given === last) throw new EntranceError('The token for this room is not accepted any more.', false);
    last = given;
    const claims = unverifiedClaims(given);
    if (claims && claims.room !== room)
      throw new EntranceError(`The token is for another room than ${room}.`, false, 'wrongRoom');
    if (claims && !claims.grants.includes('subscribe'))
      throw new EntranceError(
        'The token lets nobody listen or read: it needs the grant "subscribe".',
        false,
        'forbidden',
      );
    return given;
  };
}
