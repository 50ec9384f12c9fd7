/** The REST calls as `GET /openapi.json` tells them, against those that there are. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, startTestServer, type TestServer } from '../support/server.ts';

interface Operation {
  summary: string;
  security: { token: string[] }[];
  requestBody?: unknown;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

const restFolder = new URL('../../server/rest/', import.meta.url);

/** As the routes of the server are written; its pages are no calls. */
function routed(): string[] {
  const files = readdirSync(restFolder).filter((file) => file !== 'pages.ts');
  const sources = files.map((file) => readFileSync(new URL(file, restFolder), 'utf8')).join('\n');
  const atRoot = ['/healthz', '/readyz', '/metrics', '/openapi.json'];
  return [...sources.matchAll(/router\.(get|post|put|patch|delete)\(\s*'([^']+)'/g)].map(([, method, path = '']) => {
    const prefix = atRoot.includes(path) ? '' : '/v1';
    return `${method} ${prefix}${path.replaceAll(/:(\w+)/g, '{$1}')}`;
  });
}

describe('GET /openapi.json', () => {
  let server: TestServer;
  let document: Document;
  let operations: { name: string; method: string; path: string; operation: Operation }[];
  beforeAll(async () => {
    server = await startTestServer();
    const reply = await fetch(`${server.url}/openapi.json`, { headers: { origin: 'https://tools.example' } });
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
    document = (await reply.json()) as Document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, method, path, operation })),
    );
  });
  afterAll(() => server.close());

  it('tells every call that there is, and no other', () => {
    expect(document.openapi).toMatch(/^3\.1/);
    expect(operations.map(({ name }) => name).sort()).toEqual(routed().sort());
    expect(operations.length).toBeGreaterThan(20);
  });

  it('refers to nothing that it does not have', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(20);
    for (const name of references) expect(document.components.schemas).toHaveProperty([name ?? '']);
  });

  it('tells who may make a call: without a token the others are refused, as problems', async () => {
    const closed = operations.filter(({ operation }) => operation.security.length > 0);
    const open = operations.filter(({ operation }) => operation.security.length === 0).map(({ name }) => name);
    expect(open).toEqual([
      'get /healthz',
      'get /readyz',
      'get /metrics',
      'get /openapi.json',
      'get /v1/languages',
      'post /v1/join',
    ]);
    for (const { name, method, path, operation } of closed) {
      const filled = path.replace('{room}', 'hall').replace('{id}', 'some-id');
      const reply = await call(server, method.toUpperCase(), filled, operation.requestBody ? { body: {} } : {});
      expect([name, reply.status, reply.type]).toEqual([
        name,
        401,
        expect.stringContaining('application/problem+json'),
      ]);
    }
  });
});
