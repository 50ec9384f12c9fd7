/**
 * Captions over HTTP, for who has no WebRTC: server-sent events read by `fetch`, which can send the token in a header. A stream
 * that is lost comes back by itself after 1-10 s, where it left off, for as long as it is open.
 */

import type { Heard } from '../../protocol/languages.ts';
import type { Problem, STREAM_END_EVENT } from '../../protocol/rest.ts';
import type { LiveListener, LiveSource, TokenOf } from '../captions/source.ts';
import { delayMs } from '../media/back-off.ts';
import { EntranceError } from '../media/rest.ts';
import { roomMessage } from '../media/room-message.ts';
import { EventParser, type ServerEvent } from './event-parser.ts';

const END: typeof STREAM_END_EVENT = 'end';
/** The server says something every 15 s. */
const SILENCE_MS = 40_000;
/** What comes so soon after a stream has begun was said before. */
const HISTORY_MS = 500;
/** A stream that lasted so long was a good one: the next attempt comes soon. */
const GOOD_MS = 10_000;

export interface EventsOptions {
  /** Origin of the server. */
  server: string;
  room: string;
  language: Heard;
  token: TokenOf;
  /** Whether asking again may bring another token. */
  renewable: boolean;
}

export class EventCaptions implements LiveSource {
  readonly #options: EventsOptions;

  constructor(options: EventsOptions) {
    this.#options = options;
  }

  open(listener: LiveListener): () => void {
    const closing = new AbortController();
    void this.#stay(listener, closing.signal);
    return () => closing.abort();
  }

  async #stay(listener: LiveListener, closing: AbortSignal): Promise<void> {
    const reading: Reading = { lastEventId: '', begun: false };
    listener.connection({ is: 'connecting' });
    for (let attempt = 0; !closing.aborted; attempt++) {
      const sinceMs = performance.now();
      let message = 'The connection was lost.';
      try {
        await this.#read(reading, listener, closing);
      } catch (error) {
        if (closing.aborted) return;
        message = error instanceof Error ? error.message : message;
        if (error instanceof EntranceError && !error.retryable) return listener.connection({ is: 'ended', message });
      }
      if (closing.aborted) return;
      if (reading.begun && performance.now() - sinceMs > GOOD_MS) attempt = 0;
      const wait = delayMs(attempt, Math.random());
      listener.connection({ is: 'lost', message, delayMs: wait });
      await waited(wait, closing);
    }
  }

  /** Settles when the server has ended the stream. */
  async #read(reading: Reading, listener: LiveListener, closing: AbortSignal): Promise<void> {
    const silence = new Silence();
    try {
      const response = await this.#request(reading.lastEventId, AbortSignal.any([closing, silence.signal]));
      listener.connection({ is: 'live' });
      const pastUntilMs = reading.begun ? 0 : performance.now() + HISTORY_MS;
      reading.begun = true;
      const parser = new EventParser();
      for await (const text of pieces(response)) {
        silence.broken();
        for (const event of parser.push(text)) {
          if (closing.aborted || event.event === END) return;
          reading.lastEventId = event.id ?? reading.lastEventId;
          tell(event, listener, performance.now() < pastUntilMs);
        }
      }
    } finally {
      silence.end();
    }
  }

  async #request(lastEventId: string, signal: AbortSignal): Promise<Response> {
    const { server, room, language, token } = this.#options;
    const path = `/v1/rooms/${encodeURIComponent(room)}/captions?language=${encodeURIComponent(language)}`;
    const headers = { Authorization: `Bearer ${await token()}`, ...(lastEventId && { 'Last-Event-ID': lastEventId }) };
    const response = await fetch(server + path, { headers, signal, cache: 'no-store' });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
    const message = problem.detail ?? `The server answered with ${response.status}.`;
    throw new EntranceError(message, this.#mayChange(response.status));
  }

  #mayChange(status: number): boolean {
    return status >= 500 || status === 429 || (status === 401 && this.#options.renewable);
  }
}

interface Reading {
  lastEventId: string;
  begun: boolean;
}

function tell({ data }: ServerEvent, listener: LiveListener, past: boolean): void {
  const message = roomMessage(data);
  if (message) listener.message(message, past);
}

async function* pieces({ body }: Response): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Ends a stream that has been silent for longer than one that lives. */
class Silence {
  readonly #ending = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.broken();
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ending.abort(), SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ending.abort();
  }
}

/** Until then, or until the browser is online again. */
function waited(ms: number, closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      closing.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    closing.addEventListener('abort', done);
  });
}
