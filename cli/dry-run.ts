/**
 * A translation session that connects nowhere: the client's frames are printed instead of sent, to a service that accepts all settings
 * and never answers. Its clock does not wait.
 */
import type { Connect, SocketTarget } from '../bot/session/livetranslate/connect.ts';
import type { Clock } from '../time/clock.ts';

const answers: Readonly<Record<string, string>> = {
  'session.update': 'session.updated',
  'session.finish': 'session.finished',
};
/** Shorter base64 is printed as it is. */
const MAX_PRINTED_CHARACTERS = 80;

/** Prints each frame as a line of JSON, with the length of its base64 in place of the base64. */
export const printFrames =
  (print: (line: string) => void): Connect =>
  () =>
  (listener) => {
    const answer = (type: string): void => queueMicrotask(() => listener.received(JSON.stringify({ type })));
    queueMicrotask(() => listener.opened());
    answer('session.created');
    return {
      backlogBytes: 0,
      send(text) {
        const frame = JSON.parse(text) as { type: string };
        print(JSON.stringify(frame, shorten));
        const type = answers[frame.type];
        if (type) answer(type);
      },
      close: () => queueMicrotask(() => listener.ended({ how: 'closed', code: 1000, reason: '' })),
      terminate() {},
    };
  };

function shorten(field: string, value: unknown): unknown {
  const isBase64 = (field === 'audio' || field === 'image') && typeof value === 'string';
  return isBase64 && value.length > MAX_PRINTED_CHARACTERS ? `<${value.length} characters of base64>` : value;
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
  #waiting: { atMs: number; run: () => void }[] = [];
  #isScheduled = false;

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + ms, run };
    this.#waiting.push(entry);
    this.#scheduleNext();
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  #scheduleNext(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const atMs = Math.min(...this.#waiting.map((entry) => entry.atMs));
      const next = this.#waiting.findIndex((entry) => entry.atMs === atMs);
      const [due] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (due) {
        this.#nowMs = Math.max(this.#nowMs, due.atMs);
        due.run();
      }
      this.#scheduleNext();
    });
  }
}
