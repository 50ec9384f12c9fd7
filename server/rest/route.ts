/**
 * A REST call, declared once: what is served, what is checked and what `GET /openapi.json` says of it all come from the same
 * declaration. The order of checks is the same for every call: token, path, grant and room, query, body. Nothing reaches a handler
 * that its schemas have not passed.
 */

import { ApiError, type Claims, issues } from '@mediasoup-booth/protocol';
import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import type { TokenService } from '../auth/token-service.ts';
import { inRoom } from '../room/room-context.ts';
import { type AcceptedGrants, authorize, bearerToken } from './authorization.ts';
import { allowEveryOrigin } from './cross-origin.ts';

/** The schema of each answer by its status; null: an answer without a body. */
type Answers = Readonly<Record<number, z.ZodType | null>>;

/** Returned by a handler that has written the response itself: a stream, or another type than JSON. */
export const RESPONDED = { responded: true } as const;

/** An answer with a JSON body. */
export const json = <Status extends number, Body>(status: Status, body: Body) => ({ status, body });

/** An answer without a body. */
export const NO_CONTENT = { status: 204 } as const;

type Answer<A extends Answers> =
  | {
      [Status in keyof A & number]: A[Status] extends z.ZodType
        ? { status: Status; body: z.output<A[Status]> }
        : { status: Status };
    }[keyof A & number]
  | typeof RESPONDED;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

interface Call<G, P, Q, B> {
  /** The claims of the token; undefined if the call needs none. */
  claims: G extends AcceptedGrants ? Claims : undefined;
  params: Parsed<P>;
  query: Parsed<Q>;
  body: Parsed<B>;
  request: Request;
  response: Response;
}

/** The part of a route that OpenAPI documents. */
export interface RouteDescription {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** As OpenAPI writes it: `/v1/rooms/{room}`. */
  path: `/${string}`;
  summary: string;
  /** Any of these is enough; all but `admin` count in the token's own room alone, which is then `{room}`. Absent: no token. */
  grants?: AcceptedGrants | undefined;
  /** One schema for each `{name}` in the path. */
  params?: z.ZodObject | undefined;
  query?: z.ZodObject | undefined;
  body?: z.ZodType | undefined;
  answers: Answers;
  /** The media types of the answers with a body. Default: JSON alone. */
  types?: readonly string[] | undefined;
  /** Pages of every origin may make this call. Default: false. */
  crossOrigin?: boolean | undefined;
}

export interface Route extends RouteDescription {
  respond(request: Request, response: Response, tokens: TokenService): Promise<void>;
}

/**
 * Declares a call.
 *
 * @example
 * route({
 *   method: 'get',
 *   path: '/v1/rooms/{room}',
 *   summary: 'A room that is open',
 *   grants: ['admin'],
 *   params: z.object({ room: RoomName }),
 *   answers: { 200: RoomSummary },
 *   handle: ({ params }) => json(200, summary(rooms.get(params.room))),
 * });
 *
 * @throws {Error} where the schemas in `params` are not those of the path
 */
export function route<
  const A extends Answers,
  const G extends AcceptedGrants | undefined = undefined,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>({
  handle,
  ...description
}: RouteDescription & {
  answers: A;
  grants?: G;
  params?: P;
  query?: Q;
  body?: B;
  handle(call: Call<G, P, Q, B>): Answer<A> | Promise<Answer<A>>;
}): Route {
  requireSameNames(description);
  return {
    ...description,
    async respond(request, response, tokens) {
      const { grants } = description;
      const claims = grants && tokens.verify(bearerToken(request));
      const params = parse(description.params, request.params, pathError);
      if (grants && claims) authorize(claims, grants, request.params.room);
      const query = parse(description.query, request.query, queryError);
      const body = parse(description.body, request.body, bodyError);
      const call = { claims, params, query, body, request, response } as Call<G, P, Q, B>;
      const { room } = request.params;
      const answer = await (typeof room === 'string' ? inRoom(room, () => handle(call)) : handle(call));
      if ('responded' in answer) return;
      response.status(answer.status);
      if ('body' in answer) response.json(answer.body);
      else response.end();
    },
  };
}

/**
 * Serves `routes`, and nothing else.
 *
 * @example
 * app.use(mount(routes, tokens));
 */
export function mount(routes: readonly Route[], tokens: TokenService): Router {
  const router = Router();
  for (const each of routes) {
    const path = each.path.replaceAll(/\{(\w+)\}/g, ':$1');
    if (each.crossOrigin) router.all(path, allowEveryOrigin);
    router[each.method](path, (request: Request, response: Response) => each.respond(request, response, tokens));
  }
  return router;
}

function requireSameNames({ path, params }: RouteDescription): void {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  const declared = Object.keys(params?.shape ?? {}).sort();
  if (inPath.join() !== declared.join()) throw new Error(`${path} has the parameters ${inPath}, not ${declared}`);
}

function parse(schema: z.ZodType | undefined, given: unknown, explain: (error: z.ZodError, given: unknown) => string) {
  if (!schema) return undefined;
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new ApiError('invalid', explain(parsed.error, given));
  return parsed.data;
}

const pathError = ({ issues }: z.ZodError): string => issues.map(({ message }) => message).join('; ');
const queryError = (error: z.ZodError): string => `in the query, ${issues(error)}`;
const bodyError = (error: z.ZodError, given: unknown): string =>
  given === undefined
    ? 'the request needs a JSON body, and the header "Content-Type: application/json"'
    : issues(error);
