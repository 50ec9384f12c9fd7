/** Whatever a host's own code throws, or rejects with, is logged and harms nobody: in process, and over the network. */
import type { Producer } from 'mediasoup/types';
import { expect, it, onTestFinished } from 'vitest';
import type { HostedRoom } from '../../bot/in-process/hosted-room.ts';
import type { RoomEventMap } from '../../bot/in-process/room-options.ts';
import { runInterpreter } from '../../bot/process/run-interpreter.ts';
import type { RemoteRoom } from '../../bot/room/remote-room.ts';
import type { ConnectionLimiter } from '../../bot/session/connection-limiter.ts';
import { ForeignServer } from '../support/foreign-server.ts';
import {
  createRouter,
  Lines,
  openMicrophone,
  startBooth,
  startSimulator,
  startWorker,
} from '../support/interpreted-router.ts';
import { until } from '../support/until.ts';

const SENTENCE = 'conf-waitforleader';
const events = Object.keys({
  ...{ message: true, usage: true, state: true, suggestion: true, tooQuiet: true, closed: true },
} satisfies Record<keyof RoomEventMap, true>) as (keyof RoomEventMap)[];

const bug = (): never => {
  throw new Error('a bug of the host');
};
const asyncBug = async (): Promise<never> => bug();

it('in process: each event reaches the listeners after one that throws and one that rejects', async () => {
  const router = await createRouter(await startWorker());
  const log = new Lines();
  const booth = startBooth({ engine: await startSimulator(), log });
  const offered: Producer[] = [];
  const sent: string[] = [];
  const room = await booth.interpret(router, {
    offer: (_, it) => void offered.push(it as Producer),
    withdraw: bug,
    send(_, { type }) {
      sent.push(type);
      return sent.length % 2 ? bug() : asyncBug();
    },
  });
  const heard = new Set<string>();
  const changed: unknown[] = [];
  for (const event of events)
    room
      .on(event, bug)
      .on(event, asyncBug)
      .on(event, () => heard.add(event));
  // One that changes what it is given changes it for nobody else.
  room.on('message', (message) => Object.assign(message, { seq: -1 }));
  room.on('message', (message) => Object.assign(message.speaker, { name: 'Eve' }));
  room.on('message', ({ seq, speaker }) => changed.push(seq === -1 || speaker.name === 'Eve'));
  const microphone = await openMicrophone(router);
  room.person('ann', { speaks: 'en' });
  room.person('bea', { hears: 'es', reads: ['es'] });
  room.microphone('ann', microphone.producer);
  await until(() => offered.length > 0);
  await microphone.says(SENTENCE);
  await until(() => sent.includes('caption') && sent.includes('playout') && heard.has('usage'));
  // What the thread says of somebody who speaks another language, or too quietly.
  const hosted = room as HostedRoom;
  hosted.receive({ type: 'suggestion', room: 1, person: 'ann', speaks: 'fr' });
  hosted.receive({ type: 'tooQuiet', room: 1, person: 'ann', isTooQuiet: true });
  room.person('bea', { hears: 'original' });
  await until(() => log.of('offer or withdraw of the host failed').length > 0);
  expect(log.of('offer or withdraw of the host failed')).toMatchObject([{ call: 'withdraw', person: 'bea' }]);
  expect(booth.stats()).toEqual({ rooms: 1, running: true, starts: 1 });
  expect(room.state.state).toBe('on');
  await room.close();
  await until(() => heard.has('closed'));
  expect(changed.length).toBeGreaterThan(0);
  expect(changed).not.toContain(true);
  expect([...heard].sort()).toEqual([...events].sort());
  for (const event of events) {
    const failures = log.of('listener of the room failed').filter((line) => 'event' in line && line.event === event);
    expect(failures.length, event).toBeGreaterThanOrEqual(2);
  }
});

/** The members of a room that throw, or reject, whenever they are used. */
const broken = {
  message: asyncBug,
  problems: asyncBug,
  suggest: bug,
  setTooQuiet: bug,
  reportUsage: bug,
  reportStats: bug,
  setPreferredLayers: bug,
  closeConsumer: bug,
  closeProducer: bug,
  closeDataProducer: bug,
  sentBytes: bug,
  now: bug,
  get budget() {
    return bug();
  },
} satisfies Partial<RemoteRoom>;

it('over the network: the interpreter works, leaves, and tells what was wrong once', async () => {
  const router = await createRouter(await startWorker());
  const server = await ForeignServer.open({ router });
  server.set({ id: 'ann', name: 'Ann', speaks: 'en' });
  server.set({ id: 'bea', hears: 'es', reads: ['es'] });
  const microphone = await openMicrophone(router);
  await server.produces('ann', microphone.producer);
  let reservations = 0;
  const connectionLimiter: ConnectionLimiter = {
    reserve: () => (++reservations === 1 ? bug() : Promise.resolve(0)),
    tokensUsed: bug,
    throttled: bug,
  };
  const stopping = new AbortController();
  const states: string[] = [];
  const signals: AbortSignal[] = [];
  const log = new Lines();
  const running = runInterpreter({
    engine: await startSimulator(),
    signal: stopping.signal,
    log,
    onState(state) {
      states.push(state);
      return states.length % 2 ? bug() : asyncBug();
    },
    async join(link) {
      signals.push(link.signal);
      const room = await server.join(link);
      const close = () => {
        room.close();
        bug();
      };
      return Object.defineProperties({ ...room, connectionLimiter, close }, Object.getOwnPropertyDescriptors(broken));
    },
  });
  onTestFinished(async () => {
    stopping.abort();
    await running;
  });
  const texts = () => server.published.flatMap((published) => published.texts).join('\n');
  await until(() => server.published.length >= 2);
  server.cut();
  await until(() => states.length === 3 && server.published.length >= 4);
  for (let said = 0; said < 2; said++) await microphone.says(SENTENCE);
  await until(() => /"kind":"translation".*"final":true/.test(texts()));
  await until(() => server.published.some(({ packets }) => packets > 20));
  stopping.abort();
  await running;
  expect(states).toEqual(['running', 'lost', 'running']);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  expect(log.of('onState() of the host failed')).toHaveLength(3);
  const members = log.of('member of the room failed').map((line) => 'member' in line && line.member);
  for (const member of ['message', 'now', 'budget', 'close']) expect(members).toContain(member);
  // Of what is read again and again, once for each connection.
  expect(members.filter((member) => member === 'now').length).toBeLessThanOrEqual(signals.length);
});
