/**
 * Hears and reads one language in a room: its channel's sound and its captions, with the originals that they translate, as
 * interpreters and speakers come and go.
 */
import type { RoomConnection } from '../bot/room/room-connection.ts';
import type { ReceivedPacket } from '../bot/webrtc/media-track.ts';
import type { LanguageCode } from '../protocol/languages.ts';
import { RoomMessage } from '../protocol/room-messages.ts';

export interface ListenerOptions {
  language: LanguageCode;
  onMessage(message: RoomMessage): void;
  /** Of an interpreter's tracks, each with its id; absent: nobody listens to them. */
  onPacket?: (track: string, packet: ReceivedPacket) => void;
  onFailed(error: unknown): void;
}

export class Listener {
  readonly #connection: RoomConnection;
  readonly #options: ListenerOptions;
  readonly #followed = new Set<string>();

  constructor(connection: RoomConnection, options: ListenerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.follow();
  }

  /** Somebody in the room changed something. */
  follow(): void {
    const { language, onPacket } = this.#options;
    const present = new Set<string>();
    for (const { producers, dataProducers } of this.#connection.participants.values()) {
      for (const { id, booth } of dataProducers) {
        if (booth?.role !== 'captions') continue;
        present.add(id);
        this.#once(id, () => this.#connection.receiveTexts(id, (text) => this.#read(text)));
      }
      for (const { id, booth } of producers) {
        if (!onPacket || booth?.role !== 'channel' || booth.language !== language) continue;
        present.add(id);
        this.#once(id, () => this.#connection.receiveAudio(id, (packet) => onPacket(id, packet)));
      }
    }
    for (const id of this.#followed) if (!present.has(id)) this.#followed.delete(id);
  }

  #once(id: string, receive: () => Promise<unknown>): void {
    if (this.#followed.has(id)) return;
    this.#followed.add(id);
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
