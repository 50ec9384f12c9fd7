/** A token that is asked for again has been refused: the same one would be refused again. */
import type { TokenOf } from '../captions/source.ts';
import { EntranceError } from '../media/entrance-error.ts';

export function once(token: TokenOf): () => Promise<string> {
  let last: string | undefined;
  return async () => {
    const given = await token();
    if (given === last) throw new EntranceError('The token for this room is not accepted any more.', false);
    last = given;
    return given;
  };
}
