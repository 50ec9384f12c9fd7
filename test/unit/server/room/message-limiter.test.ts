import { describe, expect, it } from 'vitest';
import { limits } from '../../../../server/limits.ts';
import { MessageLimiter } from '../../../../server/room/message-limiter.ts';

/** How many messages of this size are taken of 100 000. */
function taken(limiter: MessageLimiter, interpreter: string, bytes: number): number {
  let count = 0;
  for (let n = 0; n < 100_000; n++) if (limiter.take(interpreter, bytes)) count++;
  return count;
}

describe('the room messages of an interpreter', () => {
  it('are limited in number, for each interpreter, by the second', () => {
    let nowMs = 0;
    const limiter = new MessageLimiter(() => nowMs);
    expect(taken(limiter, 'one', 10)).toBe(limits.roomMessages.burst);
    expect(limiter.take('other', 10)).toBe(true);
    nowMs += 1000;
    expect(taken(limiter, 'one', 10)).toBe(limits.roomMessages.perSecond);
  });

  it('are limited in bytes', () => {
    const limiter = new MessageLimiter(() => 0);
    expect(taken(limiter, 'one', 16_384)).toBe(limits.roomMessageBytes.burst / 16_384);
  });
});
