/**
 * Server-sent events to one reader. Its last event, named `end`, says why there are no more. Whoever does not keep up is cut off at
 * 1 MB that waits for them, rather than the meeting kept for them in memory.
 */
import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { STREAM_END_EVENT, type StreamEnd } from '../../protocol/rest.ts';
import { type Clock, every } from '../../time/clock.ts';
import { limits } from '../limits.ts';
import type { ParticipantConnection } from '../room/participant.ts';

/** How long what waits for a reader has to leave once the stream has ended. */
const GOODBYE_MS = 5000;

export class EventStream implements ParticipantConnection {
  /** Of this process. */
  static #cutOff = 0;
  readonly #response: ServerResponse;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #stopHeartbeat: () => void;
  #onEnd = (): void => {};
  #ended = false;

  constructor(response: ServerResponse, clock: Clock, log: Logger) {
    this.#response = response;
    this.#clock = clock;
    this.#log = log;
    this.#stopHeartbeat = every(clock, limits.readerHeartbeatMs, () => this.#write(':\n\n'));
    response.once('close', () => this.#stop());
    response.on('error', (error) => log.debug({ err: error }, 'a stream of events failed'));
  }

  /** `onEnd`: once, when nothing more is sent, by whichever side's doing. */
  start(onEnd: () => void): void {
    this.#onEnd = onEnd;
    // A proxy that collects what it passes on would pass on a caption when the next is said.
    this.#response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
    this.#write(':\n\n');
  }

  send(id: string, data: object): void {
    this.#write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Whoever reads is told of nothing else. */
  notify(): void {}

  close(_code: number, reason: string): void {
    this.#end({ code: 'closed', message: reason });
  }

  #write(text: string): void {
    if (this.#ended) return;
    this.#response.write(text);
    if (this.#response.writableLength <= limits.readerBacklogBytes) return;
    this.#log.warn({ cutOff: ++EventStream.#cutOff }, 'a reader of captions was cut off because they do not keep up');
    this.#end({ code: 'tooSlow', message: 'you do not keep up with what is said: connect again' });
  }

  #end(end: StreamEnd): void {
    if (this.#ended) return;
    this.#stop();
    this.#response.end(`event: ${STREAM_END_EVENT}\ndata: ${JSON.stringify(end)}\n\n`);
    const cancel = this.#clock.after(GOODBYE_MS, () => this.#response.destroy());
    this.#response.once('finish', cancel).once('close', cancel);
  }

  #stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopHeartbeat();
    this.#onEnd();
  }
}
