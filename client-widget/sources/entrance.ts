/**
 * What lets somebody into a room who only hears or reads: a token for that very room. One that is asked for again has been refused: the
 * same one would be refused again.
 */

import { EntranceError } from '../media/entrance-error.ts';
import { hasGrant, unverifiedClaims } from '../media/token-grants.ts';
import type { TokenProvider } from './caption-source.ts';

/** @param grant the grant without which the token is of no use here */
export function entrance(token: TokenProvider, room: string, grant: 'captions' | 'channels'): () => Promise<string> {
  let last: string | undefined;
  return async () => {
    const given = await token();
    if (!given) throw new EntranceError('This is not a token.', false);
    if (given === last) throw new EntranceError('The token for this room is not accepted any more.', false);
    last = given;
    const claims = unverifiedClaims(given);
    if (claims && claims.room !== room)
      throw new EntranceError(`The token is for another room than ${room}.`, false, 'wrongRoom');
    if (claims && !hasGrant(grant, given))
      throw new EntranceError(
        `The token lets nobody ${grant === 'captions' ? 'read captions' : 'listen'}: it needs the grant "${grant}".`,
        false,
        'forbidden',
      );
    return given;
  };
}
