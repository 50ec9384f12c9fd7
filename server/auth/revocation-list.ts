/**
 * The ids of the tokens and invites that hosts have revoked, by room. Each is kept for 31 days: longer than anything that this server
 * signs is valid. At 1000 in a room, or 20,000 in all, no more can be revoked: none is removed to make room for another.
 */
import { z } from 'zod';
import { ApiError } from '../../protocol/api-error.ts';
import { LONGEST_TTL_SECONDS } from '../../protocol/rest.ts';
import { TokenId } from '../../protocol/tokens.ts';
import { limits } from '../limits.ts';

const KEPT_MS = LONGEST_TTL_SECONDS * 1000 + 86_400_000;

export const StoredRevocations = z
  .array(z.object({ room: z.string(), id: TokenId, untilMs: z.number() }))
  .max(limits.revocations);
export type StoredRevocations = z.infer<typeof StoredRevocations>;

/** Carries revocations over a restart. */
export interface RevocationStore {
  earlier: StoredRevocations;
  /** Resolves when they are on the disk, or cannot be written. */
  save(revocations: StoredRevocations): Promise<void>;
}

export class RevocationList {
  /** Keyed by room, then by id: the time at which the entry may be removed, in milliseconds since 1970. */
  readonly #rooms = new Map<string, Map<string, number>>();
  readonly #store: RevocationStore | undefined;
  /** Milliseconds since 1970. */
  readonly #wallNow: () => number;

  constructor(store: RevocationStore | undefined, wallNow: () => number) {
    this.#store = store;
    this.#wallNow = wallNow;
    for (const { room, id, untilMs } of store?.earlier ?? []) this.#ofRoom(room).set(id, untilMs);
  }

  has(room: string, id: string): boolean {
    return this.#rooms.get(room)?.has(id) ?? false;
  }

  /** Revokes at once; resolves when the entry is stored on disk. @throws {ApiError} `tooMany`, if the list is full */
  async add(room: string, id: string): Promise<void> {
    if (!this.has(room, id)) {
      this.#removeExpired();
      this.#requireCapacity(room);
      this.#ofRoom(room).set(id, this.#wallNow() + KEPT_MS);
    }
    await this.#store?.save(this.#all);
  }

  get #all(): StoredRevocations {
    return [...this.#rooms].flatMap(([room, ids]) => [...ids].map(([id, untilMs]) => ({ room, id, untilMs })));
  }

  #ofRoom(room: string): Map<string, number> {
    const ids = this.#rooms.get(room) ?? new Map<string, number>();
    this.#rooms.set(room, ids);
    return ids;
  }

  #requireCapacity(room: string): void {
    const remedy = 'a new BOOTH_SECRET voids every token and invite at once';
    if ((this.#rooms.get(room)?.size ?? 0) >= limits.revocationsPerRoom)
      throw new ApiError('tooMany', `${limits.revocationsPerRoom} are revoked in this room already: ${remedy}`);
    if (this.#all.length >= limits.revocations)
      throw new ApiError('tooMany', `${limits.revocations} are revoked on this server already: ${remedy}`);
  }

  #removeExpired(): void {
    for (const [room, ids] of this.#rooms) {
      for (const [id, untilMs] of ids) if (untilMs < this.#wallNow()) ids.delete(id);
      if (ids.size === 0) this.#rooms.delete(room);
    }
  }
}
