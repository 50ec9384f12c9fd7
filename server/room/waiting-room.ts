/**
 * Who waits to be let into one room: at most 50, then the next is told so. Whoever is let in, or sent away, is gone from here; how long
 * one may wait is up to their connection. Letting somebody in means that they may join: until they do, they are not in the room.
 * Hosts are told of every change, of a flood of them 5 times a second: nobody at the door can drown a host's connection.
 */

import { ApiError } from '../../protocol/api-error.ts';
import type { WaitingView } from '../../protocol/rooms.ts';
import { CloseCode } from '../../protocol/signalling.ts';
import type { Clock } from '../../time/clock.ts';
import { REVOKED_MESSAGE } from '../auth/token-service.ts';
import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { ParticipantConnection, Profile } from './participant.ts';
import type { RoomRules } from './room-rules.ts';

interface Guest {
  profile: Profile;
  peer: ParticipantConnection;
}

export interface WaitingRoomOptions {
  room: string;
  rules: RoomRules;
  clock: Clock;
  /** Somebody came or went. */
  changed(waiting: WaitingView[]): void;
}

export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  /** By identity, in the order in which they came. */
  readonly #guests = new Map<string, Guest>();
  readonly #updates: TokenBucket;
  /** Tells of all that has changed when it fires. */
  #cancelLateUpdate: (() => void) | undefined;
  #closed = false;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
    this.#updates = new TokenBucket(limits.waitingRoomUpdates, options.clock.now());
  }

  get views(): WaitingView[] {
    return [...this.#guests.values()].map(({ profile: { id, name, hidden } }) => ({ id, name, hidden }));
  }

  /** Whether somebody has to wait here before they may join. */
  mustWait({ identity, grants }: Profile): boolean {
    return !this.#options.rules.isAdmitted(this.#options.room, identity, grants);
  }

  /** Who waits already by the same identity, or by the same connection, makes place. @throws {ApiError} when it is full */
  knock(profile: Profile, peer: ParticipantConnection): void {
    if (this.#closed) throw new ApiError('unavailable', 'this room has just closed: join again');
    const before = this.#guests.get(profile.id);
    if (before?.peer === peer) {
      // They may come by another token, and under another name.
      this.#guests.set(profile.id, { profile, peer });
      if (before.profile.name !== profile.name) this.#changed();
      return;
    }
    this.leave(peer);
    if (before) this.#close(profile.id, CloseCode.replaced, 'the same identity has come again, from elsewhere');
    if (this.#guests.size >= limits.waitingPerRoom)
      throw new ApiError(
        'tooManyWaiting',
        `${limits.waitingPerRoom} people wait to be let in already: try again in a few minutes`,
      );
    this.#guests.set(profile.id, { profile, peer });
    this.#changed();
  }

  /** @throws {ApiError} where nobody of this name waits */
  admit(id: string): void {
    const { profile, peer } = this.#guest(id);
    this.#guests.delete(id);
    this.#options.rules.admit(this.#options.room, profile.identity);
    peer.notify('waitingRoom.admitted', {});
    this.#changed();
  }

  /** @throws {ApiError} where nobody of this name waits */
  deny(id: string): void {
    this.#guest(id);
    this.#close(id, CloseCode.denied, 'the host did not let you in');
    this.#changed();
  }

  /** Nobody has to wait any more. */
  admitAll(): void {
    for (const id of [...this.#guests.keys()]) this.admit(id);
  }

  /** What they would come in by was revoked. */
  revoke(passId: string): void {
    const ids = [...this.#guests].filter(([, { profile }]) => profile.credentialIds.includes(passId)).map(([id]) => id);
    for (const id of ids) this.#close(id, CloseCode.revoked, REVOKED_MESSAGE);
    if (ids.length > 0) this.#changed();
  }

  /** Their connection is over, or waits elsewhere. */
  leave(peer: ParticipantConnection): void {
    for (const [id, guest] of this.#guests) {
      if (guest.peer !== peer) continue;
      this.#guests.delete(id);
      this.#changed();
    }
  }

  close(reason: string): void {
    this.#closed = true;
    this.#cancelLateUpdate?.();
    for (const id of [...this.#guests.keys()]) this.#close(id, CloseCode.goingAway, reason);
  }

  #guest(id: string): Guest {
    const guest = this.#guests.get(id);
    if (!guest) throw new ApiError('notFound', `nobody ${id} waits to be let in: they may just have gone`);
    return guest;
  }

  /** Forgotten first: closing tells this room that they leave. */
  #close(id: string, code: number, reason: string): void {
    const guest = this.#guests.get(id);
    this.#guests.delete(id);
    guest?.peer.close(code, reason);
  }

  #changed(): void {
    if (this.#closed || this.#cancelLateUpdate) return;
    if (this.#updates.take(this.#options.clock.now())) this.#options.changed(this.views);
    else
      this.#cancelLateUpdate = this.#options.clock.after(1000 / limits.waitingRoomUpdates.perSecond, () =>
        this.#sendLateUpdate(),
      );
  }

  #sendLateUpdate(): void {
    this.#cancelLateUpdate = undefined;
    this.#updates.take(this.#options.clock.now());
    this.#options.changed(this.views);
  }
}
