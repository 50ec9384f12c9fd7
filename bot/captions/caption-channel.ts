/**
 * The caption channel of one language: gives room messages a sequence number and sends them as JSON on a data channel. It can be used at
 * once, before the data channel is open: the output queues messages, within its bounds, and replaces an unsent caption that is not final by
 * a newer one of the same utterance.
 */
import type {
  CaptionMessage,
  LanguageCode,
  PlayoutMessage,
  RoomMessage,
  StatusMessage,
} from '@mediasoup-booth/protocol';
import type { TextOutput } from '../room/room-connection.ts';

type Outgoing<M extends RoomMessage> = Omit<M, 'v' | 'seq' | 'language'>;
/** A caption before its channel adds the sequence number and the language. */
export type OutgoingCaption = Outgoing<CaptionMessage>;
/** A room message before its channel adds the sequence number and the language. */
export type OutgoingMessage = Outgoing<CaptionMessage> | Outgoing<PlayoutMessage> | Outgoing<StatusMessage>;

export class CaptionChannel {
  readonly language: LanguageCode;
  readonly #output: TextOutput;
  #seq = 0;
  #closed = false;

  /**
   * @param output owned by the channel
   */
  constructor(language: LanguageCode, output: TextOutput) {
    this.language = language;
    this.#output = output;
  }

  send(message: OutgoingMessage): void {
    if (this.#closed) return;
    // `v` is the version of the room-message format.
    const addressed = { v: 1, seq: ++this.#seq, language: this.language, ...message };
    this.#output.send(JSON.stringify(addressed), conflationKey(message));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#output.close();
  }
}

/**
 * An unsent message is replaced by a newer one with the same key. A caption that is not final has its utterance as the key, because the
 * next caption of that utterance contains its text; everything else has none, and is always sent.
 */
const conflationKey = (message: OutgoingMessage): string | undefined =>
  message.type === 'caption' && !message.final ? message.utterance : undefined;
