/** Somebody who hears a person of a room, and stays in it when it moves. */
import { onTestFinished } from 'vitest';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { LastingParticipant } from './lasting-participant.ts';
import { person, tokenOf, type Who } from './server.ts';

export class MovingListener {
  /** The rooms that they have used, one after the other. */
  readonly rooms: RoomConnection[] = [];
  /** When each packet came, in milliseconds, whichever room it was in. */
  readonly packetsMs: number[] = [];
  readonly #name: string;
  readonly #heard = new Set<string>();

  /** @param name that of the person whom they hear */
  constructor(url: string, name: string, who: Who = person('cas', { name: 'Cas' })) {
    this.#name = name;
    const participant = new LastingParticipant({
      url,
      token: tokenOf(who),
      prepare: async (room) => this.#hearIn(room),
      changed: (room) => {
        if (room !== this.rooms.at(-1)) this.rooms.push(room);
        this.#hearIn(room);
      },
    });
    onTestFinished(() => participant.leave());
  }

  /** The people of a name in the room that is used. */
  named(name: string) {
    return [...(this.rooms.at(-1)?.participants.values() ?? [])].filter((one) => one.name === name);
  }

  #hearIn(room: RoomConnection): void {
    const microphones = [...room.participants.values()]
      .filter(({ name }) => name === this.#name)
      .flatMap(({ producers }) => producers.filter(({ source }) => source === 'microphone'));
    for (const { id } of microphones) {
      if (this.#heard.has(id)) continue;
      this.#heard.add(id);
      room.receiveAudio(id, () => this.packetsMs.push(performance.now())).catch(() => this.#heard.delete(id));
    }
  }
}
