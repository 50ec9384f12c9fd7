/** Somebody who comes back into a room whenever the connection is lost, after the delays that pages and interpreters wait. */

import { type Preferences, SIGNAL_PATH } from '@mediasoup-booth/protocol';
import { joinRoom } from '../../bot/room/join-room.ts';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { rejoinBackoff } from '../../room-client/rejoin.ts';
import { backoffDelayMs } from '../../time/backoff.ts';
import { sleep, systemClock } from '../../time/clock.ts';

export interface LastingParticipantOptions {
  /** `http://…` */
  url: string;
  token: string;
  preferences?: Partial<Preferences>;
  /** Called after each join, and with each change in the room. */
  changed(room: RoomConnection): void;
}

export class LastingParticipant {
  readonly #options: LastingParticipantOptions;
  readonly #leaving = new AbortController();
  #room: RoomConnection | undefined;

  constructor(options: LastingParticipantOptions) {
    this.#options = options;
    void this.#stay();
  }

  leave(): void {
    this.#leaving.abort();
    this.#room?.close();
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
    const { url, token, preferences = {}, changed } = this.#options;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    try {
      const room = await joinRoom({
        url: url.replace('http', 'ws') + SIGNAL_PATH,
        token,
        preferences,
        clock: systemClock,
        events: { changed: () => this.#room && changed(this.#room), ended: () => end() },
      });
      this.#room = room;
      changed(room);
      await ended;
      room.close();
      return true;
    } catch {
      return false;
    } finally {
      this.#room = undefined;
    }
  }
}
