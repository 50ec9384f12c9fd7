/** What a declared call gets without saying so: its checks, its answers and its place in the document. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RoomName } from '@mediasoup-booth/protocol';
import express from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { signToken } from '../../../../server/auth/jwt.ts';
import { RevocationList } from '../../../../server/auth/revocation-list.ts';
import { TokenService } from '../../../../server/auth/token-service.ts';
import { openapi, openapiRoute } from '../../../../server/rest/openapi.ts';
import { problems, unknownCall } from '../../../../server/rest/problems.ts';
import { json, mount, NO_CONTENT, RESPONDED, route } from '../../../../server/rest/route.ts';

const secret = 'a secret for tests, which is long enough';
const params = z.object({ room: RoomName });

const note = route({
  method: 'post',
  path: '/v1/rooms/{room}/notes',
  summary: 'Writes a note',
  grants: ['host', 'admin'],
  params,
  query: z.object({ times: z.coerce.number().int().max(3).default(1) }),
  body: z.object({ text: z.string() }),
  answers: { 200: z.object({ note: z.string() }), 201: z.object({ note: z.string() }) },
  handle: ({ claims, params, query, body }) =>
    json(query.times > 1 ? 201 : 200, { note: `${claims.sub} ${params.room} ${body.text.repeat(query.times)}` }),
});

const routes = [
  note,
  route({
    method: 'delete',
    path: '/v1/rooms/{room}/notes',
    summary: 'Deletes the notes',
    grants: ['admin'],
    params,
    answers: { 204: null },
    handle: () => NO_CONTENT,
  }),
  route({
    method: 'get',
    path: '/v1/notes',
    summary: 'All notes, as text',
    answers: { 200: z.string() },
    types: ['text/plain'],
    crossOrigin: true,
    handle({ response }) {
      response.type('text/plain').send('none');
      return RESPONDED;
    },
  }),
];

const token = (grants: ('host' | 'admin' | 'subscribe')[], room = 'hall') =>
  signToken(secret, { identity: 'ana', room, grants }, 60);

describe('a REST call that is declared', () => {
  let http: Server;
  let url: string;
  beforeAll(async () => {
    const app = express();
    app.use(express.json());
    app.use(mount(routes, new TokenService([secret], new RevocationList(undefined, Date.now), Date.now)));
    app.use(unknownCall);
    app.use(problems(pino({ level: 'silent' })));
    http = createServer(app);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });
  afterAll(() => http.close());

  async function call(method: string, path: string, { as, body }: { as?: string; body?: unknown } = {}) {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(as !== undefined && { Authorization: `Bearer ${as}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  it('hands its handler what the schemas made of path, query and body', async () => {
    const body = { text: 'x', more: 'is dropped' };
    const once = await call('POST', '/v1/rooms/hall/notes', { as: token(['host']), body });
    expect(once).toMatchObject({ status: 200, body: { note: 'ana hall x' } });
    const twice = await call('POST', '/v1/rooms/hall/notes?times=2', { as: token(['admin'], 'other'), body });
    expect(twice).toMatchObject({ status: 201, body: { note: 'ana hall xx' } });
  });

  it.each([
    ['the token', '/v1/rooms/-/notes?times=9', undefined, 401, 'missingToken', /no token/],
    ['the path', '/v1/rooms/-/notes?times=9', token(['subscribe'], 'other'), 400, 'invalid', /^a room name/],
    ['the grant', '/v1/rooms/hall/notes?times=9', token(['subscribe'], 'other'), 403, 'forbidden', /"host" or "admin"/],
    ['the room', '/v1/rooms/hall/notes?times=9', token(['host'], 'other'), 403, 'wrongRoom', /"other", not for "hall"/],
    ['the query', '/v1/rooms/hall/notes?times=9', token(['host']), 400, 'invalid', /^in the query, times/],
    ['the body', '/v1/rooms/hall/notes', token(['host']), 400, 'invalid', /^text/],
  ])('checks %s before what comes after it', async (_what, path, as, status, code, detail) => {
    const reply = await call('POST', path, { ...(as !== undefined && { as }), body: {} });
    expect(reply).toMatchObject({ status, body: { status, code, detail: expect.stringMatching(detail) } });
  });

  it('says that the body is missing, where there is none', async () => {
    const reply = await call('POST', '/v1/rooms/hall/notes', { as: token(['host']) });
    expect(reply).toMatchObject({ status: 400, body: { detail: expect.stringMatching(/needs a JSON body/) } });
  });

  it('answers without a body, and by itself', async () => {
    const deleted = await call('DELETE', '/v1/rooms/hall/notes', { as: token(['admin']) });
    expect(deleted).toMatchObject({ status: 204, body: '' });
    expect(await call('GET', '/v1/notes')).toMatchObject({ status: 200, body: 'none' });
  });

  it('is open to pages of other origins where it says so, and nowhere else', async () => {
    expect((await call('GET', '/v1/notes')).headers.get('access-control-allow-origin')).toBe('*');
    expect((await call('OPTIONS', '/v1/notes')).status).toBe(204);
    const other = await call('DELETE', '/v1/rooms/hall/notes', { as: token(['admin']) });
    expect(other.headers.has('access-control-allow-origin')).toBe(false);
  });

  it.each([
    ['PUT', '/v1/rooms/hall/notes'],
    ['GET', '/v1/rooms/hall/notes'],
    ['GET', '/v1/others'],
  ])('is the only one there is: %s %s is not found', async (method, path) => {
    expect(await call(method, path, { as: token(['admin']) })).toMatchObject({
      status: 404,
      body: { code: 'notFound' },
    });
  });

  it('must declare the parameters of its path, and no others', () => {
    const wrong = { method: 'get', summary: '', answers: { 204: null }, handle: () => NO_CONTENT } as const;
    expect(() => route({ ...wrong, path: '/v1/rooms/{room}' })).toThrow(/parameters room/);
    expect(() => route({ ...wrong, path: '/v1/rooms', params })).toThrow(/not room/);
  });
});

describe('the OpenAPI document', () => {
  const documented = (document: unknown) =>
    z
      .object({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({ responses: z.looseObject({}) }))) })
      .parse(document).paths;

  it('lists every route with the statuses that it declares, and its own', async () => {
    const own = openapiRoute(routes);
    const paths = documented(openapi([...routes, own]));
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => [method, path, ...Object.keys(responses)]),
    );
    expect(listed.sort()).toEqual(
      [...routes, own].map(({ method, path, answers }) => [method, path, ...Object.keys(answers), 'default']).sort(),
    );
  });

  it('names the grants of which one is enough, the parameters, and whether there must be a body', () => {
    const optional = { ...note, body: z.object({}).prefault({}) };
    const { post } = documented(openapi([note]))['/v1/rooms/{room}/notes'] ?? {};
    expect(post).toMatchObject({
      security: [{ token: ['host'] }, { token: ['admin'] }],
      parameters: [
        { in: 'path', name: 'room', required: true },
        { in: 'query', name: 'times' },
      ],
      requestBody: { required: true },
    });
    expect(documented(openapi([optional]))).toMatchObject({
      '/v1/rooms/{room}/notes': { post: { requestBody: { required: false } } },
    });
  });

  it('names the media types of answers that are not JSON', () => {
    expect(documented(openapi(routes))).toMatchObject({
      '/v1/notes': { get: { security: [], responses: { 200: { content: { 'text/plain': {} } } } } },
    });
  });
});
