/**
 * Rooms of a mediasoup server that knows nothing of Booth, interpreted over its own signalling: a real media worker, werift, recorded human
 * speech, and the simulator of the service.
 */
import type { RoomMessage } from '@mediasoup-booth/protocol';
import type { Router } from 'mediasoup/types';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BoothError } from '../../bot/booth-error.ts';
import type { RoomProblem } from '../../bot/in-process/room-state.ts';
import { type RunInterpreterOptions, runInterpreter } from '../../bot/process/run-interpreter.ts';
import type { RemoteRoom } from '../../bot/room/remote-room.ts';
import { unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import { ForeignServer, type ForeignServerOptions } from '../support/foreign-server.ts';
import { createRouter, Lines, openMicrophone, startSimulator, startWorker } from '../support/interpreted-router.ts';
import { until } from '../support/until.ts';

const SENTENCE = 'conf-waitforleader';

const finalsIn = (texts: readonly string[], kind: 'original' | 'translation') =>
  texts
    .map((text) => JSON.parse(text) as RoomMessage)
    .filter((message) => message.type === 'caption' && message.kind === kind && message.final);

/** Ann speaks English, and Bea hears and reads Spanish, in a room of a server that knows nothing of it. */
async function meeting(options: Partial<ForeignServerOptions> = {}) {
  const router = await createRouter(await startWorker());
  const server = await ForeignServer.open({ router, ...options });
  server.set({ id: 'ann', name: 'Ann', speaks: 'en-GB' });
  server.set({ id: 'bea', hears: 'es', reads: ['es'] });
  const microphone = await openMicrophone(router);
  await server.produces('ann', microphone.producer);
  const texts = () => server.published.flatMap((published) => published.texts);
  const packets = () => server.published.reduce((sum, published) => sum + published.packets, 0);
  const interpreted = async () => {
    const [finals, voice] = [finalsIn(texts(), 'translation').length, packets()];
    await until(() => finalsIn(texts(), 'translation').length > finals && packets() > voice + 20);
  };
  return { router, server, microphone, texts, packets, interpreted };
}

/** Interprets until the test is over. */
async function interpret(server: ForeignServer, options: Partial<RunInterpreterOptions> = {}) {
  const stopping = new AbortController();
  const states: string[] = [];
  const log = new Lines();
  const running = runInterpreter({
    engine: await startSimulator(),
    join: server.join,
    signal: stopping.signal,
    log,
    onState: (state, reason) => states.push([state, ...(reason ? [reason] : [])].join(': ')),
    ...options,
  });
  const stop = async () => {
    stopping.abort();
    await running;
  };
  onTestFinished(stop);
  return { states, log, stop };
}

describe.each([
  ['pulls its consumers', { pushes: false }],
  ['is pushed its consumers', { pushes: true }],
  ['says what it can receive before it has transports', { pushes: true, asksFirst: true }],
])('an interpreter in a room of a foreign server that %s', (_, how) => {
  it('says and writes in Spanish what somebody says in English', async () => {
    const { server, microphone, texts, interpreted } = await meeting(how);
    const { states, log } = await interpret(server);
    await until(() => server.published.length >= 2);
    expect(server.published.map(({ role, language }) => `${role} ${language}`).sort()).toEqual([
      'captions es',
      'channel es',
    ]);
    const heard = interpreted();
    await microphone.says(SENTENCE);
    await heard;
    expect(finalsIn(texts(), 'translation')[0]).toMatchObject({ language: 'es', speaker: { id: 'ann', name: 'Ann' } });
    expect(states).toEqual(['running']);
    expect(log.all.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('joins again when the connection is lost, and goes on', async () => {
    const { server, microphone, interpreted } = await meeting(how);
    const { states } = await interpret(server);
    await until(() => server.published.length >= 2);
    server.cut();
    await until(() => server.joins === 2 && server.published.length >= 4);
    const heard = interpreted();
    await microphone.says(SENTENCE);
    await heard;
    expect(states).toEqual(['running', 'lost: the socket was closed', 'running']);
  });

  it('hears who comes later, and no more of who leaves', async () => {
    const { router, server, microphone, interpreted } = await meeting(how);
    await interpret(server);
    await until(() => server.published.length >= 2);
    microphone.producer.close();
    server.people.delete('ann');
    server.set({ id: 'cy', name: 'Cy', speaks: 'en' });
    const other = await openMicrophone(router);
    await server.produces('cy', other.producer);
    const heard = interpreted();
    await until(() =>
      [...server.consumers.values()].some(({ producerId, paused }) => producerId === other.producer.id && !paused),
    );
    await other.says(SENTENCE);
    await heard;
    expect(server.consumers.size).toBe(1);
  });
});

describe('an interpreter in a room of a foreign server', () => {
  it('has consumers paused that were pushed and that nobody needs', async () => {
    const { router, server } = await meeting({ pushes: true });
    server.set({ id: 'mute', speaks: null });
    const unneeded = await openMicrophone(router);
    await server.produces('mute', unneeded.producer);
    await interpret(server);
    const consumerOf = (producerId: string) =>
      [...server.consumers.values()].find((one) => one.producerId === producerId);
    await until(() => consumerOf(unneeded.producer.id)?.paused === true);
    await until(() => [...server.consumers.values()].filter(({ paused }) => !paused).length === 1);
  });

  it('restarts ICE by the signalling of the host when its packets are lost', async () => {
    const { server, microphone, interpreted } = await meeting();
    const { states } = await interpret(server);
    await until(() => server.published.length >= 2);
    const first = interpreted();
    await microphone.says(SENTENCE);
    await first;
    server.isMediaLost = true;
    await until(() => server.iceRestarts >= 2);
    server.isMediaLost = false;
    const heard = interpreted();
    for (let said = 0; said < 3; said++) await microphone.says(SENTENCE);
    await heard;
    expect(states).toEqual(['running', expect.stringMatching(/^lost: The network .* is cut off/), 'running']);
    expect(server.joins).toBe(1);
  });

  it('is interpreted over IPv6', async () => {
    const { server, microphone, interpreted } = await meeting({ listen: [{ protocol: 'udp', ip: '::1' }] });
    await interpret(server);
    await until(() => server.published.length >= 2);
    const heard = interpreted();
    await microphone.says(SENTENCE);
    await heard;
  });

  it('hands captions over as messages where there are no data channels', async () => {
    const { server, microphone, packets } = await meeting({ enableSctp: false });
    const messages: string[] = [];
    const { log } = await interpret(server, {
      join: async (link) => {
        const room = await server.join(link);
        const message = (one: RoomMessage) => {
          messages.push(JSON.stringify(one));
          throw new Error('a bug of the host');
        };
        return { ...room, message };
      },
    });
    await until(() => server.published.length >= 1);
    await microphone.says(SENTENCE);
    await until(() => finalsIn(messages, 'translation').length > 0 && packets() > 20);
    expect(log.of('member of the room failed')).toContainEqual(expect.objectContaining({ member: 'message' }));
  });

  it('leaves when it is stopped, and is not joined again', async () => {
    const { server } = await meeting();
    const signals: AbortSignal[] = [];
    const { stop } = await interpret(server, {
      join: (link) => {
        signals.push(link.signal);
        return server.join(link);
      },
    });
    await until(() => server.published.length >= 2);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(server.joins).toBe(1);
    expect(server.consumers.size).toBe(0);
  });

  it('tries again where joining fails, and gives up where the host says so', async () => {
    const { server } = await meeting();
    server.refusal = new Error('the room is full');
    const lost: string[] = [];
    const running = runInterpreter({
      engine: await startSimulator(),
      join: server.join,
      log: new Lines(),
      onState: (_, reason) => {
        lost.push(reason ?? '');
        server.refusal = Object.assign(new Error('you are banned'), { retryable: false });
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'joinRefused', message: 'you are banned', retryable: false });
    expect(lost).toEqual(['the room is full']);
    expect(server.joins).toBe(2);
  });
});

describe('what a developer is told', () => {
  const warnings = (log: Lines) => log.all.filter(({ level }) => level === 'warn').map(({ message }) => message);

  it('is that nobody says what they speak', async () => {
    const { server } = await meeting();
    server.set({ ...server.people.get('ann'), id: 'ann', speaks: null });
    const { log } = await interpret(server);
    await until(() => warnings(log).some((message) => /nobody has said which language they speak/.test(message)));
  });

  it('is that captions have no way out', async () => {
    const { server } = await meeting({ enableSctp: false });
    const { log } = await interpret(server);
    await until(() => warnings(log).some((message) => /enableSctp.*or implement message\(\)/.test(message)));
  });

  /** A meeting in which nobody wants a translation, so that no session is opened. */
  const quietMeeting = async () => {
    const { server } = await meeting();
    server.people.delete('bea');
    return server;
  };

  it.each([
    ['refuses the key', { account: { keys: ['sk-other'] } }, {}, 1, /refused the API key.*engine\.key/],
    ['is not there', {}, { url: 'ws://127.0.0.1:9' }, 0, /cannot be reached.*engine\.url/],
  ])('is that the engine %s, before anybody speaks', async (_, script, change, refused, message) => {
    const engine = { ...(await startSimulator(script)), ...change };
    const { log } = await interpret(await quietMeeting(), { engine });
    await until(() => warnings(log).some((warning) => message.test(warning)));
    const later = await quietMeeting();
    const told: RoomProblem[] = [];
    await interpret(later, {
      engine,
      join: async (link) => ({ ...(await later.join(link)), problems: (list) => void told.push(...list) }),
    });
    await until(() => told.length > 0);
    expect(told).toEqual([{ code: 'engine', message: expect.stringMatching(message) }]);
    expect(engine.simulator.stats().refused.length).toBe(refused);
  });

  it('is nothing of an engine whose account the host keeps', async () => {
    const engine = await startSimulator({ account: { keys: ['sk-other'] } });
    const own = await quietMeeting();
    const { states, log } = await interpret(own, {
      engine,
      join: async (link) => ({ ...(await own.join(link)), connectionLimiter: unlimitedConnections }),
    });
    await until(() => states.includes('running'));
    // An engine that is tried after it: an attempt for the first would have been refused by then.
    const other = await interpret(await quietMeeting(), { engine: { ...engine } });
    await until(() => warnings(other.log).length > 0);
    expect(engine.simulator.stats().refused.length).toBe(1);
    expect(warnings(log)).toEqual([]);
  });

  it.each<[string, (router: Router, room: RemoteRoom) => unknown, Partial<BoothError>]>([
    ['that a method is missing', (_, { produce: _none, ...room }) => room, { code: 'invalid' }],
    ['that a room is missing', () => undefined, { code: 'invalid' }],
    [
      'that the router has no Opus',
      (_, room) => ({ ...room, routerRtpCapabilities: { codecs: [], headerExtensions: [] } }),
      { code: 'noOpus' },
    ],
  ])('is %s', async (_, change, error) => {
    const { router, server } = await meeting();
    const running = runInterpreter({
      engine: await startSimulator(),
      join: async (link) => change(router, await server.join(link)) as RemoteRoom,
      log: new Lines(),
    });
    await expect(running).rejects.toMatchObject({ ...error, retryable: false });
    await expect(running).rejects.toBeInstanceOf(BoothError);
  });

  it('is that there is no function to join with, and no engine', async () => {
    const engine = { url: 'ws://127.0.0.1:9', model: 'any' };
    await expect(runInterpreter({ engine } as never)).rejects.toMatchObject({ code: 'invalid' });
    await expect(runInterpreter({ join: async () => {} } as never)).rejects.toMatchObject({ code: 'invalid' });
    await expect(runInterpreter({ engine, join: async () => {}, onstate() {} } as never)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('runInterpreter() has no option "onstate"'),
    });
  });
});
