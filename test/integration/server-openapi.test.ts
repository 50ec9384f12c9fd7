/** The REST calls as `GET /openapi.json` of a running server lists them. */
import { WebhookEventType } from '@mediasoup-booth/protocol';
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
  webhooks: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
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

  it('lists the calls under the names at which they answer', async () => {
    expect(document.openapi).toMatch(/^3\.1/);
    expect(operations.length).toBeGreaterThan(20);
    for (const { name, method, path } of operations) {
      const filled = path.replace('{room}', 'hall').replace('{id}', 'some-id');
      const reply = await call(server, method.toUpperCase(), filled);
      expect([name, reply.status]).not.toEqual([name, 404]);
    }
  });

  it('refers to no schema that it does not have', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(20);
    for (const name of references) expect(document.components.schemas).toHaveProperty([name ?? '']);
  });

  it('says which calls need a token, and each of them is refused without one', async () => {
    const closed = operations.filter(({ operation }) => operation.security.length > 0);
    const open = operations.filter(({ operation }) => operation.security.length === 0).map(({ name }) => name);
    expect(open).toEqual([
      'get /healthz',
      'get /readyz',
      'get /metrics',
      'get /v1/languages',
      'post /v1/join',
      'post /v1/sign-in',
      'get /openapi.json',
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

  it('has the schema of each message that webhooks send', () => {
    expect(Object.keys(document.webhooks).sort()).toEqual(WebhookEventType.options.toSorted());
    for (const [type, { post }] of Object.entries(document.webhooks))
      expect(post).toMatchObject({
        requestBody: {
          content: {
            'application/json': {
              schema: {
                required: ['type', 'timestamp', 'sequence', 'data'],
                properties: { type: { const: type }, data: { type: 'object' } },
              },
            },
          },
        },
      });
  });
});
