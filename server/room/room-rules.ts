/**
 * What hosts have settled for their rooms: whether people are let in one by one, and who was; whether what is said is written down. It
 * holds for later meetings in the room, over restarts too: none opens a door or writes a word that a host has forbidden. Forgotten when
 * the room has not been used for 90 days. At 2000 rooms no other can be settled. 512 are known as let in to each, for a day; then the
 * one who was let in first knocks again.
 */
import { z } from 'zod';
import { ApiError } from '../../protocol/api-error.ts';
import type { RoomSettingsChange } from '../../protocol/rest.ts';
import { Identity } from '../../protocol/tokens.ts';
import { bypassesWaitingRoom, type Holder } from '../auth/permissions.ts';
import { limits } from '../limits.ts';

const DAY_MS = 86_400_000;
const UNUSED_MS = 90 * DAY_MS;

const Settled = z.object({
  room: z.string(),
  waitingRoom: z.boolean(),
  transcript: z.boolean(),
  /** The first to be let in comes first. */
  admitted: z.array(z.object({ identity: Identity, untilMs: z.number() })).max(limits.admittedPerRoom),
  usedMs: z.number(),
});
type Settled = z.infer<typeof Settled>;
export type Rules = Readonly<Pick<Settled, 'waitingRoom' | 'transcript'>>;

export const StoredRules = z.array(Settled).max(limits.roomsWithRules);
export type StoredRules = z.infer<typeof StoredRules>;

/** What outlives this process. */
export interface RulesStore {
  earlier: StoredRules;
  /** Settles when it is on the disk, or cannot be brought there. */
  save(rules: StoredRules): Promise<void>;
}

export class RoomRules {
  readonly #rooms: Map<string, Settled>;
  readonly #store: RulesStore | undefined;
  /** Milliseconds since 1970. */
  readonly #wallNow: () => number;

  constructor(store: RulesStore | undefined, wallNow: () => number) {
    this.#store = store;
    this.#wallNow = wallNow;
    this.#rooms = new Map(store?.earlier.map((settled) => [settled.room, settled]));
  }

  of(room: string): Rules {
    const { waitingRoom = false, transcript = true } = this.#rooms.get(room) ?? {};
    return { waitingRoom, transcript };
  }

  /** There is a meeting in it. */
  opened(room: string): void {
    const settled = this.#rooms.get(room);
    if (!settled) return;
    settled.usedMs = this.#wallNow();
    void this.#save();
  }

  /** In force at once; settles when a restart would not forget it. @throws {ApiError} at the bound */
  async change(room: string, change: RoomSettingsChange): Promise<void> {
    const { waitingRoom = this.of(room).waitingRoom, transcript = this.of(room).transcript } = change;
    const admitted = waitingRoom ? (this.#rooms.get(room)?.admitted ?? []) : [];
    this.#removeUnused();
    if (!this.#rooms.has(room) && this.#rooms.size >= limits.roomsWithRules)
      throw new ApiError('tooMany', `${limits.roomsWithRules} rooms have settings of their own, as many as may`);
    if (!waitingRoom && transcript) this.#rooms.delete(room);
    else this.#rooms.set(room, { room, waitingRoom, transcript, admitted, usedMs: this.#wallNow() });
    await this.#save();
  }

  /** Whether somebody need not knock. */
  isAdmitted(room: string, identity: string, grants: Holder['grants']): boolean {
    const settled = this.#rooms.get(room);
    if (!settled?.waitingRoom || bypassesWaitingRoom(grants)) return true;
    return settled.admitted.some((one) => one.identity === identity && one.untilMs > this.#wallNow());
  }

  /** @throws {ApiError} where they have to knock first */
  requireAdmitted(room: string, identity: string, grants: Holder['grants']): void {
    if (!this.isAdmitted(room, identity, grants))
      throw new ApiError('notAdmitted', 'the host lets people into this room one by one: enter it and be let in first');
  }

  /** Nobody needs this where everybody may come in. */
  admit(room: string, ...identities: string[]): void {
    const settled = this.#rooms.get(room);
    if (!settled?.waitingRoom) return;
    const untilMs = this.#wallNow() + DAY_MS;
    const before = settled.admitted.filter(({ identity }) => !identities.includes(identity));
    settled.admitted = [...before, ...identities.map((identity) => ({ identity, untilMs }))].slice(
      -limits.admittedPerRoom,
    );
    settled.usedMs = this.#wallNow();
    void this.#save();
  }

  /** They have to knock again. */
  removeAdmitted(room: string, identity: string): void {
    const settled = this.#rooms.get(room);
    if (!settled) return;
    settled.admitted = settled.admitted.filter((one) => one.identity !== identity);
    void this.#save();
  }

  async #save(): Promise<void> {
    await this.#store?.save([...this.#rooms.values()]);
  }

  #removeUnused(): void {
    for (const [room, { usedMs }] of this.#rooms) if (usedMs < this.#wallNow() - UNUSED_MS) this.#rooms.delete(room);
  }
}
