/** Somebody who only listens to a room, comes back whenever the connection is lost, and remembers what reached them. */
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { LastingParticipant } from './lasting-participant.ts';
import { textIn } from './room-messages.ts';

export class RoomListener {
  /** How often they have joined. */
  joins = 0;
  /** Packets of each track, by its id. */
  readonly packets = new Map<string, number>();
  /** The texts of the captions, in the order in which they came. */
  readonly texts: string[] = [];
  readonly #participant: LastingParticipant;
  #room: RoomConnection | undefined;
  #subscribed = new Set<string>();

  /** @param token with `subscribe` alone */
  constructor(url: string, token: string) {
    this.#participant = new LastingParticipant({ url, token, changed: (room) => this.#reconcile(room) });
  }

  /** How many packets of a track came so far. */
  heard(track: string): number {
    return this.packets.get(track) ?? 0;
  }

  leave(): void {
    this.#participant.leave();
  }

  #reconcile(room: RoomConnection): void {
    if (this.#room !== room) {
      this.#room = room;
      this.#subscribed = new Set();
      this.joins++;
    }
    for (const { producers, dataProducers } of room.participants.values()) {
      for (const { id } of producers)
        this.#subscribe(id, () => room.receiveAudio(id, () => this.packets.set(id, this.heard(id) + 1)));
      for (const { id } of dataProducers)
        this.#subscribe(id, () => room.receiveTexts(id, (text) => this.texts.push(textIn(text))));
    }
  }

  #subscribe(id: string, receive: () => Promise<unknown>): void {
    if (this.#subscribed.has(id)) return;
    this.#subscribed.add(id);
    // What could not be received is tried again with the next change, or when they have joined again.
    receive().catch(() => this.#subscribed.delete(id));
  }
}
