/** What a server tells other applications over real HTTP, verified with the library of Standard Webhooks. */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join as path } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type WebhookEventType, WebhookList, webhookPayload } from '@mediasoup-booth/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../bench/support/silent-log.ts';
import { qwen3 } from '../../config/models.ts';
import { repository } from '../../scripts/places.mjs';
import type { ServerOptions } from '../../server/server.ts';
import { ServerEvents } from '../../server/server-events.ts';
import { Webhooks, type WebhooksOptions } from '../../server/webhooks/webhooks.ts';
import { systemClock } from '../../time/clock.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { readCaptions } from '../support/caption-events.ts';
import { Guest } from '../support/meeting.ts';
import { caption } from '../support/room-messages.ts';
import { call, interpreter, join, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { startServerWithoutEngine } from '../support/server-without-engine.ts';
import { until } from '../support/until.ts';
import { prices } from '../support/usage-accounting.ts';
import { type Certificate, otherWebhookSecret, WebhookReceiver, webhookSecret } from '../support/webhook-receiver.ts';

const admin = tokenOf(person('root', { grants: ['admin'] }));

interface Told {
  server: TestServer;
  receiver: WebhookReceiver;
  folder: string;
}

async function told(
  options: Partial<ServerOptions> = {},
  { events, secrets = webhookSecret }: { events?: WebhookEventType[]; secrets?: string | string[] } = {},
): Promise<Told> {
  const receiver = await WebhookReceiver.start();
  const folder = temporaryFolder();
  const server = await startTestServer({
    webhooks: {
      endpoints: [{ url: receiver.url, secret: secrets, events }],
      allowPrivateAddresses: true,
      folder: path(folder, 'webhooks'),
    },
    transcripts: { folder: path(folder, 'transcripts'), retentionHours: 24 },
    ...options,
  });
  onTestFinished(() => server.close());
  return { server, receiver, folder };
}

const views = async (server: TestServer) =>
  WebhookList.parse((await call(server, 'GET', '/v1/webhooks', { token: admin })).body).endpoints;

describe('an application with a webhook', () => {
  it('is told of a meeting from its beginning to its transcript, in order, by the schemas of the documentation', async () => {
    const { server, receiver } = await told({}, { events: webhookEvents });
    const ana = await join(server, person('ana', { name: 'Ana' }));
    await join(server, person('ben', { name: 'Ben' }));
    await ana.request('participant.update', { hears: 'es', reads: ['es'] });
    await until(() => server.launches.length === 1);
    const launched = server.launches[0]?.assignment;
    launched?.onState('running');
    const booth = await Guest.enter(server, interpreter('booth'));
    const captions = booth.room.publishCaptions('es');
    await captions.opened;
    captions.send(JSON.stringify(caption('u0', { final: false, stable: 'ho', start: 5 })));
    captions.send(JSON.stringify(caption('u1', { stable: 'hola', corrected: 'hola, Ana', start: 10, end: 20 })));
    await receiver.receives('caption.final');
    ana.leave();
    await receiver.receives('participant.left', ({ data }) => 'participant' in data && data.participant.id === 'ana');
    expect((await call(server, 'DELETE', '/v1/rooms/demo', { token: admin })).status).toBe(204);
    await receiver.receives('transcript.ready');
    await receiver.receives('room.ended');

    const happened = receiver.messages
      .map(({ payload }) => payload)
      .map(({ type, data }) =>
        [
          type,
          'participant' in data && data.participant.id,
          'state' in data && data.state,
          'text' in data && data.text,
          type === 'participant.left' && data.reason,
        ]
          .filter(Boolean)
          .join(' '),
      );
    const order = (...wanted: string[]) => expect(happened.filter((each) => wanted.includes(each))).toEqual(wanted);
    order('room.started', 'participant.joined ana', 'participant.joined ben', 'interpreter.state starting');
    order('interpreter.state starting', 'interpreter.state running', 'participant.joined booth');
    order('participant.joined booth', 'caption.final hola, Ana', 'participant.left ana left');
    order('participant.left ana left', 'interpreter.state stopped', 'participant.left ben roomEnded', 'room.ended');
    expect(happened.filter((each) => each.startsWith('caption.final'))).toHaveLength(1);

    const sequences = receiver.messages.map(({ payload }) => payload.sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    for (const { payload } of receiver.messages) webhookPayload(payload.type).parse(payload);
    expect(receiver.forged).toEqual([]);
    expect(await receiver.receives('room.ended')).toMatchObject({ data: { room: 'demo', meetingOver: true } });
    const { data } = await receiver.receives('transcript.ready');
    const { status } = await call(server, 'GET', `/v1/rooms/demo/transcript?language=es&meeting=${data.meeting}`, {
      token: admin,
    });
    expect(status).toBe(200);
    expect(receiver.messages[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^Booth\//),
    });
  });

  it('is told why somebody left, and no caption unless it wants them', async () => {
    const { server, receiver } = await told();
    const host = await join(server, person('host', { grants: ['host', 'subscribe'] }));
    const ben = await join(server, person('ben', { name: 'Ben' }));
    const booth = await Guest.enter(server, interpreter('booth'));
    const captions = booth.room.publishCaptions('es');
    await captions.opened;
    captions.send(JSON.stringify(caption('u1', { start: 10 })));
    await host.request('host.remove', { participantId: 'ben' });
    await new Promise((resolve) => ben.socket.once('close', resolve));
    const left = await receiver.receives('participant.left');
    expect(left.data).toMatchObject({ participant: { id: 'ben', name: 'Ben', kind: 'person' }, reason: 'removed' });
    await join(server, person('host', { grants: ['host', 'subscribe'] }));
    await receiver.receives('participant.left', ({ data }) => 'reason' in data && data.reason === 'replaced');
    expect(receiver.types).not.toContain('caption.final');
  });

  it('is told no captions while a host has switched the transcript off', async () => {
    const { server, receiver } = await told({}, { events: ['caption.final'] });
    await join(server, person('ben', { name: 'Ben' }));
    const booth = await Guest.enter(server, interpreter('booth'));
    const captions = booth.room.publishCaptions('es');
    await captions.opened;
    await call(server, 'PATCH', '/v1/rooms/demo', { token: admin, body: { transcript: false } });
    const reader = await readCaptions(server, 'demo', 'es', tokenOf(person('ana')));
    captions.send(JSON.stringify(caption('off', { start: 10 })));
    await until(() => reader.messages.length === 1);
    reader.close();
    await call(server, 'PATCH', '/v1/rooms/demo', { token: admin, body: { transcript: true } });
    captions.send(JSON.stringify(caption('on', { start: 3_600_000 })));
    await receiver.receives('caption.final');
    expect(receiver.messages.map(({ payload }) => payload.type === 'caption.final' && payload.data.utterance)).toEqual([
      'on',
    ]);
  });

  it('is not sent the captions that waited for it when a host deletes the transcript', async () => {
    const { server, receiver, folder } = await told({}, { events: ['caption.final', 'transcript.ready'] });
    await join(server, person('ben', { name: 'Ben' }));
    const booth = await Guest.enter(server, interpreter('booth'));
    const captions = booth.room.publishCaptions('es');
    await captions.opened;
    receiver.answer = (response) => void response.writeHead(503).end();
    for (const utterance of ['u1', 'u2', 'u3'])
      captions.send(JSON.stringify(caption(utterance, { stable: `secret ${utterance}`, start: 10 })));
    await expect.poll(async () => (await views(server))[0]).toMatchObject({ queued: 3, state: 'failing' });
    expect((await call(server, 'DELETE', '/v1/rooms/demo/transcript', { token: admin })).status).toBe(204);
    // The first may be on its way at this moment.
    expect((await views(server))[0]).toMatchObject({ queued: 1, abandoned: 2 });
    const stored = () =>
      readdirSync(path(folder, 'webhooks'))
        .map((name) => readFileSync(path(folder, 'webhooks', name), 'utf8'))
        .join();
    await expect.poll(stored).not.toMatch(/secret u[23]/);
    receiver.answer = (response) => void response.writeHead(204).end();
    await expect.poll(async () => (await views(server))[0]?.queued, { timeout: 30_000 }).toBe(0);
    expect(receiver.messages.map(({ payload }) => payload.sequence)).not.toContain(2);
  });

  it('is told once when 80 % of a budget are used, and once when all of it is', async () => {
    const { server, receiver } = await told({
      model: qwen3,
      pricing: prices,
      onDemand: false,
      budget: { dailyMoney: 0, dailyTokens: 1000, onExceeded: 'captions' },
    });
    const booth = await join(server, interpreter('booth'));
    const used = (number: number, total: number) =>
      booth.request('usage.report', {
        reporter: '7b8b6b52-9f1b-4f0e-8f8d-0d4b3d7d2a11',
        number,
        entries: [
          {
            speaker: { id: 'ann', name: 'Ann' },
            language: 'es',
            sentMs: { speech: 8000, replayed: 0, silence: 0 },
            pictures: 0,
            tokens: { inputAudio: total, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total },
          },
        ],
      });
    await used(1, 790);
    await used(2, 20);
    await used(3, 10);
    const near = await receiver.receives('budget.near');
    expect(near.data).toMatchObject({ scope: 'account', spent: { tokens: 810 }, budget: { tokens: 1000 } });
    await used(4, 300);
    await used(5, 10);
    await receiver.receives('budget.reached');
    const budgets = receiver.types.filter((type) => type.startsWith('budget.'));
    expect(budgets).toEqual(['budget.near', 'budget.reached']);
  });

  it('that knows one of two secrets verifies messages which both have signed', async () => {
    const both = [otherWebhookSecret, webhookSecret];
    const { server, receiver } = await told({}, { secrets: both });
    await join(server, person('ana'));
    await receiver.receives('room.started');
    expect(receiver.forged).toEqual([]);
  });

  it('misses nothing and is told the order when it was down', async () => {
    const { server, receiver } = await told();
    await join(server, person('first', { room: 'before' }));
    await receiver.receives('participant.joined');
    await receiver.stop();
    for (let n = 0; n < 20; n++) await join(server, person(`p${n}`, { room: 'while-down' }));
    await until(() => receiver.requests > 0);
    await expect.poll(async () => (await views(server))[0]?.state, { timeout: 30_000 }).toBe('failing');
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(/booth_webhooks_queue_length\{.*\} 21\n/);
    await receiver.listen();
    await receiver.receives('participant.joined', ({ data }) => 'participant' in data && data.participant.id === 'p19');
    const sequences = receiver.messages.map(({ payload }) => payload.sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    await expect.poll(async () => (await views(server))[0]).toMatchObject({ state: 'ok', queued: 0, abandoned: 0 });
  });

  it('that answers 410 is sent nothing more, also after a restart, until an admin enables it', async () => {
    const { server, receiver, folder } = await told();
    receiver.answer = (response) => void response.writeHead(410).end();
    await join(server, person('ana'));
    await expect.poll(async () => (await views(server))[0]?.state).toBe('disabled');
    expect(receiver.requests).toBe(1);
    await server.close();
    receiver.answer = (response) => void response.writeHead(204).end();
    const again = await startTestServer({
      webhooks: {
        endpoints: [{ url: receiver.url, secret: webhookSecret }],
        allowPrivateAddresses: true,
        folder: path(folder, 'webhooks'),
      },
    });
    onTestFinished(() => again.close());
    await join(again, person('ana'));
    const [{ id, state } = { id: '', state: '' }] = await views(again);
    expect(state).toBe('disabled');
    const enable = (token?: string) =>
      call(again, 'PATCH', `/v1/webhooks/${id}`, { ...(token && { token }), body: { enabled: true } });
    expect((await enable()).status).toBe(401);
    expect((await enable(tokenOf(person('host', { grants: ['host'] })))).status).toBe(403);
    expect((await enable(admin)).status).toBe(200);
    await join(again, person('ben'));
    await receiver.receives('participant.joined', ({ data }) => 'participant' in data && data.participant.id === 'ben');
    expect(receiver.requests).toBe(2);
  });
});

const webhookEvents: WebhookEventType[] = [
  'room.started',
  'room.ended',
  'participant.joined',
  'participant.left',
  'interpreter.state',
  'caption.final',
  'transcript.ready',
];

describe('the receiver in the documentation', () => {
  it('verifies and prints what it is told', async () => {
    const guide = readFileSync(path(repository, 'docs/webhooks.md'), 'utf8');
    const [, program = ''] = /```js\n(.*?)```/s.exec(guide) ?? [];
    const folder = temporaryFolder();
    writeFileSync(path(folder, 'receiver.mjs'), program);
    symlinkSync(path(repository, 'node_modules'), path(folder, 'node_modules'));
    const port = String(await freePort());
    const child = spawn(process.execPath, [path(folder, 'receiver.mjs')], {
      env: { PORT: port, WEBHOOK_SECRET: webhookSecret },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const { emit, webhooks } = await sending(`http://127.0.0.1:${port}/`);
    emit('one');
    emit('two');
    await until(() => webhooks.views[0]?.queued === 0);
    await until(() => printed.split('\n').length === 3);
    expect(printed).toBe(
      '1 room.started {"room":"one","instance":"i"}\n2 room.started {"room":"two","instance":"i"}\n',
    );
    const forged = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' });
    expect(forged.status).toBe(401);
  });
});

/** A certificate of 127.0.0.1 that nobody else has signed. */
function selfSigned(): Certificate {
  const folder = temporaryFolder();
  const [key, cert] = [path(folder, 'key.pem'), path(folder, 'cert.pem')];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...name], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Webhooks by themselves, with what a test sends. */
async function sending(url: string, options: Partial<WebhooksOptions> = {}) {
  const folder = options.folder ?? temporaryFolder();
  const events = new ServerEvents(Date.now);
  const webhooks = await Webhooks.open(
    { endpoints: [{ url, secret: webhookSecret }], allowPrivateAddresses: true, ...options, folder },
    {
      events,
      counts: { webhookAttempted: () => {}, webhookAbandoned: () => {} },
      clock: systemClock,
      wallNow: Date.now,
      log: silentLog,
    },
  );
  onTestFinished(() => webhooks.close());
  const problem = async (words: RegExp) =>
    expect.poll(() => webhooks.views[0]?.problem, { timeout: 30_000 }).toMatch(words);
  return {
    events,
    webhooks,
    folder,
    problem,
    emit: (room = 'hall') => events.emit('room.started', { room, instance: 'i' }),
  };
}

describe('a webhook message', () => {
  it('is sent nowhere by a name of this computer, and not over plain HTTP beyond it', async () => {
    const receiver = await WebhookReceiver.start();
    let connections = 0;
    const listener = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void listener.close());
    const { port } = listener.address() as { port: number };
    // A name that passes at the start, and is one of this computer when a connection is made.
    const { emit, problem } = await sending(`https://app.example:${port}/`, {
      allowPrivateAddresses: false,
      resolve: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    emit();
    await problem(/127\.0\.0\.1 is not a public address/);
    expect([connections, receiver.requests]).toEqual([0, 0]);
    await expect(sending(receiver.url, { allowPrivateAddresses: false })).rejects.toThrow(
      /not public.*BOOTH_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES/,
    );
    await expect(sending('https://localhost/', { allowPrivateAddresses: false })).rejects.toThrow(/not public/);
    const public_ = await sending('http://192.5.6.30/');
    public_.emit();
    await public_.problem(/plain HTTP/);
  });

  it('follows no redirect', async () => {
    const receiver = await WebhookReceiver.start();
    const elsewhere = await WebhookReceiver.start();
    receiver.answer = (response) => void response.writeHead(307, { Location: elsewhere.url }).end();
    const { emit, problem } = await sending(receiver.url);
    emit();
    await problem(/answered 307/);
    expect(elsewhere.requests).toBe(0);
  });

  it('is taken although the answer has no end, of which little is read', async () => {
    const receiver = await WebhookReceiver.start();
    let sent = 0;
    let ended = 0;
    receiver.answer = (response) => {
      response.writeHead(200);
      const piece = Buffer.alloc(16_384);
      const more = () => {
        while (!response.closed && sent < 100_000_000) {
          sent += piece.length;
          if (!response.write(piece)) return;
        }
      };
      response.on('drain', more).on('close', () => ended++);
      more();
    };
    const { emit, webhooks } = await sending(receiver.url);
    emit('one');
    emit('two');
    await until(() => receiver.messages.length === 2 && webhooks.views[0]?.queued === 0);
    await until(() => ended === 2);
    expect(sent).toBeLessThan(100_000_000);
  });

  it('is sent over HTTPS to a receiver whose certificate is vouched for, and to no other', async () => {
    const certificate = selfSigned();
    const receiver = await WebhookReceiver.start(certificate);
    const { emit, problem, webhooks } = await sending(receiver.url);
    emit();
    await problem(/self-signed certificate/);
    expect(receiver.requests).toBe(0);
    const before = getCACertificates();
    setDefaultCACertificates([...before, certificate.cert]);
    onTestFinished(() => setDefaultCACertificates(before));
    await until(() => webhooks.views[0]?.delivered === 1);
    expect([receiver.messages.length, receiver.forged]).toEqual([1, []]);
  });

  it('that waits for an endpoint which is no longer there is deleted', async () => {
    const first = await sending('http://127.0.0.1:9/one');
    first.emit('secret-room');
    await first.problem(/ECONNREFUSED/);
    await first.webhooks.close();
    const stored = () =>
      readdirSync(first.folder)
        .map((name) => readFileSync(path(first.folder, name), 'utf8'))
        .join();
    expect(stored()).toContain('secret-room');
    await sending('http://127.0.0.1:9/two', { folder: first.folder });
    expect(stored()).not.toContain('secret-room');
  });

  it('leaves nothing on the disk once it is delivered and the server has stopped', async () => {
    const receiver = await WebhookReceiver.start();
    const { emit, webhooks, folder } = await sending(receiver.url);
    for (let n = 0; n < 50; n++) emit(`secret-room-${n}`);
    await until(() => receiver.messages.length === 50 && webhooks.views[0]?.queued === 0);
    await webhooks.close();
    const [name = ''] = readdirSync(folder);
    expect(readFileSync(path(folder, name), 'utf8')).not.toContain('secret-room');
    const again = await sending(receiver.url, { folder });
    again.emit('next');
    await receiver.receives('room.started', ({ data }) => 'room' in data && data.room === 'next');
    expect(receiver.messages.at(-1)?.payload.sequence).toBe(51);
  });
});

describe('a server that is killed while its receiver is down', () => {
  const serve = (dataDir: string, url: string) =>
    startServerWithoutEngine(dataDir, {
      BOOTH_WEBHOOKS_ENDPOINTS: JSON.stringify([
        { url, secret: webhookSecret, events: ['room.started', 'room.ended'] },
      ]),
      BOOTH_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: 'true',
    });
  const open = (url: string, name: string) =>
    fetch(`${url}/v1/rooms`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${admin}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name }),
    });

  /** What the server has stored of its rooms. */
  const stored = (dataDir: string): string[] => {
    const [journal = ''] = readdirSync(path(dataDir, 'webhooks'));
    return [path('webhooks', journal), 'open-rooms.json'].map((name) => readFileSync(path(dataDir, name), 'utf8'));
  };

  it('tells everything afterwards, in order, each with the id and the number that it had', async () => {
    const receiver = await WebhookReceiver.start();
    const dataDir = temporaryFolder();
    const first = await serve(dataDir, receiver.url);
    await open(first.url, 'before');
    await receiver.receives('room.started');
    receiver.answer = (response) => void response.writeHead(503).end();
    for (let n = 0; n < 10; n++) await open(first.url, `room-${n}`);
    await until(() => receiver.messages.length > 1);
    const refused = receiver.messages.at(-1);
    // What is not on the disk yet when the server is killed has not happened for those outside.
    await until(() => stored(dataDir).every((text) => text.includes('room-9')));
    first.running.process.kill('SIGKILL');
    await first.running.ended;
    receiver.answer = (response) => void response.writeHead(204).end();
    const second = await serve(dataDir, receiver.url);
    await open(second.url, 'after');
    await receiver.receives('room.started', ({ data }) => 'room' in data && data.room === 'after');
    const bySequence = new Map(receiver.messages.map(({ payload }) => [payload.sequence, payload]));
    const happened = [...bySequence.values()].map(({ type, data }) => `${type} ${'room' in data && data.room}`);
    const before = ['before', ...Array.from({ length: 10 }, (_, n) => `room-${n}`)];
    expect(happened).toEqual([
      ...before.map((room) => `room.started ${room}`),
      // Those that the killed server had.
      ...before.map((room) => `room.ended ${room}`),
      'room.started after',
    ]);
    expect([...bySequence.keys()]).toEqual(happened.map((_, index) => index + 1));
    const instances = (type: WebhookEventType) =>
      [...bySequence.values()].flatMap(({ data, ...each }) =>
        each.type === type && 'instance' in data ? data.instance : [],
      );
    expect(instances('room.started').slice(0, -1)).toEqual(instances('room.ended'));
    const repeated = receiver.messages.filter(({ payload }) => payload.sequence === refused?.payload.sequence);
    expect(new Set(repeated.map(({ id }) => id)).size).toBe(1);
    expect(receiver.forged).toEqual([]);
    second.running.interrupt();
    expect((await second.running.ended).stderr).not.toContain(webhookSecret);
  });
});
