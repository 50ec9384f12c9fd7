/**
 * A server for tests: real workers, any free ports, and a launcher in the hands of the test. `join` is a client over a real
 * socket that remembers what it was told.
 */

import {
  type Grant,
  type JoinReply,
  type Method,
  type NotificationName,
  type Notifications,
  type ReplyData,
  type RequestData,
  SIGNAL_PATH,
  signalSubprotocols,
} from '@mediasoup-booth/protocol';
import { pino } from 'pino';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { endpoints, qwen3 } from '../../config/models.ts';
import { pricingOf } from '../../config/prices.ts';
import { SignallingClient } from '../../room-client/signalling-client.ts';
import { signToken } from '../../server/auth/jwt.ts';
import type { LaunchRequest } from '../../server/room/room-interpreter.ts';
import { type BoothServer, type ServerOptions, startServer } from '../../server/server.ts';
import { serverOptions } from './server-options.ts';
import { until } from './until.ts';

export const secret = 'a secret for tests, which is long enough';

export interface Launch {
  assignment: LaunchRequest;
  stopped: boolean;
}

export interface TestServer extends BoothServer {
  launches: Launch[];
}

/** With a service in the cloud, which costs something and looks at pictures. */
export const inTheCloud: Partial<ServerOptions> = {
  model: qwen3,
  pricing: pricingOf(qwen3, endpoints.international),
  engine: { model: qwen3.id, kind: 'cloud', label: 'A service in the cloud' },
  pictures: 'onChange',
};

export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const launches: Launch[] = [];
  const server = await startServer({
    ...serverOptions,
    secret,
    launchInterpreter: (assignment) => {
      const launch = { assignment, stopped: false };
      launches.push(launch);
      return {
        stop: async () => {
          launch.stopped = true;
        },
      };
    },
    log: pino({ level: 'silent' }),
    ...options,
  });
  return { ...server, launches };
}

export interface Who {
  identity: string;
  /** Seconds for which the token is valid. */
  ttl?: number;
  room?: string;
  grants?: readonly Grant[];
  hidden?: boolean;
  name?: string;
  /** When the token is issued. Default: now. */
  issuedMs?: number;
}

export const tokenOf = ({
  identity,
  room = 'demo',
  grants = ['publish', 'subscribe'],
  ttl = 3600,
  issuedMs,
  ...rest
}: Who): string => signToken(secret, { identity, room, grants, ...rest }, ttl, issuedMs);

export const person = (identity: string, more: Partial<Who> = {}): Who => ({ identity, ...more });
export const interpreter = (identity: string, more: Partial<Who> = {}): Who => ({
  identity,
  grants: ['interpret', 'subscribe'],
  ...more,
});

/** A signalling socket that was opened with a token and has not joined. */
export async function openSocket(
  server: Pick<BoothServer, 'url'>,
  token = tokenOf(person('stranger')),
): Promise<WebSocket> {
  const socket = new WebSocket(server.url.replace(/^http/, 'ws') + SIGNAL_PATH, signalSubprotocols(token));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

export const closed = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })));

/** The error of a request that the server refuses. */
export const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

const names: readonly NotificationName[] = [
  'participant.joined',
  'participant.updated',
  'participant.suggested',
  'participant.tooQuiet',
  'participant.left',
  'producer.created',
  'producer.paused',
  'producer.resumed',
  'producer.closed',
  'dataProducer.created',
  'dataProducer.closed',
  'consumer.closed',
  'dataConsumer.closed',
  'room.updated',
  'room.moving',
  'room.moved',
  'waitingRoom.updated',
  'waitingRoom.admitted',
  'readers.updated',
  'token.renewed',
  'token.expiring',
  'transcript.deleted',
  'session.moved',
  'budget.changed',
];

export class TestClient {
  readonly socket: WebSocket;
  readonly client: SignallingClient;
  readonly told: { name: NotificationName; data: unknown }[] = [];
  #reply: JoinReply | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.client = new SignallingClient(socket as unknown as ConstructorParameters<typeof SignallingClient>[0]);
    for (const name of names) this.client.on(name, (data) => this.told.push({ name, data }));
  }

  get reply(): JoinReply {
    if (!this.#reply) throw new Error('not joined');
    return this.#reply;
  }

  async join(options: RequestData<'join'> = {}): Promise<this> {
    this.#reply = await this.client.request('join', options);
    return this;
  }

  request<M extends Method>(method: M, data: RequestData<M>): Promise<ReplyData<M>> {
    return this.client.request(method, data);
  }

  /** What was told under this name so far. */
  all<N extends NotificationName>(name: N): Notifications[N][] {
    return this.told.filter((notification) => notification.name === name).map(({ data }) => data as Notifications[N]);
  }

  /** The next to be told, or one told already, that fits. */
  async hears<N extends NotificationName>(
    name: N,
    fits: (data: Notifications[N]) => boolean = () => true,
  ): Promise<Notifications[N]> {
    const found = () => this.all(name).find(fits);
    await until(() => found() !== undefined).catch(() => {
      throw new Error(`${name} was never sent; sent: ${JSON.stringify(this.told)}`);
    });
    return found() as Notifications[N];
  }

  /** After this, all that the server said before has been told. */
  async settled(): Promise<void> {
    await this.request('participant.update', {});
  }

  async transports(): Promise<{ send: string; recv: string }> {
    const send = await this.request('transport.create', { direction: 'send' });
    const recv = await this.request('transport.create', { direction: 'recv' });
    return { send: send.id, recv: recv.id };
  }

  leave(): void {
    this.client.close();
  }
}

/** A client over a socket that was opened with a token and has not joined. */
export const connect = async (server: Pick<BoothServer, 'url'>, token: string): Promise<TestClient> =>
  new TestClient(await openSocket(server, token));

export const join = async (server: BoothServer, who: Who, options: RequestData<'join'> = {}): Promise<TestClient> =>
  (await connect(server, tokenOf(who))).join(options);

let nextSsrc = 1000;

/** Parameters as a browser would send them; no packet ever comes. */
export const opus = (): RequestData<'producer.create'>['rtpParameters'] => ({
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: {} }],
  encodings: [{ ssrc: nextSsrc++ }],
  headerExtensions: [],
  rtcp: { cname: 'test' },
});

export const vp8 = (): RequestData<'producer.create'>['rtpParameters'] => ({
  codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: {} }],
  encodings: [{ ssrc: nextSsrc++ }],
  headerExtensions: [],
  rtcp: { cname: 'test' },
});

/** A call of the REST interface. */
export async function call(
  server: BoothServer,
  method: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<{ status: number; type: string; body: unknown; headers: Headers }> {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    type,
    body: /json/.test(type) ? JSON.parse(text) : text,
    headers: response.headers,
  };
}
