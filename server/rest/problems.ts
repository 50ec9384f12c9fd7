/** Every error of the REST calls as a problem document (RFC 9457), whatever was thrown. */
import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { ApiError, issues, statusByCode } from '../../protocol/api-error.ts';
import type { Problem } from '../../protocol/rest.ts';

/** @throws {ApiError} that tells every part of the body that is wrong */
export function body<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  if (given === undefined)
    throw new ApiError('invalid', 'the request needs a JSON body, and the header "Content-Type: application/json"');
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new ApiError('invalid', issues(parsed.error));
  return parsed.data;
}

/** @throws {ApiError} that tells every part of the query that is wrong */
export function query<S extends z.ZodType>(schema: S, request: Pick<Request, 'query'>): z.output<S> {
  const parsed = schema.safeParse(request.query);
  if (!parsed.success) throw new ApiError('invalid', `in the query, ${issues(parsed.error)}`);
  return parsed.data;
}

export const unknownCall: RequestHandler = (request) => {
  throw new ApiError('notFound', `there is no call ${request.method} ${request.baseUrl}${request.path}`);
};

export const problems =
  (log: Logger): ErrorRequestHandler =>
  (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const refusal = error instanceof ApiError ? error : ofBody(error);
    if (refusal) return send(response, statusByCode[refusal.code], refusal.code, refusal.message);
    log.error({ err: error }, 'a REST call failed in a way that was not foreseen');
    send(response, 500, 'internal', 'the server failed: its log tells why');
  };

function send(response: Response, status: number, code: string, detail: string): void {
  if (status === 401) response.set('WWW-Authenticate', 'Bearer');
  const problem: Problem = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail };
  response.status(status).type('application/problem+json').send(JSON.stringify(problem));
}

/** What express's body parser found wrong. */
function ofBody(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (error.status === 413) return new ApiError('tooLarge', 'the body is larger than 64 kB');
  if (error.status >= 400 && error.status < 500)
    return new ApiError('invalid', `the request is wrong: ${error.message}`);
  return undefined;
}
