/** What an application may do wrong when it has its rooms interpreted in process: it is told, and its room goes on. */
import { randomBytes } from 'node:crypto';
import type { RoomMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import type { InterpretedRoom } from '../../bot/in-process/room-options.ts';
import type { RoomProblemCode } from '../../bot/in-process/room-state.ts';
import {
  createRouter,
  Lines,
  NotingHost,
  openMicrophone,
  startBooth,
  startSimulator,
  startWorker,
} from '../support/interpreted-router.ts';
import { until } from '../support/until.ts';

const opus = { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 } as const;
const pcmu = { kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000 } as const;
const vp8 = { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 } as const;

const codesIn = ({ state }: InterpretedRoom): RoomProblemCode[] => state.problems.map(({ code }) => code);
const problem = ({ state }: InterpretedRoom, code: RoomProblemCode) =>
  state.problems.find((problem) => problem.code === code);

/** A room whose Bea wants to read Spanish. */
async function roomWithReader() {
  const log = new Lines();
  const router = await createRouter(await startWorker(), [opus, pcmu, vp8]);
  const booth = startBooth({ engine: await startSimulator(), log });
  const room = await booth.interpret(router, new NotingHost());
  room.person('bea', { name: 'Bea', reads: ['es'] });
  return { booth, router, room, log };
}

describe('a router', () => {
  it('that is closed is refused', async () => {
    const router = await createRouter(await startWorker());
    const booth = startBooth({ engine: await startSimulator() });
    router.close();
    await expect(booth.interpret(router)).rejects.toMatchObject({ code: 'routerClosed', retryable: false });
  });

  it('that is closed while the room opens is refused', async () => {
    const router = await createRouter(await startWorker());
    const opening = startBooth({ engine: await startSimulator() }).interpret(router);
    router.close();
    await expect(opening).rejects.toMatchObject({ code: 'routerClosed' });
  });

  it('without Opus is refused, with what to do', async () => {
    const router = await createRouter(await startWorker(), [pcmu]);
    const opening = startBooth({ engine: await startSimulator() }).interpret(router);
    await expect(opening).rejects.toMatchObject({ code: 'noOpus', message: expect.stringContaining('mediaCodecs') });
  });
});

describe('a router that is closed in the middle of a meeting', () => {
  it('ends the interpretation: people are told, and the log is, once, also of calls that come too late', async () => {
    const log = new Lines();
    const router = await createRouter(await startWorker());
    const sent: RoomMessage[] = [];
    const send = (_: string, message: RoomMessage) => void sent.push(message);
    const booth = startBooth({ engine: await startSimulator(), log });
    const room = await booth.interpret(router, { name: 'hall', send });
    const microphone = await openMicrophone(router);
    room.person('ann', { name: 'Ann', speaks: 'en' });
    room.person('bea', { reads: ['es'] });
    room.microphone('ann', microphone.producer);
    await until(() => sent.some(({ type }) => type === 'status'));
    router.close();
    expect(sent.at(-1)).toMatchObject({ type: 'status', state: 'unavailable', reason: 'ended', language: 'es' });
    expect(room.state).toEqual({ state: 'closed', problems: [] });
    expect(log.all.filter(({ message }) => message.startsWith('router closed'))).toMatchObject([
      { level: 'warn', fields: { room: 'hall', people: 2 } },
    ]);
    room.person('bea', { hears: 'es' });
    room.microphone('ann', microphone.producer);
    room.leave('ann');
    expect(log.all.filter(({ message }) => message.startsWith('the room is closed'))).toMatchObject([
      { level: 'warn', fields: { room: 'hall', call: 'person' } },
    ]);
  });
});

describe('a producer', () => {
  it('of another router is refused', async () => {
    const { room, router } = await roomWithReader();
    const elsewhere = await openMicrophone(await createRouter(await startWorker()));
    expect(() => room.microphone('ann', elsewhere.producer)).toThrow(
      expect.objectContaining({ code: 'wrongRouter', message: expect.stringContaining('ann') }),
    );
    expect(() => room.microphone('ann', router as never)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('in the interpreter’s name is no longer that, and the log says so', async () => {
    const { router, log } = await roomWithReader();
    const transport = await router.createDirectTransport();
    const booth = { role: 'channel', language: 'es' };
    const codecs = [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }];
    const producer = await transport.produce({
      ...{ kind: 'audio' as const, rtpParameters: { codecs, encodings: [{ ssrc: 4 }] } },
      appData: { booth, source: 'microphone' },
    });
    const captions = await transport.produceData({ label: 'captions', appData: { booth } });
    expect([producer.appData, captions.appData]).toEqual([{ source: 'microphone' }, {}]);
    expect(log.all.filter(({ message }) => message.includes('appData.booth'))).toHaveLength(2);
  });

  it('of video is no microphone, and one of audio no screen', async () => {
    const { room, router } = await roomWithReader();
    const transport = await router.createDirectTransport();
    const codecs = [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 }];
    const video = await transport.produce({ kind: 'video', rtpParameters: { codecs, encodings: [{ ssrc: 5 }] } });
    expect(() => room.microphone('ann', video)).toThrow(expect.objectContaining({ code: 'wrongKind' }));
    const { producer } = await openMicrophone(router);
    expect(() => room.screen('ann', producer)).toThrow(expect.objectContaining({ code: 'wrongKind' }));
    room.camera('ann', video);
    expect(room.stats().people).toBe(2);
    video.close();
    await until(() => room.stats().people === 1);
  });

  it('that sends no Opus is told once, and no more when it is closed', async () => {
    const { room, router, log } = await roomWithReader();
    const transport = await router.createDirectTransport();
    const codecs = [{ mimeType: 'audio/PCMU', payloadType: 0, clockRate: 8000 }];
    const producer = await transport.produce({ kind: 'audio', rtpParameters: { codecs, encodings: [{ ssrc: 6 }] } });
    room.person('ann', { name: 'Ann', speaks: 'en' });
    room.microphone('ann', producer);
    await until(() => codesIn(room).includes('notOpus'));
    expect(problem(room, 'notOpus')).toMatchObject({ person: 'ann', message: expect.stringContaining('audio/PCMU') });
    room.person('ann', { pictures: false });
    producer.close();
    await until(() => !codesIn(room).includes('notOpus'));
    expect(
      log.of('interpretation impaired').filter((line) => 'problem' in line && line.problem === 'notOpus'),
    ).toHaveLength(1);
  });

  it('that sends what is no sound, as encrypted media, is told', async () => {
    const { room, router } = await roomWithReader();
    const microphone = await openMicrophone(router);
    room.person('ann', { name: 'Ann', speaks: 'en' });
    room.microphone('ann', microphone.producer);
    const sending = microphone.sends(() => randomBytes(80), 900);
    await until(() => codesIn(room).includes('undecodable'));
    expect(problem(room, 'undecodable')).toMatchObject({
      person: 'ann',
      message: expect.stringContaining('End-to-end encryption'),
    });
    room.leave('ann');
    await until(() => !codesIn(room).includes('undecodable'));
    microphone.producer.close();
    await sending;
  });
});

describe('what is missing', () => {
  it('is told where nobody has said what they speak, and where a microphone has no language', async () => {
    const { room, router, log } = await roomWithReader();
    const { producer } = await openMicrophone(router);
    room.person('ann', { name: 'Ann' });
    room.microphone('ann', producer);
    await until(() => codesIn(room).join() === 'nobodySpeaks');
    expect(problem(room, 'nobodySpeaks')?.message).toContain('person(id, { speaks: "en" })');
    room.person('cem', { speaks: 'en' });
    await until(() => codesIn(room).join() === 'speaksUnknown');
    expect(problem(room, 'speaksUnknown')).toMatchObject({ person: 'ann' });
    room.person('ann', { speaks: 'en' });
    await until(() => codesIn(room).length === 0);
    expect(log.of('interpretation impaired')).toMatchObject([
      { problem: 'nobodySpeaks' },
      { problem: 'speaksUnknown' },
    ]);
  });

  it('is told where a microphone is given of another id than the person has', async () => {
    const { room, router, log } = await roomWithReader();
    room.person('ann', { speaks: 'en' });
    room.microphone('socket-7', (await openMicrophone(router)).producer);
    await until(() => codesIn(room).includes('notDescribed'));
    expect(problem(room, 'notDescribed')).toMatchObject({
      person: 'socket-7',
      message: expect.stringContaining('person("socket-7", { speaks: "en" })'),
    });
    expect(log.of('interpretation impaired')).toContainEqual(
      expect.objectContaining({ problem: 'notDescribed', person: 'socket-7' }),
    );
    room.person('socket-7', { speaks: 'en' });
    await until(() => codesIn(room).length === 0);
  });

  it('is told where there is no microphone', async () => {
    const { room } = await roomWithReader();
    room.person('ann', { speaks: 'en' });
    await until(() => codesIn(room).join() === 'noMicrophone');
  });
});

describe('a language', () => {
  it('that is not served cannot be chosen, and the choice before stays', async () => {
    const { room } = await roomWithReader();
    for (const options of [{ hears: 'xx' }, { reads: ['es', 'tlh'] }])
      expect(() => room.person('bea', options)).toThrow(
        expect.objectContaining({ code: 'languageNotServed', message: expect.stringContaining('es') }),
      );
    expect(() => room.person('bea', { reads: 'es' as never })).toThrow(expect.objectContaining({ code: 'invalid' }));
    room.person('ann', { speaks: 'en' });
    await until(() => codesIn(room).join() === 'noMicrophone');
  });

  it('that the engine does not understand is told', async () => {
    const { room, router } = await roomWithReader();
    room.person('ann', { name: 'Ann', speaks: 'eu' });
    room.microphone('ann', (await openMicrophone(router)).producer);
    await until(() => codesIn(room).join() === 'notUnderstood');
    expect(problem(room, 'notUnderstood')).toMatchObject({
      person: 'ann',
      language: 'eu',
      message: expect.stringContaining('Ann speaks "eu"'),
    });
  });
});

describe('an engine', () => {
  it('that is not there is told, while the room goes on', async () => {
    const router = await createRouter(await startWorker());
    const engine = { url: 'ws://127.0.0.1:9', model: 'qwen3-livetranslate-flash-realtime', key: 'sk-any' };
    const host = new NotingHost();
    const room = await startBooth({ engine }).interpret(router, host);
    const microphone = await openMicrophone(router);
    room.person('ann', { name: 'Ann', speaks: 'en' });
    room.person('bea', { reads: ['es'] });
    room.microphone('ann', microphone.producer);
    await until(() => host.has('bea').join() === 'captions es');
    await microphone.says('conf-waitforleader');
    await until(() => codesIn(room).includes('reconnecting'));
    expect(problem(room, 'reconnecting')).toMatchObject({ person: 'ann', language: 'es' });
    expect(problem(room, 'reconnecting')?.message).toMatch(/127\.0\.0\.1:9/);
    expect(microphone.producer.closed).toBe(false);
  });

  it.each([
    ['that refuses the key', { account: { keys: ['sk-other'] } }, {}, /refused the API key.*engine\.key/],
    ['that is not there', {}, { url: 'ws://127.0.0.1:9' }, /cannot be reached.*engine\.url/],
  ])('%s is told before anybody comes', async (_, script, change, message) => {
    const log = new Lines();
    const engine = { ...(await startSimulator(script)), ...change };
    const booth = startBooth({ engine, log });
    const room = await booth.interpret(await createRouter(await startWorker()));
    await until(() => codesIn(room).join() === 'engine');
    expect(problem(room, 'engine')?.message).toMatch(message);
    expect(log.of('interpretation impaired')).toMatchObject([{ problem: 'engine' }]);
    const later = await booth.interpret(await createRouter(await startWorker()));
    expect(codesIn(later)).toEqual(['engine']);
  });

  it('that refuses the key is told', async () => {
    const router = await createRouter(await startWorker());
    const engine = await startSimulator({ account: { keys: ['sk-other'] } });
    const sent: RoomMessage[] = [];
    const send = (_: string, message: RoomMessage) => void sent.push(message);
    const room = await startBooth({ engine }).interpret(router, { send });
    room.person('ann', { name: 'Ann', speaks: 'en' });
    room.person('bea', { reads: ['es'] });
    room.microphone('ann', (await openMicrophone(router)).producer);
    await until(() => codesIn(room).includes('unavailable'));
    expect(problem(room, 'unavailable')?.message).toContain('refused the API key');
    expect(problem(room, 'unavailable')?.message).toContain('engine.key');
    // People are told without what only the operator understands.
    expect(sent.filter(({ type }) => type === 'status')).toContainEqual(
      expect.objectContaining({ state: 'unavailable', reason: 'serviceRefused' }),
    );
    expect(JSON.stringify(sent)).not.toMatch(/key|127\.0\.0\.1/);
  });
});
