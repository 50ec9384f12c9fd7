/**
 * What `booth translate --dry-run` needs in place of the network and of real time: a connection that prints the client's frames instead of
 * sending them and confirms settings and the end of the session, but translates nothing; and a clock that does not wait.
 */
import type { Connect, SocketTarget } from '@mediasoup-booth/interpreter/livetranslate';
import type { Clock } from '../time/clock.ts';
import type { EngineChoice } from './engine-choice.ts';
import type { Settings } from './settings.ts';
import type { TranslationService } from './translation-service.ts';

/** The service's confirmations, by the type of the client's frame; other frames are not answered. */
const confirmations: Readonly<Record<string, string>> = {
  'session.update': 'session.updated',
  'session.finish': 'session.finished',
};
/** Shorter base64 is printed as it is. */
const MAX_PRINTED_CHARACTERS = 80;

/**
 * Prints each frame as a line of JSON, with the length of its base64 in place of the base64. The levels of calls are those of `Connect`:
 * the target of a service returns the function that dials, and each dialled listener gets a socket.
 */
export const createPrintingConnect =
  (print: (line: string) => void): Connect =>
  () =>
  (listener) => {
    const receive = (type: string): void => queueMicrotask(() => listener.received(JSON.stringify({ type })));
    queueMicrotask(() => listener.opened());
    receive('session.created');
    return {
      bufferedBytes: 0,
      send(text) {
        const frame = JSON.parse(text) as { type: string };
        print(JSON.stringify(frame, shorten));
        const confirmation = confirmations[frame.type];
        if (confirmation) receive(confirmation);
      },
      close: () => queueMicrotask(() => listener.ended({ type: 'closed', code: 1000, reason: '' })),
      terminate() {},
    };
  };

function shorten(field: string, value: unknown): unknown {
  const isBase64 = (field === 'audio' || field === 'image') && typeof value === 'string';
  return isBase64 && value.length > MAX_PRINTED_CHARACTERS ? `<${value.length} characters of base64>` : value;
}

/** The first frames of a long recording are printed, and the first of each kind among the rest. */
const PRINTED_FRAMES = 40;
const PRINTED_OF_A_KIND = 3;

/**
 * Prints frames, and counts those that are too many to print.
 *
 * @example
 * const frames = new FramePrinter(console.log);
 * const connect = createPrintingConnect((line) => frames.print(line));
 * // … and in the end
 * console.error(frames.summary);
 */
export class FramePrinter {
  readonly #print: (line: string) => void;
  readonly #printed = new Map<string, number>();
  readonly #left = new Map<string, number>();
  #frames = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  print(line: string): void {
    const { type } = JSON.parse(line) as { type: string };
    const printed = this.#printed.get(type) ?? 0;
    if (++this.#frames > PRINTED_FRAMES && printed >= PRINTED_OF_A_KIND) {
      this.#left.set(type, (this.#left.get(type) ?? 0) + 1);
      return;
    }
    this.#printed.set(type, printed + 1);
    this.#print(line);
  }

  /** How many frames there are beyond those that were printed; undefined where all were. */
  get summary(): string | undefined {
    const counts = [...this.#left].map(([type, count]) => `${count} more of ${type}`);
    return counts.length > 0 ? `and ${counts.join(', ')}` : undefined;
  }
}

/** Describes the endpoint and headers that a session would use, without the API key. */
export const describeEndpoint = ({ url, headers }: SocketTarget): string =>
  [
    `URL: ${url}`,
    `Authorization: ${headers.Authorization ? 'Bearer, DASHSCOPE_API_KEY is set' : 'none, DASHSCOPE_API_KEY is not set'}`,
  ].join('\n');

/** A clock whose time jumps to the next timer whenever the event loop has nothing else to do. */
export class FastForwardClock implements Clock {
  #nowMs = 0;
  #timers: { atMs: number; run: () => void }[] = [];
  #isScheduled = false;

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#timers.push(timer);
    this.#scheduleNext();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  #scheduleNext(): void {
    if (this.#isScheduled || this.#timers.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const atMs = Math.min(...this.#timers.map((timer) => timer.atMs));
      const next = this.#timers.findIndex((timer) => timer.atMs === atMs);
      const [due] = next < 0 ? [] : this.#timers.splice(next, 1);
      if (due) {
        this.#nowMs = Math.max(this.#nowMs, due.atMs);
        due.run();
      }
      this.#scheduleNext();
    });
  }
}

/** Prints where a session would connect, and its frames. */
export const printingConnect =
  (frames: FramePrinter): Connect =>
  (endpoint, clock) => {
    console.error(describeEndpoint(endpoint));
    return createPrintingConnect((line) => frames.print(line))(endpoint, clock);
  };

/** The service that would be used. The embedded engine is shown at its configured port, as it is not started. */
export const notStarted = ({ url, key, model }: EngineChoice, { config }: Settings): TranslationService => ({
  access: {
    url: url ?? `ws://127.0.0.1:${config.engine.port}/api-ws/v1/realtime`,
    model: model.id,
    ...(key && { key }),
  },
  stop: async () => {},
});
