/** The translation service as a script: a test plays its frames and reads what the client sent. */
import { pino } from 'pino';
import { LiveTranslateClient } from '../../bot/session/livetranslate/client.ts';
import { settingsFor } from '../../bot/session/livetranslate/settings.ts';
import type { Dial, Ending, ServiceSocket, SocketListener } from '../../bot/session/livetranslate/socket.ts';
import type { SessionEvents, SessionOptions, TranslationError } from '../../bot/session/translation-session.ts';
import { type Model, offline, qwen3, qwen35, qwen38 } from '../../config/models.ts';
import { FakeClock } from '../../time/fake-clock.ts';

export type Frame = { type?: string; [key: string]: unknown };

/** Every event of a session in the order it came, first its name, then what it carried. */
export type Recorded =
  | ['ready', Parameters<SessionEvents['ready']>[0]]
  | ['source', Parameters<SessionEvents['source']>[0]]
  | ['translation', Parameters<SessionEvents['translation']>[0]]
  | ['audio', { segment: string; samples: number[] }]
  | ['audioEnd', string]
  | ['usage', Parameters<SessionEvents['usage']>[0]]
  | ['contentFiltered', TranslationError]
  | ['closed', TranslationError | undefined];

export function recorder(): { events: SessionEvents; recorded: Recorded[] } {
  const recorded: Recorded[] = [];
  const events: SessionEvents = {
    ready: (agreed) => recorded.push(['ready', agreed]),
    source: (text) => recorded.push(['source', text]),
    translation: (text) => recorded.push(['translation', text]),
    audio: (segment, samples) => recorded.push(['audio', { segment, samples: [...samples] }]),
    audioEnd: (segment) => recorded.push(['audioEnd', segment]),
    usage: (usage) => recorded.push(['usage', usage]),
    contentFiltered: (error) => recorded.push(['contentFiltered', error]),
    closed: (error) => recorded.push(['closed', error]),
  };
  return { events, recorded };
}

export const models = { lt3: qwen3, 'lt3.5': qwen35, 'lt3.8': qwen38, offline } satisfies Record<string, Model>;

export class ScriptedService {
  readonly clock = new FakeClock();
  readonly sent: Frame[] = [];
  readonly recorded: Recorded[];
  readonly client: LiveTranslateClient;
  readonly logged: string[] = [];
  bufferedBytes = 0;
  closes = 0;
  terminated = 0;
  #listener: SocketListener | undefined;

  constructor(
    session: Partial<SessionOptions> & { key?: string; model?: keyof typeof models; events?: SessionEvents } = {},
  ) {
    const { key, model: name = 'lt3', events, ...options } = session;
    const recording = recorder();
    const model = models[name];
    this.recorded = recording.recorded;
    const dial: Dial = (listener): ServiceSocket => {
      this.#listener = listener;
      return this.#wire;
    };
    this.client = new LiveTranslateClient({
      model,
      settings: settingsFor(model, { source: 'en', target: 'es', audio: true, ...options }),
      events: events ?? recording.events,
      endpoint: { host: 'translate.test', ...(key !== undefined && { key }) },
      dial,
      clock: this.clock,
      log: pino({ level: 'trace' }, { write: (line: string) => this.logged.push(line) }),
    });
  }

  readonly #wire: ServiceSocket = ((service) => ({
    send: (text: string) => service.sent.push(JSON.parse(text) as Frame),
    get bufferedBytes() {
      return service.bufferedBytes;
    },
    close: () => service.closes++,
    terminate: () => service.terminated++,
  }))(this);

  opens(): this {
    this.#listener?.opened();
    return this;
  }

  says(...frames: (Frame | string)[]): this {
    for (const frame of frames) this.#listener?.received(typeof frame === 'string' ? frame : JSON.stringify(frame));
    return this;
  }

  saysBinary(): this {
    this.#listener?.receivedBinary();
    return this;
  }

  drains(): this {
    this.bufferedBytes = 0;
    this.#listener?.drained();
    return this;
  }

  ends(ending: Ending): this {
    this.#listener?.ended(ending);
    return this;
  }

  /** Up to the point from which speech flows. */
  ready(): this {
    return this.opens().says({ type: 'session.created', session: { id: 'sess_1' } }, { type: 'session.updated' });
  }

  sentTypes(): (string | undefined)[] {
    return this.sent.map(({ type }) => type);
  }

  /** The speech that was sent, chunk by chunk. */
  sentAudio(): Int16Array[] {
    return this.sent.flatMap(({ audio }) => {
      if (typeof audio !== 'string') return [];
      const bytes = Buffer.from(audio, 'base64');
      return [Int16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(i * 2))];
    });
  }

  /** What was told of speech, and the end: everything but `ready`. */
  get told(): Recorded[] {
    return this.recorded.filter(([name]) => name !== 'ready');
  }

  of<Name extends Recorded[0]>(name: Name): Extract<Recorded, [Name, unknown]>[1][] {
    return this.recorded.filter((entry) => entry[0] === name).map((entry) => entry[1]) as Extract<
      Recorded,
      [Name, unknown]
    >[1][];
  }
}
