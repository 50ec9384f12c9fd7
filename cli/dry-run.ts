/**
 * A session that connects nowhere: the client's own frames, printed instead of sent, before a service that agrees to
 * everything and says nothing. In time that does not wait.
 */
import type { Connect, SocketTarget } from '../bot/session/livetranslate/connect.ts';
import type { Clock } from '../time/clock.ts';

const answers: Readonly<Record<string, string>> = {
  'session.update': 'session.updated',
  'session.finish': 'session.finished',
};
/** Shorter base64 is no burden to the eye. */
const MAX_SHOWN_CHARACTERS = 80;

/** Prints each frame as a line of JSON, in which base64 is but counted. */
export const printingFrames =
  (print: (line: string) => void): Connect =>
  () =>
  (listener) => {
    const say = (type: string): void => queueMicrotask(() => listener.received(JSON.stringify({ type })));
    queueMicrotask(() => listener.opened());
    say('session.created');
    return {
      backlogBytes: 0,
      send(text) {
        const frame = JSON.parse(text) as { type: string };
        print(JSON.stringify(frame, shortened));
        const answer = answers[frame.type];
        if (answer) say(answer);
      },
      close: () => queueMicrotask(() => listener.ended({ how: 'closed', code: 1000, reason: '' })),
      terminate() {},
    };
  };

function shortened(field: string, value: unknown): unknown {
  const isBase64 = (field === 'audio' || field === 'image') && typeof value === 'string';
  return isBase64 && value.length > MAX_SHOWN_CHARACTERS ? `<${value.length} characters of base64>` : value;
}

/** Where it would connect, and with which headers. Of the key it tells only whether there is one. */
export const describedEndpoint = ({ url, headers }: SocketTarget): string =>
  [
    `URL: ${url}`,
    `Authorization: ${headers.Authorization ? 'Bearer, DASHSCOPE_API_KEY is set' : 'none, DASHSCOPE_API_KEY is not set'}`,
  ].join('\n');

/** When nothing else is left to do, the next thing that is due happens, however far away it is. */
export class ImpatientClock implements Clock {
  #nowMs = 0;
  #waiting: { atMs: number; run: () => void }[] = [];
  #moving = false;

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + ms, run };
    this.#waiting.push(entry);
    this.#move();
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  #move(): void {
    if (this.#moving || this.#waiting.length === 0) return;
    this.#moving = true;
    setImmediate(() => {
      this.#moving = false;
      const atMs = Math.min(...this.#waiting.map((entry) => entry.atMs));
      const next = this.#waiting.findIndex((entry) => entry.atMs === atMs);
      const [due] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (due) {
        this.#nowMs = Math.max(this.#nowMs, due.atMs);
        due.run();
      }
      this.#move();
    });
  }
}
