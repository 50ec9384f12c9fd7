/**
 * Sends a real server messages that are nearly right: requests of signalling over real sockets, REST calls, and room messages. Everything is
 * answered, nothing is answered by `internal` or 500, and nothing else ends than the connection that sent what is no request.
 */

import { type Method, type RequestData, requests } from '@mediasoup-booth/protocol';
import { pino } from 'pino';
import { expect } from 'vitest';
import { CheckedCaptionHistory } from '../../captions/checked-caption-history.ts';
import { limits } from '../../server/limits.ts';
import { caption, playout } from './room-messages.ts';
import {
  call,
  connect,
  interpreter,
  opus,
  person,
  startTestServer,
  type TestClient,
  type TestServer,
  tokenOf,
} from './server.ts';

type Random = () => number;

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(random: Random, from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];

/** Depth, length and prototypes are what parsers stumble over. */
const values: readonly [unknown, ...unknown[]] = [
  null,
  true,
  -1,
  0,
  0.5,
  256,
  2 ** 32,
  2 ** 53,
  1e308,
  '',
  '\0',
  '\u202e\ud800',
  'x'.repeat(3000),
  'es',
  'original',
  '__proto__',
  [],
  {},
  Array.from({ length: 300 }, () => 'es'),
  JSON.parse('{"__proto__":{"a":1},"constructor":1}'),
  JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`),
];

/** A copy in which up to three parts are something else, are missing, or are there twice. */
export function mutated(random: Random, value: unknown): unknown {
  const copy: unknown = structuredClone(value);
  for (let change = Math.floor(random() * 4); change > 0; change--) mutateOne(random, copy);
  return random() < 0.02 ? pick(random, values) : copy;
}

function mutateOne(random: Random, inside: unknown): void {
  if (typeof inside !== 'object' || inside === null) return;
  const keys = Object.keys(inside);
  const key = keys[Math.floor(random() * keys.length)];
  if (key === undefined) return;
  const part: unknown = Reflect.get(inside, key);
  const choice = random();
  if (typeof part === 'object' && part !== null && random() < 0.7) mutateOne(random, part);
  else if (choice < 0.2) Reflect.deleteProperty(inside, key);
  else if (choice < 0.4) Reflect.set(inside, `${key}${key}`, part);
  else Reflect.set(inside, key, structuredClone(pick(random, values)));
}

const fingerprints = [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => '5A').join(':') }];
const usage = {
  speaker: { id: 'ben', name: 'Ben' },
  language: 'es',
  audio: true,
  replayed: false,
  tokens: {},
  sentMs: {},
};

/** One request of every method that is right, but for ids that do not exist. */
const templates: { [M in Method]?: unknown } = {
  join: { name: 'Ana', hears: 'es', reads: ['es'] },
  'participant.update': { speaks: 'en', hears: 'es', reads: ['original', 'es'], interpret: true, pictures: false },
  'participant.suggest': { participantId: 'ben', speaks: 'fr' },
  'transport.create': { direction: 'send' },
  'transport.connect': { transportId: 'id', dtlsParameters: { role: 'client', fingerprints } },
  'producer.create': { transportId: 'id', kind: 'audio', source: 'microphone', rtpParameters: opus() },
  'consumer.create': { transportId: 'id', producerId: 'id', rtpCapabilities: { codecs: [], headerExtensions: [] } },
  'consumer.setPreferredLayers': { consumerId: 'id', spatialLayer: 1 },
  'dataProducer.create': {
    transportId: 'id',
    label: 'captions',
    sctpStreamParameters: { streamId: 1 },
    booth: { role: 'captions', language: 'es' },
  },
  'session.used': { tokens: 5 },
  'usage.report': { entries: [usage] },
};
const methods = Object.keys(requests) as [Method, ...Method[]];
const anyIds = {
  transportId: 'id',
  producerId: 'id',
  consumerId: 'id',
  dataProducerId: 'id',
  dataConsumerId: 'id',
  participantId: 'ben',
};

/** Connections to one room, of people and of interpreters, of which a new one comes where one has ended. */
class FuzzedSignalling {
  readonly #server: TestServer;
  readonly #random: Random;
  #client: TestClient | undefined;
  #transportId = 'id';
  #comings = 0;
  sent = 0;

  constructor(server: TestServer, random: Random) {
    this.#server = server;
    this.#random = random;
  }

  /** Sends about `count` messages, and resolves when they are answered. */
  async send(count: number): Promise<void> {
    const client = await this.#entered();
    const random = this.#random;
    const replies = Array.from({ length: count }, () => {
      this.sent++;
      const method = random() < 0.01 ? (pick(random, values) as Method) : pick(random, methods);
      const template = { ...(templates[method] ?? anyIds) } as Record<string, unknown>;
      if ('transportId' in template && random() < 0.5) template.transportId = this.#transportId;
      const data = mutated(random, template);
      return client.request(method, data as RequestData<Method>);
    });
    if (random() < 0.005)
      client.socket.send(pick(random, ['', '[]', '{"id":1}', '{', '\u0000', 'null', '{"id":1e400,"method":"join"}']));
    for (const reply of await Promise.allSettled(replies))
      if (reply.status === 'rejected') expect(reply.reason.code).not.toMatch(/^(internal|timeout)$/);
  }

  leave(): void {
    this.#client?.leave();
  }

  async #entered(): Promise<TestClient> {
    if (this.#client && !this.#client.client.ended) return this.#client;
    const identity = `guest-${++this.#comings}`;
    const who =
      this.#comings % 2 ? person(identity, { grants: ['publish', 'subscribe', 'host'] }) : interpreter(identity);
    const client = await connect(this.#server, tokenOf(who));
    await client.join();
    const transport = await client.request('transport.create', { direction: 'send' });
    this.#transportId = transport.id;
    this.#client = client;
    return client;
  }
}

const paths: readonly [string, ...string[]] = [
  '/v1/join',
  '/v1/rooms/demo',
  '/v1/rooms/demo/tokens',
  '/v1/rooms/demo/invites',
  '/v1/rooms/demo/interpreters',
  '/v1/rooms/demo/interpreters/x',
  '/v1/rooms/demo/transcript?language=es',
  '/v1/rooms/demo/usage',
  '/v1/usage?day=x',
  '/v1/languages',
  '/v1/rooms/%00/usage',
  '/v1/rooms/..%2f..%2fetc',
  '/v1/%ff',
  '/openapi.json?__proto__[x]=1',
];
const body = {
  room: 'demo',
  name: 'Ana',
  invite: 'x.y.z',
  earlier: 'x.y.z',
  identity: 'ana',
  grants: ['subscribe'],
  ttlSeconds: 60,
  languages: ['es'],
  languageSettings: { es: { voice: 'x', hotwords: { a: 'b' } } },
  budget: { dailyTokens: 5 },
  waitingRoom: false,
  transcript: true,
};
const token = tokenOf(person('hana', { grants: ['publish', 'subscribe', 'host', 'admin'] }));

async function fuzzRest(server: TestServer, random: Random): Promise<void> {
  const path = pick(random, paths);
  const method = pick(random, ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS']);
  const text = random() < 0.1 ? pick(random, ['{', '', '[]', '"x"', '{"a":']) : mutated(random, body);
  const sends = method !== 'GET' && method !== 'OPTIONS';
  const reply = await call(server, method, path, {
    ...(random() < 0.8 && { token: random() < 0.9 ? token : 'a.b.c' }),
    ...(sends && { body: text }),
  });
  expect(reply.status, `${method} ${path} ${JSON.stringify(text)}`).not.toBe(500);
}

function fuzzRoomMessage(history: CheckedCaptionHistory, random: Random): void {
  const source = { id: pick(random, ['one', 'two']), language: pick(random, ['es', 'en']) };
  const message = mutated(
    random,
    random() < 0.5 ? caption('u', { final: random() < 0.5 }) : playout('u', 'started', 1),
  );
  const bytes = Buffer.from(JSON.stringify(message) ?? 'null');
  // Some bytes are turned over, so that they are no JSON, or no UTF-8.
  if (random() < 0.1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  const parsed = history.parse(source, bytes);
  if (parsed) history.add(source, parsed, bytes.byteLength);
}

/** Sends `messages` in all: nine tenths are signalling and room messages alike, and one in fifty is a REST call. */
export async function fuzz(messages: number, seed: number): Promise<void> {
  const errors: unknown[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) });
  const server = await startTestServer({ log, emptyRoomMs: 3_600_000 });
  const random = randomFrom(seed);
  const signalling = new FuzzedSignalling(server, random);
  const history = new CheckedCaptionHistory();
  try {
    let sent = 0;
    while (sent < messages) {
      for (let n = 0; n < 100; n++) fuzzRoomMessage(history, random);
      for (let n = 0; n < 4; n++) await fuzzRest(server, random);
      await signalling.send(limits.requestsAtOnce * 25);
      sent += 204;
    }
    signalling.leave();
    const health = await call(server, 'GET', '/healthz');
    expect(health.status).toBe(200);
    expect(errors).toEqual([]);
  } finally {
    await server.close();
  }
}
