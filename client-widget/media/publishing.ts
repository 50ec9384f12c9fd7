/**
 * Keeps what is published over one connection equal to the local tracks, one step at a time.
 *
 * Hard requirement: the server, and so everybody else, knows of each track whether it is paused, from its creation on.
 */
import type { Producer } from 'mediasoup-client/types';
import type { TrackSource } from '../../protocol/rooms.ts';
import type { RoomClient } from '../../room-client/room-client.ts';
import { produceOptions } from './browser-room.ts';

export interface LocalTrack {
  track: MediaStreamTrack;
  paused: boolean;
}
export type LocalTracks = ReadonlyMap<TrackSource, LocalTrack>;

interface Published {
  producer: Producer;
  /** As the server knows it. */
  paused: boolean;
}

export class Publishing {
  readonly #connection: RoomClient;
  readonly #failed: (error: unknown) => void;
  readonly #published = new Map<TrackSource, Published>();
  #wanted: LocalTracks = new Map();
  #busy = false;

  constructor(connection: RoomClient, failed: (error: unknown) => void) {
    this.#connection = connection;
    this.#failed = failed;
  }

  setTracks(tracks: LocalTracks): void {
    this.#wanted = tracks;
    if (this.#busy) return;
    this.#busy = true;
    this.#reconcile()
      .catch(this.#failed)
      .finally(() => {
        this.#busy = false;
      });
  }

  /** Decides each step anew: the tracks may have changed during the last one. */
  async #reconcile(): Promise<void> {
    for (let step = this.#nextStep(); step; step = this.#nextStep()) await step();
  }

  #nextStep(): (() => Promise<void>) | undefined {
    for (const [source, { producer }] of this.#published) {
      if (this.#wanted.get(source)?.track === producer.track) continue;
      return async () => {
        this.#published.delete(source);
        await this.#connection.closeProducer(producer);
      };
    }
    for (const [source, { track, paused }] of this.#wanted) {
      const published = this.#published.get(source);
      if (!published) {
        return async () => {
          const producer = await this.#connection.produce({ ...produceOptions(source, track), paused });
          this.#published.set(source, { producer, paused });
        };
      }
      if (published.paused === paused) continue;
      return async () => {
        await this.#connection.setPaused(published.producer, paused);
        published.paused = paused;
      };
    }
    return undefined;
  }
}
