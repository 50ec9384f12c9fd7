/**
 * A text output whose data channel is opened again, with a doubling pause, when it could not be opened and when it closed by itself. What is
 * sent meanwhile waits, within the bounds of `MessageSender`.
 */
import type { Clock } from '../../time/clock.ts';
import { keepOpen } from '../../time/keep-open.ts';
import { MessageSender, type TextChannel } from './message-sender.ts';
import type { TextOutput, TextOutputEvents } from './room-connection.ts';

/** A data channel that others can receive. */
export interface OpenTextChannel {
  readonly channel: TextChannel;
  close(): void;
}

export interface PersistentTextOutputOptions {
  /** Opens the data channel; `onLost` is to be called when it has closed by itself. */
  open(onLost: () => void): Promise<OpenTextChannel>;
  clock: Clock;
  events?: TextOutputEvents | undefined;
}

export class PersistentTextOutput implements TextOutput {
  readonly opened: Promise<void>;
  readonly #sender: MessageSender;
  readonly #stopOpening: () => void;
  #open: OpenTextChannel | undefined;

  constructor({ open, clock, events }: PersistentTextOutputOptions) {
    const opened = Promise.withResolvers<void>();
    this.opened = opened.promise;
    // Whoever is not interested in the first attempt is told of it by the events.
    this.opened.catch(() => {});
    this.#sender = new MessageSender(clock);
    this.#stopOpening = keepOpen({
      open: (onLost) =>
        open(() => {
          this.#sender.detach();
          onLost();
        }),
      discard: (late) => {
        late.close();
        opened.reject(new Error('the data channel was closed before it was open'));
      },
      onOpened: (now) => {
        this.#open = now;
        this.#sender.attach(now.channel);
        opened.resolve();
        events?.opened();
      },
      onFailed: (error, retryInMs) => {
        opened.reject(error);
        events?.failed(error, retryInMs);
      },
      clock,
    });
  }

  send(text: string, key?: string): void {
    this.#sender.send(text, key);
  }

  close(): void {
    this.#stopOpening();
    this.#sender.close();
    this.#open?.close();
    this.#open = undefined;
  }
}
