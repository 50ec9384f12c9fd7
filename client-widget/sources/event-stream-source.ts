/**
 * Captions over HTTP without WebRTC: server-sent events read with `fetch`, which can send the token in a header. A lost stream reconnects
 * after 1-10 s where it left off, for as long as the source is open.
 */
import type { HeardLanguage, Problem, STREAM_END_EVENT } from '@mediasoup-booth/protocol';
import { EntranceError } from '../media/entrance-error.ts';
import { roomMessage } from '../media/room-message.ts';
import type { LiveListener, LiveSource, TokenProvider } from './caption-source.ts';

const END: typeof STREAM_END_EVENT = 'end';
/** A stream that is silent for so long is lost; the server sends something every 15 s. */
const SILENCE_MS = 40_000;
/** Messages that arrive this soon after the stream has begun are history. */
const HISTORY_MS = 500;
/** A stream that lasted this long resets the back-off. */
const GOOD_MS = 10_000;

interface EventsOptions {
  /** Origin of the server. */
  server: string;
  room: string;
  language: HeardLanguage;
  token: TokenProvider;
  /** Whether calling `token` again may return a different token. */
  renewable: boolean;
}

export const eventStreamSource = (options: EventsOptions): LiveSource => ({
  open(listener) {
    const closing = new AbortController();
    void keepStreaming(options, listener, closing.signal);
    return () => closing.abort();
  },
});

async function keepStreaming(options: EventsOptions, listener: LiveListener, closing: AbortSignal): Promise<void> {
  const reading: StreamPosition = { lastEventId: '', begun: false };
  listener.connection({ is: 'connecting' });
  for (let attempt = 0; !closing.aborted; attempt++) {
    const sinceMs = performance.now();
    let why = { message: 'The stream has ended.', code: '' };
    try {
      await readStream(options, reading, listener, closing);
    } catch (error) {
      const refusal = error instanceof EntranceError ? error : undefined;
      why = { message: Object(error).message, code: refusal?.code ?? '' };
      if (refusal?.retryable === false) return listener.connection({ is: 'ended', ...why });
    }
    if (closing.aborted) return;
    if (reading.begun && performance.now() - sinceMs > GOOD_MS) attempt = 0;
    const delayMs = retryDelayMs(attempt);
    listener.connection({ is: 'lost', ...why, delayMs });
    await waitToRetry(delayMs, closing);
  }
}

/** Resolves when the server ends the stream; throws when it is lost or silent for too long. */
async function readStream(
  options: EventsOptions,
  reading: StreamPosition,
  listener: LiveListener,
  closing: AbortSignal,
): Promise<void> {
  const silence = new AbortController();
  const restartSilenceTimer = () => setTimeout(() => silence.abort(), SILENCE_MS);
  let timer = restartSilenceTimer();
  try {
    const response = await request(options, reading.lastEventId, AbortSignal.any([closing, silence.signal]));
    listener.connection({ is: 'live' });
    const pastUntilMs = reading.begun ? 0 : performance.now() + HISTORY_MS;
    reading.begun = true;
    const parser = new EventParser();
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      clearTimeout(timer);
      timer = restartSilenceTimer();
      for (const { id, event, data } of parser.push(piece.value)) {
        if (event === END) return;
        reading.lastEventId = id ?? reading.lastEventId;
        const message = roomMessage(data);
        if (message) listener.message(message, performance.now() < pastUntilMs);
      }
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

async function request(
  { server, room, language, token, renewable }: EventsOptions,
  lastEventId: string,
  signal: AbortSignal,
): Promise<Response> {
  const path = `/v1/rooms/${encodeURIComponent(room)}/captions?language=${encodeURIComponent(language)}`;
  const given = (await token()) || '';
  if (!/^[!-~]+$/.test(given)) throw new EntranceError('This is not a token.', false);
  const headers = { Authorization: `Bearer ${given}`, ...(lastEventId && { 'Last-Event-ID': lastEventId }) };
  const response = await fetch(server + path, { headers, signal });
  if (response.ok) return response;
  const { status } = response;
  const { detail = `The server answered with ${status}.`, code } = (await response
    .json()
    .catch(() => ({}))) as Partial<Problem>;
  throw new EntranceError(detail, status >= 500 || status === 429 || (status === 401 && renewable), code);
}

interface StreamPosition {
  lastEventId: string;
  begun: boolean;
}

/** 1 s eight times, then 2, 4, 8, 10 … s, as `rejoinBackoff`. Computed here: the captions widget has to be light, and shared code weighs more. */
const retryDelayMs = (attempt: number): number =>
  Math.round(Math.min(1000 * 2 ** Math.max(0, attempt - 7), 8300) * (1 + Math.random() / 5));

/** Waits for `ms`, or until the browser is online again. */
function waitToRetry(ms: number, closing: AbortSignal): Promise<unknown> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(ms)]);
  return new Promise((resolve) => {
    addEventListener('online', resolve, { signal });
    signal.onabort = resolve;
  });
}

interface ServerEvent {
  id?: string;
  event?: string;
  data?: string;
}

/** The longest event in characters; a longer one is an error. */
const LONGEST = 65_536;

/**
 * Parses server-sent events from text in any pieces, as Booth's server writes them: one line of data each, lines that end with `\n`.
 * Holds at most 64 kB.
 */
export class EventParser {
  #rest = '';

  /** Returns the events that are complete; a comment is an event without fields. */
  push(text: string): ServerEvent[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    if (this.#rest.length > LONGEST) throw new Error('The server sent an event without end.');
    return blocks.map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/, 2))));
  }
}
