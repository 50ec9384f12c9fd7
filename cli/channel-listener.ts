/**
 * Subscribes to one language of a room: the audio of its channel and its captions, with the originals that they translate, while
 * interpreters and speakers come and go.
 */

import type { RoomConnection } from '@mediasoup-booth/interpreter/remote';
import { type LanguageCode, RoomMessage } from '@mediasoup-booth/protocol';
import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';

export interface ChannelListenerOptions {
  language: LanguageCode;
  onMessage(message: RoomMessage): void;
  /** Called with each packet of the channel's tracks, and the track's id. Absent: no audio is received. */
  onPacket?: (track: string, packet: ReceivedPacket) => void;
  onFailed(error: unknown): void;
}

export class ChannelListener {
  readonly #connection: RoomConnection;
  readonly #options: ChannelListenerOptions;
  readonly #subscribed = new Set<string>();

  constructor(connection: RoomConnection, options: ChannelListenerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.reconcile();
  }

  /** Subscribes to what is new in the room. Call it when participants or their producers have changed. */
  reconcile(): void {
    const { language, onPacket } = this.#options;
    const present = new Set<string>();
    for (const { producers, dataProducers } of this.#connection.participants.values()) {
      for (const { id, booth } of dataProducers) {
        if (booth?.role !== 'captions') continue;
        present.add(id);
        this.#subscribe(id, () => this.#connection.receiveTexts(id, (text) => this.#read(text)));
      }
      for (const { id, booth } of producers) {
        if (!onPacket || booth?.role !== 'channel' || booth.language !== language) continue;
        present.add(id);
        this.#subscribe(id, () => this.#connection.receiveAudio(id, (packet) => onPacket(id, packet)));
      }
    }
    for (const id of this.#subscribed) if (!present.has(id)) this.#subscribed.delete(id);
  }

  #subscribe(id: string, receive: () => Promise<unknown>): void {
    if (this.#subscribed.has(id)) return;
    this.#subscribed.add(id);
    receive().catch(this.#options.onFailed);
  }

  #read(text: string): void {
    const { success, data } = RoomMessage.safeParse(jsonOf(text));
    if (!success) return;
    const isOriginal = data.type === 'caption' && data.kind === 'original';
    if (isOriginal || data.language === this.#options.language) this.#options.onMessage(data);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
