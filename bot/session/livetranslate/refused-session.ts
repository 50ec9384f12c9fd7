/** A session that never comes to be, because its settings cannot be right: nothing is connected, and it ends once, with why. */
import type { Logger } from 'pino';
import type { Clock } from '../../../time/clock.ts';
import type { SessionEvents, TranslationError, TranslationSession } from '../translation-session.ts';

export class RefusedSession implements TranslationSession {
  readonly #events: SessionEvents;
  readonly #log: Pick<Logger, 'error'>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #cancel: () => void;
  #over = false;

  constructor(error: TranslationError, events: SessionEvents, clock: Clock, log: Pick<Logger, 'error'>) {
    this.#events = events;
    this.#log = log;
    // The caller has no session yet to be told of.
    this.#cancel = clock.after(0, () => this.#end(error));
  }

  send(): void {}

  sendImage(): boolean {
    return false;
  }

  finish(): Promise<void> {
    return this.#ended.promise;
  }

  close(): void {
    this.#cancel();
    this.#end();
  }

  #end(error?: TranslationError): void {
    if (this.#over) return;
    this.#over = true;
    try {
      this.#events.closed(error);
    } catch (thrown) {
      this.#log.error({ err: thrown }, 'a listener of a translation session failed');
    }
    this.#ended.resolve();
  }
}
