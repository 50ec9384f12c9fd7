/** Somebody in a served meeting who notes when each packet of a channel and each room message reaches them. */

import { type PlayoutMessage, type RoomMessage, signalUrl } from '@mediasoup-booth/protocol';
import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';
import { levelDb } from '../../audio/level.ts';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { joinRoom } from '../../bot/room/join-room.ts';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { ChannelListener } from '../../cli/channel-listener.ts';
import { systemClock } from '../../time/clock.ts';
import type { ServedMeeting } from './served.ts';

const FRAME_TICKS = 960;
/** Of the packet before: what it ends with. 5 ms at 16 kHz. */
const END_SAMPLES = 80;
const QUIET_DB = -40;

interface Arrived<T> {
  atMs: number;
  what: T;
}

export class TimedListener {
  readonly messages: Arrived<RoomMessage>[] = [];
  readonly #packets: Arrived<ReceivedPacket>[] = [];
  #room: RoomConnection | undefined;

  static async join(meeting: ServedMeeting, language: string): Promise<TimedListener> {
    const timed = new TimedListener();
    let listener: ChannelListener | undefined;
    const room = await joinRoom({
      url: signalUrl(meeting.url),
      token: await meeting.token(`hears-${language}`),
      preferences: { speaks: null, hears: language, reads: [language] },
      clock: systemClock,
      events: { changed: () => listener?.reconcile(), ended() {} },
    });
    timed.#room = room;
    listener = new ChannelListener(room, {
      language,
      onMessage: (what) => timed.messages.push({ atMs: performance.now(), what }),
      onPacket: (_, what) => timed.#packets.push({ atMs: performance.now(), what }),
      onFailed: (error) => {
        throw error;
      },
    });
    return timed;
  }

  leave(): void {
    this.#room?.close();
  }

  /** From the first text of each utterance, which comes with its first sound, to when it sounds. */
  get queueDelaysMs(): number[] {
    return this.#playouts('started').flatMap(({ atMs, what: { utterance } }) => {
      const first = this.messages.find(({ what }) => what.type === 'caption' && what.utterance === utterance);
      return first ? [atMs - first.atMs] : [];
    });
  }

  /** Where the track stops in the middle of a sound though no packet was lost, while one utterance is being said: for how long. */
  async breaksMs(): Promise<number[]> {
    const decoder = await createOpusDecoder();
    const phrases = this.#playouts('started').map(({ atMs, what }) => ({
      fromMs: atMs,
      toMs: this.#playouts('ended').find((end) => end.what.utterance === what.utterance)?.atMs ?? atMs,
    }));
    const breaks = this.#packets.flatMap(({ atMs, what }, i) => {
      const next = this.#packets[i + 1];
      const isQuiet = levelDb(decoder.decode(what.payload).subarray(-END_SAMPLES)) < QUIET_DB;
      if (!next || isQuiet || !phrases.some(({ fromMs, toMs }) => fromMs < atMs && next.atMs < toMs)) return [];
      const frames = (next.what.sequenceNumber - what.sequenceNumber) & 0xffff;
      const missingTicks = ((next.what.timestamp - what.timestamp) >>> 0) - frames * FRAME_TICKS;
      return missingTicks > 0 ? [missingTicks / 48] : [];
    });
    decoder.close();
    return breaks;
  }

  get packets(): number {
    return this.#packets.length;
  }

  #playouts(state: PlayoutMessage['state']): Arrived<PlayoutMessage>[] {
    return this.messages.flatMap(({ atMs, what }) =>
      what.type === 'playout' && what.state === state ? [{ atMs, what }] : [],
    );
  }
}
