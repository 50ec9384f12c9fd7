/**
 * Opens LiveTranslate sessions over WebSockets. The only file in this folder that uses `ws`: it connects, passes texts both ways,
 * reports once how the connection ended, and ends one that has been silent for 60 s although it was pinged. A session whose settings
 * cannot be right is never connected: it ends by itself, once, with the reason.
 */
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { modelNamed } from '../../../config/models.ts';
import { type Logger, withFields } from '../../../logging/logger.ts';
import { keepAlive } from '../../../sockets/keep-alive.ts';
import type { Clock } from '../../../time/clock.ts';
import {
  type OpenSession,
  type SessionEvents,
  TranslationError,
  type TranslationSession,
} from '../translation-session.ts';
import { LiveTranslateClient } from './client.ts';
import { settingsFor } from './settings.ts';
import { type Dial, type Ending, environmentNames, type ServiceEndpoint, type SettingNames } from './socket.ts';

/** More than 20 s of speech in one frame. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const MAX_ANSWER_BYTES = 4096;
const ANSWER_WITHIN_MS = 2000;

export interface LiveTranslateOptions {
  /** Base URL of the realtime endpoint, without the model. */
  url: string;
  model: string;
  /** Absent if the service needs none, like the offline engine. */
  key?: string;
  clock: Clock;
  /** Every line of a session carries its number, `session`. */
  log: Logger;
  /** How errors call the settings. Default: Booth's environment variables. */
  settingNames?: SettingNames;
  /** Default: over a WebSocket. */
  connect?: Connect;
}

export interface SocketTarget {
  url: URL;
  /** HTTP headers of the upgrade request. They contain the key. */
  headers: Readonly<Record<string, string>>;
}

export type Connect = (target: SocketTarget, clock: Clock) => Dial;

/**
 * @throws {TranslationError} of class `config` for a malformed URL or key
 * @example
 * const openSession = openLiveTranslate({ url, model: 'qwen3-livetranslate-flash-realtime', key, clock, log });
 */
export function openLiveTranslate(options: LiveTranslateOptions): OpenSession {
  const { clock } = options;
  let sessions = 0;
  const { dial, endpoint } = serviceOf(options);
  const model = modelNamed(options.model);
  return (session, events) => {
    const log = withFields(options.log, { session: ++sessions });
    try {
      const settings = settingsFor(model, session);
      return new LiveTranslateClient({ model, settings, events, endpoint, dial, clock, log });
    } catch (error) {
      if (!(error instanceof TranslationError)) throw error;
      return new RefusedSession(error, events, clock, log);
    }
  };
}

/** How the service is reached, and how messages name it. @throws {TranslationError} of class `config` for a malformed URL or key */
export function serviceOf(options: Omit<LiveTranslateOptions, 'log'>): { dial: Dial; endpoint: ServiceEndpoint } {
  const { key, clock, settingNames = environmentNames, connect = overWebSocket } = options;
  const url = urlFor(options.url, options.model, settingNames);
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new TranslationError(
      'config',
      'key',
      `${settingNames.key} is not a key: it has blanks or special characters.`,
    );
  }
  const endpoint: ServiceEndpoint = {
    host: url.host,
    settingNames,
    ...(modelNamed(options.model).kind === 'offline' && { name: `The offline engine at ${url.host}` }),
    ...(key !== undefined && { key }),
  };
  const dial = connect({ url, headers: key === undefined ? {} : { Authorization: `Bearer ${key}` } }, clock);
  return { dial, endpoint };
}

function urlFor(url: string, model: string, settingNames: SettingNames): URL {
  const endpoint = URL.parse(url);
  if (!endpoint || !/^wss?:$/.test(endpoint.protocol)) {
    throw new TranslationError('config', 'url', `"${url}" is not a ws:// or wss:// URL. Check ${settingNames.url}.`);
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
        ending = { type: 'refused', status: response.statusCode ?? 0, body };
        socket.terminate();
      });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'error';
      ending ??= opened
        ? { type: 'closed', code: 1006, reason: `${code} ${error.message}` }
        : { type: 'unreachable', code, message: error.message };
    });
    socket.on('close', (code, reason) => {
      stopPinging();
      listener.ended(ending ?? { type: 'closed', code, reason: reason.toString() });
    });

    return {
      send(text) {
        // A failed send is followed by the end of the connection.
        if (socket.readyState === WebSocket.OPEN) socket.send(text, () => listener.drained());
      },
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      close: () => socket.close(1000),
      terminate: () => socket.terminate(),
    };
  };

/** Reads the start of the answer's body, or as much of it as arrives within the time limit. */
function readAnswer(response: IncomingMessage, clock: Clock, done: (body: string) => void): void {
  let body = '';
  let finished = false;
  const finish = (): void => {
    if (finished) return;
    finished = true;
    cancel();
    done(body.slice(0, MAX_ANSWER_BYTES));
  };
  const cancel = clock.after(ANSWER_WITHIN_MS, finish);
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    body += part;
    if (body.length >= MAX_ANSWER_BYTES) finish();
  });
  response.on('close', finish);
  response.on('error', finish);
}

/** A session that was never connected, because its settings cannot be right. */
class RefusedSession implements TranslationSession {
  readonly #events: SessionEvents;
  readonly #log: Pick<Logger, 'error'>;
  readonly #finished = Promise.withResolvers<void>();
  readonly #cancel: () => void;
  #ended = false;

  constructor(error: TranslationError, events: SessionEvents, clock: Clock, log: Pick<Logger, 'error'>) {
    this.#events = events;
    this.#log = log;
    // In a later turn, because the caller does not have the session yet.
    this.#cancel = clock.after(0, () => this.#end(error));
  }

  send(): void {}

  sendImage(): boolean {
    return false;
  }

  finish(): Promise<void> {
    return this.#finished.promise;
  }

  close(): void {
    this.#cancel();
    this.#end();
  }

  #end(error?: TranslationError): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      this.#events.closed(error);
    } catch (thrown) {
      this.#log.error({ err: thrown }, 'translation session listener failed');
    }
    this.#finished.resolve();
  }
}
