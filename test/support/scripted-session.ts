/** A translation service in the hands of a test: sessions that say what the test says, and remember what they were sent. */
import type {
  AgreedSettings,
  OpenSession,
  SessionEvents,
  SessionOptions,
  TranslationError,
  TranslationSession,
} from '../../bot/session/translation-session.ts';

export class ScriptedSession implements TranslationSession {
  readonly options: SessionOptions;
  readonly events: SessionEvents;
  readonly sent: Int16Array[] = [];
  readonly images: Uint8Array[] = [];
  readonly #finishing = Promise.withResolvers<void>();
  finishes = 0;
  closes = 0;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.options = options;
    this.events = events;
  }

  send(samples: Int16Array): void {
    this.sent.push(samples);
  }

  sendImage(jpeg: Uint8Array): boolean {
    this.images.push(jpeg);
    return true;
  }

  finish(): Promise<void> {
    this.finishes++;
    return this.#finishing.promise;
  }

  close(): void {
    this.closes++;
  }

  /** The service takes the settings: as they were asked for, unless the test says otherwise. */
  readies(agreed: AgreedSettings = { audio: this.options.audio }): void {
    this.events.ready(agreed);
  }

  refuses(error: TranslationError): void {
    this.events.contentFiltered(error);
  }

  hears(
    segment: string,
    confirmed: string,
    tentative = '',
    final = false,
    more: { startMs?: number; endMs?: number; language?: string } = {},
  ) {
    this.events.source({ segment, confirmed, tentative, final, ...more });
  }

  says(segment: string, confirmed: string, final = false, of?: string) {
    this.events.translation({
      segment,
      confirmed,
      tentative: '',
      final,
      ...(of === undefined ? {} : { sourceSegment: of }),
    });
  }

  ends(error?: TranslationError): void {
    this.events.closed(error);
    this.#finishing.resolve();
  }

  /** How much speech it was sent. */
  get sentMs(): number {
    return this.sent.reduce((sum, { length }) => sum + length, 0) / 16;
  }
}

export class ScriptedSessions {
  readonly all: ScriptedSession[] = [];
  readonly #readies: boolean;

  /** `readies`: by themselves, as a service in good health; else when the test says so. */
  constructor({ readies = false } = {}) {
    this.#readies = readies;
  }

  readonly open: OpenSession = (options, events) => {
    const session = new ScriptedSession(options, events);
    this.all.push(session);
    if (this.#readies) queueMicrotask(() => session.readies());
    return session;
  };

  get last(): ScriptedSession {
    const session = this.all.at(-1);
    if (!session) throw new Error('no session was opened');
    return session;
  }

  /** The sessions into a language, in the order of opening. */
  into(target: string): ScriptedSession[] {
    return this.all.filter(({ options }) => options.target === target);
  }
}
