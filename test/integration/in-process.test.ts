/**
 * An application with mediasoup that has its rooms interpreted in its own process: a real media worker, the real thread, recorded human
 * speech, and the simulator of the service.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Worker as Thread } from 'node:worker_threads';
import type { RoomMessage } from '@mediasoup-booth/protocol';
import type { Consumer, PlainTransport, Producer, Router } from 'mediasoup/types';
import { describe, expect, it, onTestFinished } from 'vitest';
import { levelDb } from '../../audio/level.ts';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import type { InterpretedRoom } from '../../bot/in-process/room-options.ts';
import { parseRtpPacket, writeRtpPacket } from '../../rtp/rtp-packet.ts';
import {
  createRouter,
  Lines,
  NotingHost,
  openMicrophone,
  startBooth,
  startSimulator,
  startWorker,
} from '../support/interpreted-router.ts';
import { udpPorts } from '../support/udp-ports.ts';
import { until } from '../support/until.ts';

const SENTENCE = 'conf-waitforleader';

const isFinal = (kind: 'original' | 'translation') => (message: RoomMessage) =>
  message.type === 'caption' && message.kind === kind && message.final;

/** What a room sends from now on. */
function messagesOf(room: InterpretedRoom): RoomMessage[] {
  const messages: RoomMessage[] = [];
  room.on('message', (message) => messages.push(message));
  return messages;
}

/** Starts to listen; the result is the loudest that was heard so far, in dB. */
async function listen(router: Router, producer: Producer): Promise<() => number> {
  const transport = await router.createDirectTransport();
  const { rtpCapabilities } = router;
  const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
  const decoder = await createOpusDecoder();
  let loudest = Number.NEGATIVE_INFINITY;
  consumer.on('rtp', (bytes) => {
    const packet = parseRtpPacket(bytes, undefined);
    if (packet && packet.payload.length > 0) loudest = Math.max(loudest, levelDb(decoder.decode(packet.payload)));
  });
  return () => loudest;
}

/** Ann speaks English, and Bea hears and reads Spanish. */
async function meeting(room: InterpretedRoom, router: Router) {
  room.person('ann', { name: 'Ann', speaks: 'en' });
  room.person('bea', { name: 'Bea', hears: 'es', reads: ['es'] });
  const microphone = await openMicrophone(router);
  room.microphone('ann', microphone.producer);
  return microphone;
}

const SPANISH = ['captions es', 'channel es'];

/** The transports between the media worker and the interpreter's thread, from now on, and what is received on them. */
function mediaOf(router: Router) {
  const transports: PlainTransport[] = [];
  const consumers: Consumer[] = [];
  router.observer.on('newtransport', (transport) => {
    if (!('tuple' in transport)) return;
    transports.push(transport as PlainTransport);
    transport.observer.on('newconsumer', (consumer) => consumers.push(consumer));
  });
  return { transports, consumers };
}

/** Sends packets to a port of this computer, from a socket of its own. */
async function sendTo(port: number, packets: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const packet of packets) await new Promise((sent) => socket.send(packet, port, '127.0.0.1', sent));
  socket.close();
}

