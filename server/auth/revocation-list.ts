/**
 * What was revoked, by room: single tokens and invites by their ids, and everything that was issued before a moment, by one issuer or by
 * anybody. Whatever was issued from something revoked is revoked too, in every room: an admin issues for other rooms than their own.
 *
 * Each entry is kept for longer than anything is valid. None is removed to make room for another; so that hosts cannot use up the list,
 * it is full for them before it is full for whoever gave them their rights, and for admins last of all.
 */

import { ApiError, LONGEST_VALIDITY_SECONDS, TokenId } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import { limits } from '../limits.ts';

/** A day longer than what this server accepts can be valid. */
const KEPT_MS = (LONGEST_VALIDITY_SECONDS + 86_400) * 1000;

const StoredRevocation = z.union([
  z.object({ room: z.string(), id: TokenId, untilMs: z.number() }),
  z.object({
    room: z.string(),
    /** Everything is revoked that was issued up to this time, in milliseconds since 1970. */
    beforeMs: z.number(),
    /** The id of the token or invite from which it was issued. Absent: from anything. */
    issuer: TokenId.optional(),
    /** The id of the token of whoever revoked, which stays valid. */
    spared: TokenId.optional(),
    untilMs: z.number(),
  }),
]);

export const StoredRevocations = z.array(StoredRevocation).max(2 * limits.revocations);
export type StoredRevocations = z.infer<typeof StoredRevocations>;
type EarlierRevocation = Omit<Extract<StoredRevocations[number], { beforeMs: number }>, 'room'>;

/** Carries revocations over a restart. */
export interface RevocationStore {
  earlier: StoredRevocations;
  /** Resolves to whether they are on the disk, or where all servers share them. */
  save(revocations: StoredRevocations): Promise<boolean>;
  /** Calls `listener` with what another server has revoked. Absent: there is no other. */
  onRevoked?(listener: (revocation: StoredRevocations[number]) => void): void;
}

/** The part of a token or an invite that decides whether it is revoked. */
export interface Credential {
  id: string;
  /** The ids of the tokens and invites that it was issued from, the first issuer first. */
  issuers: readonly string[];
  /** The rooms, other than its own, of issuers. Default: none. */
  issuerRooms?: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  issuedAtMs: number;
  /** The server made it for an interpreter that it launched. */
  launched: boolean;
}

/** Who revokes: an admin, or a host by their own token. */
export type Revoker = 'admin' | Pick<Credential, 'id' | 'issuers'>;

interface RoomRevocations {
  /** By id: the time at which the entry may be removed, in milliseconds since 1970. */
  ids: Map<string, number>;
  /** By issuer, or '' for all. */
  earlier: Map<string, EarlierRevocation>;
}

export class RevocationList {
  readonly #rooms = new Map<string, RoomRevocations>();
  /** The ids that are revoked in any room, and until when, in milliseconds since 1970. */
  readonly #ids = new Map<string, number>();
  readonly #store: RevocationStore | undefined;
  /** Milliseconds since 1970. */
  readonly #wallNow: () => number;

  constructor(store: RevocationStore | undefined, wallNow: () => number) {
    this.#store = store;
    this.#wallNow = wallNow;
    for (const revocation of store?.earlier ?? []) this.#include(revocation);
  }

