/**
 * The people who wait to be admitted to one room: at most 50, and the next is refused. Whoever is admitted or denied is removed; how
 * long one may wait is up to their connection. An admitted person may join, under the name with which they were admitted, and is in the
 * room only once they have. Hosts are notified
 * of every change, but of many at most 5 times a second: those who wait cannot flood a host's connection.
 */

import { ApiError, CloseCode, type WaitingView } from '@mediasoup-booth/protocol';
import { BoundedMap } from '../../collections/bounded-map.ts';
import type { Clock } from '../../time/clock.ts';
import { bypassesWaitingRoom } from '../auth/permissions.ts';
import type { Credential } from '../auth/revocation-list.ts';
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
  /** Called when somebody came or went. */
  changed(waiting: WaitingView[]): void;
}

export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  /** The people who wait, by participant id, in the order in which they came. */
  readonly #guests = new Map<string, Guest>();
  /** The names under which hosts have admitted people, by identity. */
  readonly #admittedNames = new BoundedMap<string, string>(limits.admittedPerRoom);
  readonly #updates: TokenBucket;
  /** Prevents an update that is scheduled and will contain all changes until then; undefined: none is. */
  #cancelLateUpdate: (() => void) | undefined;
  #closed = false;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
    this.#updates = new TokenBucket(limits.waitingRoomUpdates, options.clock.now());
  }

  get views(): WaitingView[] {
    return [...this.#guests.values()].map(({ profile: { id, name, hidden } }) => ({ id, name, hidden }));
  }

  /** Whether somebody has to be admitted before they may join. */
  mustWait({ identity, grants }: Profile): boolean {
    return !this.#options.rules.isAdmitted(this.#options.room, identity, grants);
  }

  /** A profile with the name that the host saw when they admitted its owner: nobody knocks as one person and enters as another. */
  asAdmitted(profile: Profile): Profile {
    const { rules, room } = this.#options;
    if (!rules.of(room).waitingRoom || bypassesWaitingRoom(profile.grants)) return profile;
    return { ...profile, name: this.#admittedNames.get(profile.identity) ?? profile.name };
  }

  /** Adds somebody who waits; the same identity replaces its earlier entry. @throws {ApiError} when it is full */
  knock(profile: Profile, peer: ParticipantConnection): void {
    if (this.#closed) throw new ApiError('unavailable', 'this room has just closed: join again');
    const before = this.#guests.get(profile.id);
    if (before?.peer === peer) {
      // They may have chosen another name.
      this.#guests.set(profile.id, { profile, peer });
      if (before.profile.name !== profile.name) this.#changed();
      return;
    }
    if (before) this.#close(profile.id, CloseCode.replaced, 'the same identity has come again, from elsewhere');
    if (this.#guests.size >= limits.waitingPerRoom)
      throw new ApiError(
        'tooManyWaiting',
        `${limits.waitingPerRoom} people wait to be let in already: try again in a few minutes`,
      );
    this.#guests.set(profile.id, { profile, peer });
    this.#changed();
  }

  /** @throws {ApiError} where nobody with this id waits */
  admit(id: string): void {
    const { profile, peer } = this.#guest(id);
    this.#guests.delete(id);
    this.#options.rules.admit(this.#options.room, profile.identity);
    this.#admittedNames.set(profile.identity, profile.name);
    peer.notify('waitingRoom.admitted', {});
    this.#changed();
  }

  /** @throws {ApiError} where nobody with this id waits */
  deny(id: string): void {
    this.#guest(id);
    this.#close(id, CloseCode.denied, 'the host did not let you in');
    this.#changed();
  }

  /** The waiting room was disabled: everybody in it may join. */
  admitAll(): void {
    for (const id of [...this.#guests.keys()]) this.admit(id);
  }

  /** Closes the connections of those whose token, or anything that it was issued from, is revoked. */
  removeRevoked(isRevoked: (credential: Credential) => boolean): void {
    const ids = [...this.#guests].filter(([, { profile }]) => isRevoked(profile.credential)).map(([id]) => id);
    for (const id of ids) this.#close(id, CloseCode.revoked, REVOKED_MESSAGE);
    if (ids.length > 0) this.#changed();
  }

  /** Removes whoever waits by this connection, which was closed. */
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

  /** Removes the entry first, because closing the connection calls `leave`. */
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
