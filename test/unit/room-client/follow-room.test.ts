import { describe, expect, it } from 'vitest';
import { followRoom } from '../../../room-client/follow-room.ts';
import { SignallingError } from '../../../room-client/signalling-client.ts';

/** Servers that send on to the next, by name; the last has the room. */
function servers(...names: string[]) {
  const asked: string[] = [];
  const join = async (server: string): Promise<string> => {
    asked.push(server);
    const next = names[names.indexOf(server) + 1];
    if (next === undefined) return `in the room at ${server}`;
    throw new SignallingError('elsewhere', `at ${next}`, next);
  };
  return { asked, join };
}

describe('joining a room that is elsewhere', () => {
  it('goes to the server that has it', async () => {
    const { asked, join } = servers('a', 'b', 'c');
    expect(await followRoom('a', join)).toBe('in the room at c');
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('gives up where it is sent on a fourth time, with the last refusal', async () => {
    const { asked, join } = servers('a', 'b', 'c', 'd', 'e');
    await expect(followRoom('a', join)).rejects.toMatchObject({ code: 'elsewhere', server: 'e' });
    expect(asked).toEqual(['a', 'b', 'c', 'd']);
  });

  it('fails with every other refusal as it is', async () => {
    const refusal = new SignallingError('revoked', 'no');
    await expect(followRoom('a', () => Promise.reject(refusal))).rejects.toBe(refusal);
  });
});
