/**
 * Limits the changes of which everybody in a room is told: those of each participant, and those of the room. In a room that has used up
 * its own, only who has used up half of theirs is refused: the few who change much do not keep the others from changing anything.
 */
import { ApiError } from '@mediasoup-booth/protocol';
import { isHost } from '../auth/permissions.ts';
import { limits } from '../limits.ts';
import { type Rate, TokenBucket } from '../token-bucket.ts';
import type { Participant } from './participant.ts';

type Changer = Pick<Participant, 'kind' | 'grants'>;

export class ChangeLimiter {
  readonly #nowMs: () => number;
  readonly #room: TokenBucket;
  readonly #participants = new WeakMap<Changer, TokenBucket>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#room = new TokenBucket(limits.roomChanges, nowMs());
  }

  /** Counts a change that this participant is about to make. @throws {ApiError} `tooMany` */
  take(participant: Changer): void {
    const nowMs = this.#nowMs();
    const own = this.#participants.get(participant) ?? new TokenBucket(rateOf(participant), nowMs);
    this.#participants.set(participant, own);
    if (!own.has(nowMs))
      throw new ApiError('tooMany', 'you change things faster than everyone can be told: wait a moment');
    if (!this.#room.take(nowMs) && own.share(nowMs) <= 0.5)
      throw new ApiError('tooMany', 'this room changes faster than everyone in it can be told: try again in a moment');
    own.take(nowMs);
  }
}

const rateOf = (changer: Changer): Rate => limits.changes[isHost(changer) ? 'host' : changer.kind];
