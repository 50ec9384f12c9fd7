/**
 * The caption channel of one language: numbers room messages and sends them as texts on a data channel. It can be used at once, before
 * the data channel is open; the output keeps what waits, within its bounds, and sends a newer partial of an utterance in place of an older one.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { CaptionMessage, PlayoutMessage, RoomMessage, StatusMessage } from '../../protocol/room-messages.ts';
import type { TextOutput } from '../room/room-connection.ts';

type Outgoing<M extends RoomMessage> = Omit<M, 'v' | 'seq' | 'language'>;
/** A caption before its channel adds number and language. */
export type OutgoingCaption = Outgoing<CaptionMessage>;
/** A room message before its channel adds number and language. */
export type OutgoingMessage = Outgoing<CaptionMessage> | Outgoing<PlayoutMessage> | Outgoing<StatusMessage>;

export class CaptionChannel {
  readonly language: LanguageCode;
  readonly #output: TextOutput;
  #seq = 0;
  #closed = false;

  /**
   * @param output owned by the channel
   * @param onFailed called if the data channel could not be opened; nothing is sent any more
   */
  constructor(language: LanguageCode, output: TextOutput, onFailed: (error: unknown) => void) {
    this.language = language;
    this.#output = output;
    output.opened.catch(onFailed);
  }

  send(message: OutgoingMessage): void {
    if (this.#closed) return;
    const addressed = { v: 1, seq: ++this.#seq, language: this.language, ...message };
    this.#output.send(JSON.stringify(addressed), conflationKey(message));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#output.close();
  }
}

/** A later partial of the same utterance contains all that an unsent earlier one would have shown. */
const conflationKey = (message: OutgoingMessage): string | undefined =>
  message.type === 'caption' && !message.final ? message.utterance : undefined;
