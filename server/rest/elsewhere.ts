/**
 * Passes on what is asked of a room that another server has, and its answer, streams too. It is passed on and not redirected, as neither
 * browsers nor Node send the token along to another origin. Whom it is passed to passes it on no further.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream';
import { ApiError } from '@mediasoup-booth/protocol';
import type { RequestHandler } from 'express';
import { PASSED_ON_HEADER, type RoomDirectory } from '../room/room-directory.ts';

/** How long the other server may take until it begins to answer. */
const ANSWER_WITHIN_MS = 30_000;
/** Of one connection alone, by RFC 9110. */
const ownHeaders = ['connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'host'];

/** For the paths of `/v1/rooms/{room}`, before their bodies are read. */
export const passOnElsewhere =
  (directory: RoomDirectory): RequestHandler<{ room: string }> =>
  async (request, response, next) => {
    const isPassedOn = request.headers[PASSED_ON_HEADER] !== undefined;
    const server = isPassedOn ? undefined : await directory.find(request.params.room);
    if (server === undefined || request.method === 'OPTIONS') return next();
    const send = server.startsWith('https:') ? requestHttps : requestHttp;
    const passed = send(new URL(server.replace(/\/$/, '') + request.originalUrl), {
      method: request.method,
      headers: { ...passedHeaders(request), [PASSED_ON_HEADER]: '1' },
      timeout: ANSWER_WITHIN_MS,
    });
    passed.once('timeout', () => passed.destroy(new Error('no answer came')));
    passed.once('response', (answer) => {
      passed.setTimeout(0);
      response.status(answer.statusCode ?? 502);
      for (const [name, value] of Object.entries(passedHeaders(answer)))
        if (value !== undefined) response.set(name, value);
      pipeline(answer, response, () => passed.destroy());
    });
    passed.once('error', () => {
      if (!response.headersSent) next(new ApiError('unavailable', UNREACHABLE));
    });
    response.once('close', () => passed.destroy());
    // An error of the request itself has been told above.
    pipeline(request, passed, () => {});
  };

const UNREACHABLE = 'the server that has this room does not answer: ask again in a few seconds';

const passedHeaders = ({ headers }: IncomingMessage): IncomingMessage['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.includes(name)));
