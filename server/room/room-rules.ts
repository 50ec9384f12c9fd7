/**
 * The settings that hosts have changed for their rooms: whether the waiting room is enabled, and who was admitted; whether a transcript
 * is kept. They hold for later meetings in the room and over restarts. They are removed when the room has not been used for 90 days;
 * at 2000 rooms no other can be changed. Up to 512 people are known as admitted to each, for a day; then the first has to knock again.
 */

import { ApiError, Identity, type RoomSettingsChange } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import { bypassesWaitingRoom, type Holder } from '../auth/permissions.ts';
import { limits } from '../limits.ts';

const DAY_MS = 86_400_000;
const UNUSED_MS = 90 * DAY_MS;

const StoredRoomRules = z.object({
  room: z.string(),
  waitingRoom: z.boolean(),
  transcript: z.boolean(),
  /** The identities that hosts have admitted, in order. */
  admitted: z.array(z.object({ identity: Identity, untilMs: z.number() })).max(limits.admittedPerRoom),
  usedMs: z.number(),
});
type StoredRoomRules = z.infer<typeof StoredRoomRules>;
export type Rules = Readonly<Pick<StoredRoomRules, 'waitingRoom' | 'transcript'>>;

export const StoredRules = z.array(StoredRoomRules).max(limits.roomsWithRules);
export type StoredRules = z.infer<typeof StoredRules>;

/** Carries the settings over a restart. */
export interface RulesStore {
  earlier: StoredRules;
  /** Resolves to whether the rules are on the disk. */
  save(rules: StoredRules): Promise<boolean>;
  /** Calls `listener` with what another server has changed; no rules: the room has none any more. Absent: there is no other. */
  onChanged?(listener: (room: string, rules: StoredRules[number] | undefined) => void): void;
}

export class RoomRules {
  readonly #rooms: Map<string, StoredRoomRules>;
  readonly #store: RulesStore | undefined;
  /** Milliseconds since 1970. */
  readonly #wallNow: () => number;

  constructor(store: RulesStore | undefined, wallNow: () => number) {
    this.#store = store;
    this.#wallNow = wallNow;
    this.#rooms = new Map(store?.earlier.map((stored) => [stored.room, stored]));
    store?.onChanged?.((room, rules) => {
      if (rules) this.#rooms.set(room, rules);
      else this.#rooms.delete(room);
    });
  }

  of(room: string): Rules {
    const { waitingRoom = false, transcript = true } = this.#rooms.get(room) ?? {};
    return { waitingRoom, transcript };
  }

  /** A meeting has started in the room. */
  opened(room: string): void {
    const stored = this.#rooms.get(room);
    if (!stored) return;
    stored.usedMs = this.#wallNow();
    void this.#save();
  }

  /**
   * Applies at once; resolves when the change is stored on disk.
   *
   * @throws {ApiError} `tooMany`, if too many rooms have settings; `unavailable`, if the change holds only until the server restarts
   */
  async change(room: string, change: RoomSettingsChange): Promise<void> {
    const { waitingRoom = this.of(room).waitingRoom, transcript = this.of(room).transcript } = change;
    const admitted = waitingRoom ? (this.#rooms.get(room)?.admitted ?? []) : [];
    this.#removeUnused();
    if (!this.#rooms.has(room) && this.#rooms.size >= limits.roomsWithRules)
      throw new ApiError('tooMany', `${limits.roomsWithRules} rooms have settings of their own, as many as may`);
    if (!waitingRoom && transcript) this.#rooms.delete(room);
    else this.#rooms.set(room, { room, waitingRoom, transcript, admitted, usedMs: this.#wallNow() });
    if (!(await this.#save()))
      throw new ApiError(
        'unavailable',
        "it is changed, but the server's disk did not take that (or the Redis that servers share): until it is changed again, a restart would undo it",
      );
  }

  /** Whether somebody may join without knocking. */
  isAdmitted(room: string, identity: string, grants: Holder['grants']): boolean {
    const stored = this.#rooms.get(room);
    if (!stored?.waitingRoom || bypassesWaitingRoom(grants)) return true;
    return stored.admitted.some((one) => one.identity === identity && one.untilMs > this.#wallNow());
  }

  /** @throws {ApiError} where they have to be admitted first */
  requireAdmitted(room: string, identity: string, grants: Holder['grants']): void {
    if (!this.isAdmitted(room, identity, grants))
      throw new ApiError('notAdmitted', 'the host lets people into this room one by one: enter it and be let in first');
  }

  /** Admits people for a day; without effect where the waiting room is disabled. */
  admit(room: string, ...identities: string[]): void {
    const stored = this.#rooms.get(room);
    if (!stored?.waitingRoom) return;
    const untilMs = this.#wallNow() + DAY_MS;
    const before = stored.admitted.filter(({ identity }) => !identities.includes(identity));
    stored.admitted = [...before, ...identities.map((identity) => ({ identity, untilMs }))].slice(
      -limits.admittedPerRoom,
    );
    stored.usedMs = this.#wallNow();
    void this.#save();
  }

  /** Makes somebody knock again. */
  removeAdmitted(room: string, identity: string): void {
    const stored = this.#rooms.get(room);
    if (!stored) return;
    stored.admitted = stored.admitted.filter((one) => one.identity !== identity);
    void this.#save();
  }

  async #save(): Promise<boolean> {
    return (await this.#store?.save([...this.#rooms.values()])) ?? true;
  }

  #removeUnused(): void {
    for (const [room, { usedMs }] of this.#rooms) if (usedMs < this.#wallNow() - UNUSED_MS) this.#rooms.delete(room);
  }
}
