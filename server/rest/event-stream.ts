/**
 * Server-sent events to one reader. The last event, named `end`, says why there are no more. A reader for whom 1 MB waits is too slow:
 * the stream ends, so that no meeting is kept in memory.
 */
import type { ServerResponse } from 'node:http';
import { STREAM_END_EVENT, type StreamEnd } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { type Clock, every } from '../../time/clock.ts';
import { limits } from '../limits.ts';
import type { ParticipantConnection } from '../room/participant.ts';

/** How long a reader has to take the rest of an ended stream, in milliseconds. */
const GOODBYE_MS = 5000;

export class EventStream implements ParticipantConnection {
  /** Streams of this process that ended because their reader was too slow. */
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
    response.on('error', (error) => log.debug({ err: error }, 'caption stream failed'));
  }

  /** Sends the headers. @param onEnd called once, when either side has ended the stream */
  start(onEnd: () => void): void {
    this.#onEnd = onEnd;
    // A proxy that buffers would deliver a caption only with the next one.
    this.#response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
    this.#write(':\n\n');
  }

  send(id: string, data: object): void {
    this.#write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A reader gets captions alone. */
  notify(): void {}

  announce(): void {}

  close(_code: number, reason: string): void {
    this.#end({ code: 'closed', message: reason });
  }

  #write(text: string): void {
    if (this.#ended) return;
    this.#response.write(text);
    if (this.#response.writableLength <= limits.readerBacklogBytes) return;
    this.#log.warn({ cutOff: ++EventStream.#cutOff }, 'caption stream ended: its reader is too slow');
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
