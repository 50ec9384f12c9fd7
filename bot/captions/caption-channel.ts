/**
 * The caption channel of one language: room messages, numbered, as texts on a data channel. It can be used at once; what is
 * said before the channel stands waits, at most 200 messages, partials of an utterance but the last left out.
 */

import { ConflatingQueue } from '../../collections/conflating-queue.ts';
import type { LanguageCode } from '../../protocol/languages.ts';
import type { CaptionMessage, PlayoutMessage, RoomMessage, StatusMessage } from '../../protocol/room-messages.ts';
import type { TextOutput } from '../room/room-connection.ts';

type Outgoing<M extends RoomMessage> = Omit<M, 'v' | 'seq' | 'language'>;
export type OutgoingCaption = Outgoing<CaptionMessage>;
export type OutgoingMessage = Outgoing<CaptionMessage> | Outgoing<PlayoutMessage> | Outgoing<StatusMessage>;

const MAX_WAITING = 200;

export class CaptionChannel {
  readonly language: LanguageCode;
  #output: TextOutput | undefined;
  readonly #waiting = new ConflatingQueue<OutgoingMessage>(MAX_WAITING);
  #seq = 0;
  #closed = false;

  /**
   * Owns the output that `opening` becomes.
   * @param onFailed the channel could not be opened; nothing is said any more
   */
  constructor(language: LanguageCode, opening: Promise<TextOutput>, onFailed: (error: unknown) => void) {
    this.language = language;
    opening.then((output) => this.#opened(output)).catch(onFailed);
  }

  send(message: OutgoingMessage): void {
    if (this.#closed) return;
    if (this.#output) this.#send(this.#output, message);
    else this.#waiting.push(message, replaceable(message));
  }

  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    this.#output?.close();
  }

  #opened(output: TextOutput): void {
    if (this.#closed) {
      output.close();
      return;
    }
    this.#output = output;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#send(output, next.item);
  }

  #send(output: TextOutput, message: OutgoingMessage): void {
    const addressed = { v: 1, seq: ++this.#seq, language: this.language, ...message };
    output.send(JSON.stringify(addressed), replaceable(message));
  }
}

/** A later partial of the same utterance says all that an unsent earlier one would have said. */
const replaceable = (message: OutgoingMessage): string | undefined =>
  message.type === 'caption' && !message.final ? message.utterance : undefined;
