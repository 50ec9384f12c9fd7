/**
 * What lets somebody into a room who only hears or reads: a token for that very room. One that is asked for again has been refused: the
 * same one would be refused again.
 */

import { EntranceError } from '../media/entrance-error.ts';
import { hasGrant, unverifiedClaims } from '../media/token-grants.ts';
import type { TokenProvider } from './caption-source.ts';

/** @param grants of which the token needs one to be of use here */
export function entrance(
  token: TokenProvider,
  room: string,
  ...grants: readonly ('captions' | 'channels' | 'originals')[]
): () => Promise<string> {
  let last: string | undefined;
  return async () => {
    const given = await token();
    if (!given) throw new EntranceError('This is not a token.', false);
    if (given === last) throw new EntranceError('The token for this room is not accepted any more.', false);
    last = given;
    const claims = unverifiedClaims(given);
    if (claims && claims.room !== room)
      throw new EntranceError(`The token is for another room than ${room}.`, false, 'wrongRoom');
    if (claims && !grants.some((grant) => hasGrant(grant, given)))
      throw new EntranceError(
        `The token is of no use here: it needs the grant ${grants.map((grant) => `"${grant}"`).join(' or ')}.`,
        false,
        'forbidden',
      );
    return given;
  };
}