describe('a room that is interpreted in process', () => {
  it('has captions and a voice in the language that somebody hears and reads', async () => {
    // An application may have variables of its own that begin so.
    process.env.BOOTH_SEATS = '4';
    onTestFinished(() => {
      delete process.env.BOOTH_SEATS;
    });
    const router = await createRouter(await startWorker());
    const booth = startBooth({ engine: await startSimulator() });
    const host = new NotingHost();
    const room = await booth.interpret(router, host);
    const messages = messagesOf(room);
    room.person('ann', { name: 'Ann', speaks: 'en-GB' });
    room.person('bea', { hears: 'es', reads: ['es'] });
    const microphone = await openMicrophone(router);
    room.microphone('ann', microphone.producer);

    await until(() => host.has('bea').join() === SPANISH.join());
    expect(host.has('ann')).toEqual([]);
    const channel = host.it('bea', 'channel es') as Producer;
    expect(channel.appData).toEqual({ booth: { role: 'channel', language: 'es', interpreter: 'booth-interpreter' } });
    const loudest = await listen(router, channel);
    await microphone.says(SENTENCE);
    await until(() => messages.some(isFinal('translation')));
    await until(() => loudest() > -40);
    expect(messages.find(isFinal('translation'))).toMatchObject({
      language: 'es',
      speaker: { id: 'ann', name: 'Ann' },
    });
    expect(room.recent('es').some(isFinal('translation'))).toBe(true);
    expect(room.recent('fr')).toEqual([]);
    await until(() => room.usage().total.tokens > 0);
    expect(booth.usage()).toMatchObject({ total: { tokens: room.usage().total.tokens } });
    expect(room.state).toEqual({ state: 'on', problems: [] });
    await until(() => (room.stats().interpreter?.speakers[0]?.packets.received ?? 0) > 50);
    expect(booth.stats()).toMatchObject({ rooms: 1, running: true, starts: 1 });
  });

  it('offers what each chooses, and withdraws what they choose no more', async () => {
    const router = await createRouter(await startWorker());
    const host = new NotingHost();
    const room = await startBooth({ engine: await startSimulator() }).interpret(router, host);
    await meeting(room, router);
    await until(() => host.has('bea').join() === SPANISH.join());
    room.person('bea', { hears: 'fr', reads: [] });
    await until(() => host.has('bea').join() === 'captions fr,channel fr');
    expect(host.calls.filter((call) => call.startsWith('withdraw')).sort()).toEqual([
      'withdraw bea captions es',
      'withdraw bea channel es',
    ]);
    room.person('bea', { hears: 'original', reads: ['original'] });
    await until(() => host.has('bea').includes('captions es'));
    expect(host.has('bea').filter((name) => name.startsWith('channel'))).toEqual([]);
  });

  it('pauses what its host returned for a language that nobody wants any more, and resumes it', async () => {
    const router = await createRouter(await startWorker());
    const transport = await router.createDirectTransport();
    const offered: string[] = [];
    const consumers: Consumer[] = [];
    const room = await startBooth({ engine: await startSimulator() }).interpret(router, {
      async offer(_, { id: producerId, appData: { booth } }) {
        offered.push(booth.language);
        // Nothing is handed over, as while there is no transport.
        if (offered.length === 1) return;
        const consumer = await transport.consume({ producerId, rtpCapabilities: router.rtpCapabilities });
        consumers.push(consumer);
        return consumer;
      },
      send() {},
    });
    await meeting(room, router);
    const paused = () => consumers.map((consumer) => consumer.paused);
    await until(() => paused().join() === 'false');
    room.choose('bea', { hears: 'fr', name: 'Cem' });
    await until(() => paused().join() === 'true,false');
    room.choose('bea', { hears: 'es' });
    await until(() => paused().join() === 'false,true');
    expect(offered).toEqual(['es', 'es', 'fr']);
    await until(() => room.state.problems.length === 0);
    await room.close();
    // The worker tells consumers one by one that their producer is closed.
    await until(() => consumers.every(({ closed }) => closed));
  });

  it('asks nothing of its host for who has left, and offers all again to who comes back', async () => {
    const router = await createRouter(await startWorker());
    const host = new NotingHost();
    const room = await startBooth({ engine: await startSimulator() }).interpret(router, host);
    await meeting(room, router);
    room.person('cem', { hears: 'es' });
    await until(() => host.has('bea').length === 2 && host.has('cem').length === 2);
    room.leave('bea');
    room.person('cem', { hears: 'original' });
    await until(() => host.has('cem').length === 0);
    expect(host.calls.filter((call) => call.startsWith('withdraw bea'))).toEqual([]);
    host.offered.delete('bea');
    room.person('bea', { hears: 'es' });
    await until(() => host.has('bea').join() === SPANISH.join());
  });

  it('shares its thread with other rooms, and closes with its router alone', async () => {
    const worker = await startWorker();
    const [first, second] = [await createRouter(worker), await createRouter(worker)];
    const booth = startBooth({ engine: await startSimulator() });
    const [host, otherHost] = [new NotingHost(), new NotingHost()];
    const room = await booth.interpret(first, host);
    const other = await booth.interpret(second, otherHost);
    await meeting(room, first);
    const microphone = await meeting(other, second);
    await until(() => host.has('bea').length === 2 && otherHost.has('bea').length === 2);
    const closed = new Promise<void>((resolve) => room.on('closed', resolve));
    const [calls, said] = [host.calls.length, messagesOf(room)];
    first.close();
    await closed;
    expect(room.state).toEqual({ state: 'closed', problems: [] });
    room.person('dee', { hears: 'es' });
    room.leave('bea');

    const messages = messagesOf(other);
    await microphone.says(SENTENCE);
    await until(() => messages.some(isFinal('translation')));
    expect(host.calls.length).toBe(calls);
    expect(said).toMatchObject([{ type: 'status', speaker: { id: 'ann' }, state: 'unavailable', reason: 'ended' }]);
    expect(booth.stats()).toMatchObject({ rooms: 1, starts: 1 });
  });

  it('goes on when its thread has ended, with the same people and microphones', async () => {
    const threads: Thread[] = [];
    const onThread = (thread: Thread) => threads.push(thread);
    process.on('worker', onThread);
    onTestFinished(() => {
      process.off('worker', onThread);
    });
    const router = await createRouter(await startWorker());
    const log = new Lines();
    const booth = startBooth({ engine: await startSimulator(), log });
    const host = new NotingHost();
    const room = await booth.interpret(router, host);
    const microphone = await meeting(room, router);
    await until(() => host.has('bea').length === 2);
    await microphone.says(SENTENCE);
    await until(() => booth.usage().total.tokens > 0);
    const tokens = booth.usage().total.tokens;
    // What was used is kept for the next thread within a second.
    await until(() => room.recent('es').length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1500));

    const before = host.it('bea', 'channel es');
    const states: string[] = [];
    room.on('state', ({ state, problems }) => states.push([state, ...problems.map(({ code }) => code)].join(' ')));
    await threads[0]?.terminate();
    await until(() => states.includes('starting restarting') && states.at(-1) === 'on');
    await until(() => host.has('bea').join() === SPANISH.join());
    expect(before?.closed).toBe(true);
    expect(host.it('bea', 'channel es')).not.toBe(before);
    const messages = messagesOf(room);
    await microphone.says(SENTENCE);
    await until(() => messages.some(isFinal('translation')));
    await until(() => booth.usage().total.tokens > tokens);
    expect(log.of('interpreter ended, restarting')).toHaveLength(1);
    expect(booth.stats().starts).toBe(2);
  });

  it('hears nobody but its media worker, whose own ports may be few', async () => {
    // The only port that the worker may give out is taken.
    const taken = createSocket('udp4').bind(0, '127.0.0.1');
    onTestFinished(() => {
      taken.close();
    });
    await once(taken, 'listening');
    const { port: rtcPort } = taken.address();
    const router = await createRouter(await startWorker({ rtcMinPort: rtcPort, rtcMaxPort: rtcPort }));
    const { transports, consumers } = mediaOf(router);
    const room = await startBooth({ engine: await startSimulator() }).interpret(router, new NotingHost());
    const messages = messagesOf(room);
    const microphone = await meeting(room, router);
    await until(() => consumers.length === 1);
    const [transport, consumer] = [transports[0], consumers[0]];
    expect(transport?.appData).toEqual({ booth: { role: 'transport' } });
    const port = transport?.tuple.remotePort ?? 0;
    expect(udpPorts(process.pid)).toContain(port);

    const [{ ssrc = 0 } = {}] = consumer?.rtpParameters.encodings ?? [];
    const payloadType = consumer?.rtpParameters.codecs[0]?.payloadType ?? 0;
    const forged = Array.from({ length: 1000 }, (_, n) =>
      writeRtpPacket({
        ssrc,
        payloadType,
        sequenceNumber: n,
        timestamp: n * 960,
        marker: n === 0,
        payload: randomBytes(80),
      }),
    );
    await sendTo(port, forged);
    await microphone.says(SENTENCE);
    await until(() => messages.some(isFinal('translation')));
    await until(() => (room.stats().interpreter?.speakers[0]?.packets.received ?? 0) > 50);
    const { received, garbage } = room.stats().interpreter?.speakers[0]?.packets ?? {};
    expect(received).toBeLessThan(forged.length);
    expect(garbage).toBe(0);
    await room.close();
    await until(() => !udpPorts(process.pid).includes(port));
  });

  it('goes on when somebody closes its transport, over another one', async () => {
    const router = await createRouter(await startWorker());
    const { transports, consumers } = mediaOf(router);
    const host = new NotingHost();
    const room = await startBooth({ engine: await startSimulator() }).interpret(router, host);
    const messages = messagesOf(room);
    const microphone = await meeting(room, router);
    await until(() => consumers.length === 1 && host.has('bea').join() === SPANISH.join());
    const before = host.it('bea', 'channel es');
    const port = transports[0]?.tuple.remotePort ?? 0;
    transports[0]?.close();
    await until(() => consumers.length === 2 && host.has('bea').join() === SPANISH.join());
    expect(transports).toHaveLength(2);
    expect(before?.closed).toBe(true);
    expect(udpPorts(process.pid)).not.toContain(port);

    const loudest = await listen(router, host.it('bea', 'channel es') as Producer);
    await microphone.says(SENTENCE);
    await until(() => messages.some(isFinal('translation')));
    await until(() => loudest() > -40);
    expect(room.state).toEqual({ state: 'on', problems: [] });
  });

  it('survives listeners and offers that fail, and offers again when something changes', async () => {
    const router = await createRouter(await startWorker());
    const log = new Lines();
    const host = new NotingHost();
    const room = await startBooth({ engine: await startSimulator(), log }).interpret(router, host);
    room.on('state', () => {
      throw new Error('not mine');
    });
    room.on('state', () => Promise.reject(new Error('nor mine')));
    host.failing = (it) => {
      if (it.appData.booth.role === 'captions') throw new Error('SCTP not enabled by the transport');
    };
    await meeting(room, router);
    await until(() => room.state.problems.length > 0);
    expect(room.state.problems).toMatchObject([
      { code: 'notDelivered', person: 'bea', language: 'es', message: expect.stringContaining('enableSctp: true') },
    ]);
    await until(() => host.has('bea').join() === 'channel es');
    host.failing = undefined;
    room.person('cem', {});
    await until(() => host.has('bea').join() === SPANISH.join());
    await until(() => room.state.problems.length === 0);
    await until(() => log.of('listener of the room failed').length >= 2);
    expect(log.of('offer or withdraw of the host failed')).toContainEqual(expect.objectContaining({ call: 'offer' }));
  });

  it('closes with its Booth, which closes its engine', async () => {
    const router = await createRouter(await startWorker());
    let closedEngines = 0;
    const engine = { ...(await startSimulator()), close: async () => void closedEngines++ };
    const booth = startBooth({ engine });
    const host = new NotingHost();
    const room = await booth.interpret(router, host);
    await meeting(room, router);
    await until(() => host.has('bea').length === 2);
    await booth.close();
    expect(room.state.state).toBe('closed');
    expect(host.it('bea', 'channel es')).toBeUndefined();
    expect(closedEngines).toBe(1);
    expect(router.closed).toBe(false);
    await expect(booth.interpret(router)).rejects.toMatchObject({ code: 'closed' });
  });

  it('can be interpreted again after it was closed, and not twice at once', async () => {
    const router = await createRouter(await startWorker());
    const booth = startBooth({ engine: await startSimulator() });
    const room = await booth.interpret(router);
    await expect(booth.interpret(router)).rejects.toMatchObject({ code: 'alreadyInterpreted' });
    await room.close();
    await using again = await booth.interpret(router);
    expect(again.state.state).not.toBe('closed');
  });
});
