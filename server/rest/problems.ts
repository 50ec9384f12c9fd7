/** Every error of the REST calls as a problem document (RFC 9457), whatever was thrown. */
import { STATUS_CODES } from 'node:http';
import { ApiError, type Problem, statusByCode } from '@mediasoup-booth/protocol';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { RoomElsewhereError } from '../room/room-directory.ts';

export const unknownCall: RequestHandler = (request) => {
  throw new ApiError('notFound', `there is no call ${request.method} ${request.baseUrl}${request.path}`);
};

export const problems =
  (log: Logger): ErrorRequestHandler =>
  (error, request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof RoomElsewhereError) response.set('Location', error.server + request.originalUrl);
    const apiError = error instanceof ApiError ? error : bodyParserError(error);
    if (apiError) return send(response, statusByCode[apiError.code], apiError.code, apiError.message);
    log.error({ err: error, method: request.method, path: request.path }, 'REST call failed unexpectedly');
    send(response, 500, 'internal', 'the server failed: its log tells why');
  };

function send(response: Response, status: number, code: string, detail: string): void {
  if (status === 401) response.set('WWW-Authenticate', 'Bearer');
  const problem: Problem = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail };
  response.status(status).type('application/problem+json').send(JSON.stringify(problem));
}

/** An error of express about the body or the path. */
function bodyParserError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (error.status === 413) return new ApiError('tooLarge', 'the body is larger than 64 kB');
  if (error.status >= 400 && error.status < 500)
    return new ApiError('invalid', `the request is wrong: ${error.message}`);
  return undefined;
}
