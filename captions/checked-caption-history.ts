/**
 * A caption history that does not trust interpreters: a message that is too large, invalid, in another language than its channel, or in
 * the name of somebody unknown is dropped and counted.
 */

import { MAX_ROOM_MESSAGE_BYTES, RoomMessage, type SpeakerView } from '@mediasoup-booth/protocol';
import { CaptionHistory, type CaptionOrigin } from './caption-history.ts';

export class CheckedCaptionHistory extends CaptionHistory {
  #dropped = 0;
  readonly #isKnown: (speaker: SpeakerView) => boolean;

  /** @param isKnown whether a message may be in the name of this speaker. Default: of anybody */
  constructor(isKnown: (speaker: SpeakerView) => boolean = () => true) {
    super();
    this.#isKnown = isKnown;
  }

  /** How many messages were dropped because they were too large, invalid, in the wrong language, or of unknown speakers. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @returns the message, if the bytes are a valid one */
  parse(source: CaptionOrigin, bytes: Uint8Array): RoomMessage | undefined {
    const message = bytes.byteLength <= MAX_ROOM_MESSAGE_BYTES ? parse(bytes) : undefined;
    if (message?.language === source.language && this.#isKnown(message.speaker)) return message;
    this.#dropped++;
    return undefined;
  }
}

function parse(message: Uint8Array): RoomMessage | undefined {
  try {
    return RoomMessage.safeParse(JSON.parse(new TextDecoder().decode(message))).data;
  } catch {
    return undefined;
  }
}
