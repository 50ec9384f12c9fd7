/** Somebody who stays in a room that moves, and comes back whenever the connection is lost, after the delays that pages and interpreters wait. */

import { type Preferences, SIGNAL_PATH } from '@mediasoup-booth/protocol';
import { joinMovingRoom } from '../../bot/room/moving-room.ts';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { rejoinBackoff } from '../../room-client/rejoin.ts';
import { backoffDelayMs } from '../../time/backoff.ts';
import { sleep, systemClock } from '../../time/clock.ts';

export interface LastingParticipantOptions {
  /** `http://…` */
  url: string;
  token: string;
  preferences?: Partial<Preferences>;
  /** Called with each room before it is used, and with each change in it until then: as the one before moves to it, or at once. */
  prepare?(room: RoomConnection): Promise<void>;
  /** Called after each join, and with each change in the room. */
  changed(room: RoomConnection): void;
}

export class LastingParticipant {
  readonly #options: LastingParticipantOptions;
  readonly #leaving = new AbortController();
  #room: RoomConnection | undefined;
  #leave = (): void => {};

  constructor(options: LastingParticipantOptions) {
    this.#options = options;
    void this.#stay();
  }

  leave(): void {
    this.#leaving.abort();
    this.#leave();
  }

  async #stay(): Promise<void> {
    const { signal } = this.#leaving;
    for (let failures = 0; !signal.aborted; failures++) {
      if (await this.#visit()) failures = 0;
      await sleep(systemClock, backoffDelayMs(failures, rejoinBackoff), signal);
    }
  }

  /** From joining to the end of the connection. @returns whether the room was reached */
  async #visit(): Promise<boolean> {
    const { url, token, preferences = {}, prepare, changed } = this.#options;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    try {
      this.#leave = await joinMovingRoom({
        url: url.replace('http', 'ws') + SIGNAL_PATH,
        token,
        preferences,
        clock: systemClock,
        prepare: async (room) => prepare?.(room),
        joined: (room) => {
          this.#room = room;
          changed(room);
        },
        changed: (room) => {
          if (room === this.#room) changed(room);
          // What fails in a room that is not used is of no account.
          else prepare?.(room).catch(() => {});
        },
        ended: () => end(),
      });
      if (this.#leaving.signal.aborted) this.#leave();
      await ended;
      return true;
    } catch {
      return false;
    } finally {
      this.#room = undefined;
    }
  }
}
