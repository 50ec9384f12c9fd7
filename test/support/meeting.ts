/** Headless participants in a real room of a real server, and what they say and hear. */

import { type ParticipantView, type Preferences, SIGNAL_PATH } from '@mediasoup-booth/protocol';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { OpusSender } from '../../bot/playout/opus-sender.ts';
import { joinRoom } from '../../bot/room/join-room.ts';
import type { AudioOutput, RoomConnection, RoomEnd } from '../../bot/room/room-connection.ts';
import type { BoothServer } from '../../server/server.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { type TestServer, tokenOf, type Who } from './server.ts';
import { chunks } from './sound.ts';
import { until } from './until.ts';

export const signalUrl = (server: BoothServer): string => server.url.replace(/^http/, 'ws') + SIGNAL_PATH;

export class Guest {
  readonly ends: RoomEnd[] = [];
  changes = 0;
  #room: RoomConnection | undefined;

  static async enter(
    server: TestServer,
    who: Who,
    {
      url = signalUrl(server),
      preferences = {},
      clock = systemClock,
    }: { url?: string; preferences?: Partial<Preferences>; clock?: Clock } = {},
  ): Promise<Guest> {
    const guest = new Guest();
    guest.#room = await joinRoom({
      url,
      token: tokenOf(who),
      preferences,
      clock,
      events: { changed: () => guest.changes++, ended: (end) => guest.ends.push(end) },
    });
    return guest;
  }

  get room(): RoomConnection {
    if (!this.#room) throw new Error('not in the room');
    return this.#room;
  }

  /** Somebody, as soon as they are as expected. */
  async sees(id: string, fits: (view: ParticipantView) => boolean = () => true): Promise<ParticipantView> {
    const found = () => {
      const view = this.room.participants.get(id);
      return view && fits(view) ? view : undefined;
    };
    await until(() => found() !== undefined);
    const view = found();
    if (!view) throw new Error(`${id} is gone again`);
    return view;
  }

  async microphoneOf(id: string): Promise<string> {
    const { producers } = await this.sees(id, (view) => view.producers.length > 0);
    return producers[0]?.id ?? '';
  }

  async captionsOf(id: string, not?: string): Promise<string> {
    const isNew = (dataProducer: { id: string }) => dataProducer.id !== not;
    const { dataProducers } = await this.sees(id, (view) => view.dataProducers.some(isNew));
    return dataProducers.find(isNew)?.id ?? '';
  }
}

/** Says a recording at 24 kHz in real time, or goes on for ever with `loop`. */
export async function say(output: AudioOutput, samples: Int16Array, { loop = false } = {}) {
  const frames = [...chunks(samples, OPUS_FRAME_SAMPLES)].filter(({ length }) => length === OPUS_FRAME_SAMPLES);
  const encoder = await createOpusEncoder();
  const done = Promise.withResolvers<void>();
  const spoken = { packets: 0, done: done.promise, stop: () => sender.close() };
  const sender = new OpusSender(encoder, output, systemClock, () => {
    const frame = frames[loop ? spoken.packets % frames.length : spoken.packets];
    if (frame) spoken.packets++;
    else done.resolve();
    return frame;
  });
  sender.wake();
  return spoken;
}