  /** Includes what another server revokes, and tells of each. */
  followOthers(onRevoked: () => void): void {
    this.#store?.onRevoked?.((revocation) => {
      this.#include(revocation);
      onRevoked();
    });
  }

  /**
   * Whether a token or an invite for this room is revoked: itself, or anything that it was issued from, for whatever room.
   *
   * @param room undefined for what is for every room, as a sign-in link
   */
  covers(room: string | undefined, { id, issuers, issuerRooms = [], issuedAtMs, launched }: Credential): boolean {
    const revoked = room === undefined ? undefined : this.#rooms.get(room);
    if (revoked?.ids.has(id) || issuers.some((issuer) => this.#ids.has(issuer))) return true;
    if (launched) return false;
    const isEarlier = (by: string) => {
      const earlier = revoked?.earlier.get(by);
      return earlier !== undefined && issuedAtMs <= earlier.beforeMs && id !== earlier.spared;
    };
    return (
      ['', ...issuers].some(isEarlier) || issuerRooms.some((from) => this.#issuersRevoked(from, issuers, issuedAtMs))
    );
  }

  /**
   * Revokes one token or invite, at once.
   *
   * @returns resolves when that is stored on disk
   * @throws {ApiError} `tooMany`, if the list is full for this revoker; `unavailable`, if it holds only until the server restarts
   */
  async revoke(room: string, id: string, by: Revoker): Promise<void> {
    if (!this.#rooms.get(room)?.ids.has(id)) {
      this.#removeExpired();
      this.#requireCapacity(room, by);
      this.#add(room, id, this.#wallNow() + KEPT_MS);
    }
    await this.#save();
  }

  /**
   * Revokes, at once, everything for this room that was issued up to now: by an admin what anybody issued, by a host what was issued from
   * their own token. The token of whoever revokes stays valid.
   *
   * @param spared the id of the revoker's token
   * @returns resolves when that is stored on disk
   * @throws {ApiError} `tooMany`, if the list is full for this revoker; `unavailable`, if it holds only until the server restarts
   */
  async revokeEarlier(room: string, by: Revoker, spared: string): Promise<void> {
    const issuer = by === 'admin' ? undefined : by.id;
    this.#removeExpired();
    const { earlier } = this.#ofRoom(room);
    if (!earlier.has(issuer ?? '') && earlier.size >= capacityFor(by, limits.revocationsPerRoom))
      throw new ApiError('tooMany', `the list of this room is full: ${SECRET_REMEDY}`);
    const beforeMs = this.#wallNow();
    earlier.set(issuer ?? '', {
      beforeMs,
      ...(issuer === undefined ? { spared } : { issuer }),
      untilMs: beforeMs + KEPT_MS,
    });
    await this.#save();
  }

  #include({ room, ...revocation }: StoredRevocations[number]): void {
    if ('id' in revocation) this.#add(room, revocation.id, revocation.untilMs);
    else {
      const { earlier } = this.#ofRoom(room);
      const known = earlier.get(revocation.issuer ?? '');
      if (!known || known.beforeMs < revocation.beforeMs) earlier.set(revocation.issuer ?? '', revocation);
    }
  }

  async #save(): Promise<void> {
    if ((await this.#store?.save(this.#all)) === false)
      throw new ApiError(
        'unavailable',
        "it is revoked, but the server's disk did not take that (or the Redis that servers share): until it is revoked again, a restart would undo it",
      );
  }

  get #all(): StoredRevocations {
    return [...this.#rooms].flatMap(([room, { ids, earlier }]) => [
      ...[...ids].map(([id, untilMs]) => ({ room, id, untilMs })),
      ...[...earlier.values()].map((one) => ({ room, ...one })),
    ]);
  }

  get #idCount(): number {
    return [...this.#rooms.values()].reduce((sum, { ids }) => sum + ids.size, 0);
  }

  /** Whether everything was revoked in the room of these issuers after they had issued this. What the token issued that is spared stays. */
  #issuersRevoked(room: string, issuers: readonly string[], issuedAtMs: number): boolean {
    const all = this.#rooms.get(room)?.earlier.get('');
    if (all === undefined || issuedAtMs > all.beforeMs) return false;
    return all.spared === undefined || !issuers.includes(all.spared);
  }

  #add(room: string, id: string, untilMs: number): void {
    this.#ofRoom(room).ids.set(id, untilMs);
    this.#ids.set(id, Math.max(untilMs, this.#ids.get(id) ?? 0));
  }

  #ofRoom(room: string): RoomRevocations {
    const revoked = this.#rooms.get(room) ?? { ids: new Map(), earlier: new Map() };
    this.#rooms.set(room, revoked);
    return revoked;
  }

  #requireCapacity(room: string, by: Revoker): void {
    const remedy = `revoke everything that you have given at once (POST /v1/rooms/${room}/revocations {"everything": true})`;
    if ((this.#rooms.get(room)?.ids.size ?? 0) >= capacityFor(by, limits.revocationsPerRoom))
      throw new ApiError('tooMany', `as many are revoked in this room already as may be: ${remedy}`);
    if (this.#idCount >= capacityFor(by, limits.revocations))
      throw new ApiError('tooMany', `as many are revoked on this server already as may be: ${remedy}`);
  }

  #removeExpired(): void {
    for (const [id, untilMs] of this.#ids) if (untilMs < this.#wallNow()) this.#ids.delete(id);
    for (const [room, { ids, earlier }] of this.#rooms) {
      for (const [id, untilMs] of ids) if (untilMs < this.#wallNow()) ids.delete(id);
      for (const [issuer, { untilMs }] of earlier) if (untilMs < this.#wallNow()) earlier.delete(issuer);
      if (ids.size + earlier.size === 0) this.#rooms.delete(room);
    }
  }
}

const SECRET_REMEDY = 'a new secret voids every token and invite at once (`booth secret`)';

/**
 * How many entries there may be when somebody adds another: all of them for an admin, four fifths for a host whose rights come from the
 * command line or a link that it printed, two fifths for their hosts and one fifth for the hosts of those.
 */
function capacityFor(by: Revoker, all: number): number {
  if (by === 'admin') return all;
  const share = by.issuers.length <= 1 ? 4 : by.issuers.length <= 3 ? 2 : 1;
  return (all * share) / 5;
}
