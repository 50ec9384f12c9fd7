/**
 * Opens LiveTranslate sessions over real sockets. The only file here that knows `ws`: it connects, passes texts both ways,
 * says once how the connection ended, and notices one that has gone silent (60 s without an answer to its pings).
 */
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import { modelNamed } from '../../../config/models.ts';
import type { Clock } from '../../../time/clock.ts';
import { keepAlive } from '../../../time/keep-alive.ts';
import { type OpenSession, TranslationError } from '../translation-session.ts';
import { LiveTranslateClient } from './client.ts';
import { RefusedSession } from './refused-session.ts';
import { settingsFor } from './settings.ts';
import type { Dial, Ending } from './wire.ts';

/** Twenty seconds of speech and more in one frame. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const MAX_ANSWER_BYTES = 4096;
const ANSWER_WITHIN_MS = 2000;

export interface LiveTranslateOptions {
  /** Base URL of the realtime endpoint, without the model. */
  url: string;
  model: string;
  /** Absent: the service asks for none, as the embedded engine. */
  key?: string;
  clock: Clock;
  log: Pick<Logger, 'debug' | 'warn' | 'error'>;
  /** Default: over a WebSocket. */
  connect?: Connect;
}

export interface SocketTarget {
  url: URL;
  /** The key among them. */
  headers: Readonly<Record<string, string>>;
}

export type Connect = (endpoint: SocketTarget, clock: Clock) => Dial;

/** @throws {TranslationError} of class `config` for a URL or key that cannot be one */
export function openLiveTranslate(options: LiveTranslateOptions): OpenSession {
  const { key, clock, log, connect = overWebSocket } = options;
  const url = urlFor(options.url, options.model);
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new TranslationError('config', 'key', 'DASHSCOPE_API_KEY is not a key: it has blanks or special characters.');
  }
  const peer = { host: url.host, ...(key !== undefined && { key }) };
  const model = modelNamed(options.model);
  const dial = connect({ url, headers: key === undefined ? {} : { Authorization: `Bearer ${key}` } }, clock);
  return (session, events) => {
    try {
      const settings = settingsFor(model, session);
      return new LiveTranslateClient({ model, settings, events, endpoint: peer, dial, clock, log });
    } catch (error) {
      if (!(error instanceof TranslationError)) throw error;
      return new RefusedSession(error, events, clock, log);
    }
  };
}

function urlFor(url: string, model: string): URL {
  const endpoint = URL.parse(url);
  if (!endpoint || !/^wss?:$/.test(endpoint.protocol)) {
    throw new TranslationError(
      'config',
      'url',
      `"${url}" is not a ws:// or wss:// URL. Check BOOTH_LIVETRANSLATE_URL.`,
    );
  }
  endpoint.searchParams.set('model', model);
  return endpoint;
}

const overWebSocket: Connect =
  ({ url, headers }, clock) =>
  (listener) => {
    const socket = new WebSocket(url, {
      headers,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
    let opened = false;
    let ending: Ending | undefined;
    let stopPinging = (): void => {};

    socket.on('open', () => {
      opened = true;
      stopPinging = keepAlive(socket, clock);
      listener.opened();
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) listener.receivedBinary();
      else listener.received(data.toString());
    });
    socket.on('unexpected-response', (_request, response) => {
      readAnswer(response, clock, (body) => {
        ending = { how: 'refused', status: response.statusCode ?? 0, body };
        socket.terminate();
      });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'error';
      ending ??= opened
        ? { how: 'closed', code: 1006, reason: `${code} ${error.message}` }
        : { how: 'unreachable', code, message: error.message };
    });
    socket.on('close', (code, reason) => {
      stopPinging();
      listener.ended(ending ?? { how: 'closed', code, reason: reason.toString() });
    });

    return {
      send(text) {
        // A failed send is followed by the end of the connection.
        if (socket.readyState === WebSocket.OPEN) socket.send(text, () => listener.drained());
      },
      get backlogBytes() {
        return socket.bufferedAmount;
      },
      close: () => socket.close(1000),
      terminate: () => socket.terminate(),
    };
  };

/** The beginning of the answer's body; whatever has come by its time limit. */
function readAnswer(response: IncomingMessage, clock: Clock, done: (body: string) => void): void {
  let body = '';
  let settled = false;
  const settle = (): void => {
    if (settled) return;
    settled = true;
    cancel();
    done(body.slice(0, MAX_ANSWER_BYTES));
  };
  const cancel = clock.after(ANSWER_WITHIN_MS, settle);
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    body += part;
    if (body.length >= MAX_ANSWER_BYTES) settle();
  });
  response.on('close', settle);
  response.on('error', settle);
}
