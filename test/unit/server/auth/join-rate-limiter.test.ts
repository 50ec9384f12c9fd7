import { ApiError } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { JoinRateLimiter } from '../../../../server/auth/join-rate-limiter.ts';

const guess = () => {
  throw new ApiError('forgedToken', 'signed with another secret');
};

async function codes(limiter: JoinRateLimiter, address: string, atMs: number, admit: () => unknown, times = 1) {
  const answers: string[] = [];
  for (let n = 0; n < times; n++)
    answers.push(
      await limiter.attempt(address, atMs, admit).then(
        () => 'admitted',
        (error: unknown) => (error instanceof ApiError ? error.code : 'another error'),
      ),
    );
  return answers;
}

describe('attempts to join', () => {
  it('are answered once in five seconds where an address has guessed twenty times, and as ever elsewhere', async () => {
    const limiter = new JoinRateLimiter();
    expect(await codes(limiter, '10.0.0.1', 0, guess, 21)).toEqual([...Array(20).fill('forgedToken'), 'tooMany']);
    expect(await codes(limiter, '10.0.0.2', 0, guess)).toEqual(['forgedToken']);
    expect(await codes(limiter, '10.0.0.1', 5000, guess, 2)).toEqual(['forgedToken', 'tooMany']);
  });

  it('with what is good are admitted from an address at which somebody guesses on and on', async () => {
    const limiter = new JoinRateLimiter();
    for (let n = 0; n < 300; n++) {
      await codes(limiter, '10.0.0.1', 0, guess, 10);
      expect(await codes(limiter, '10.0.0.1', 0, () => 'claims')).toEqual(['admitted']);
    }
  });

  it.each(['revoked', 'expiredToken', 'wrongRoom', 'inviteNeeded'] as const)(
    'that are refused as %s are no guesses, and are told so each time',
    async (code) => {
      const refuse = () => {
        throw new ApiError(code, 'no');
      };
      expect(new Set(await codes(new JoinRateLimiter(), '10.0.0.1', 0, refuse, 50))).toEqual(new Set([code]));
    },
  );

  it('are remembered of the last thousand addresses', async () => {
    const limiter = new JoinRateLimiter();
    await codes(limiter, 'first', 0, guess, 21);
    for (let n = 0; n < 1000; n++) await codes(limiter, `address ${n}`, 0, guess);
    expect(await codes(limiter, 'first', 0, guess)).toEqual(['forgedToken']);
  });
});
