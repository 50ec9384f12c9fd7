/** Which voices and captions a room in process has: an own voice for each speaker, and what a budget leaves of them. */
import type { RoomMessage } from '@mediasoup-booth/protocol';
import type { Producer, Router } from 'mediasoup/types';
import { describe, expect, it } from 'vitest';
import type { BoothOptions } from '../../bot/booth-options.ts';
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

const SENTENCE = 'conf-waitforleader';

/** Ann speaks English, and Bea hears and reads Spanish: both are offered, so nothing that Ann says is lost. */
async function meeting(options: Partial<BoothOptions>) {
  const router = await createRouter(await startWorker());
  const log = new Lines();
  const booth = startBooth({ engine: await startSimulator(), log, ...options });
  const host = new NotingHost();
  const room = await booth.interpret(router, host);
  const finals: RoomMessage[] = [];
  const voices = { started: 0, ended: 0, skipped: 0 };
  room.on('message', (message) => {
    if (message.type === 'caption' && message.kind === 'translation' && message.final) finals.push(message);
    if (message.type === 'playout') voices[message.state]++;
  });
  room.person('ann', { name: 'Ann', speaks: 'en' });
  room.person('bea', { name: 'Bea', hears: 'es', reads: ['es'] });
  const microphone = await openMicrophone(router);
  room.microphone('ann', microphone.producer);
  await until(() => host.has('bea').length === 2);
  const problems = () => room.state.problems.map(({ code }) => code).sort();
  /** Resolves when all that was said is answered: nothing has come for three seconds. */
  const answered = () => unchanged(() => [finals.length, voices, booth.usage().total.tokens, room.recent('es')]);
  return { router, booth, room, host, log, microphone, finals, voices, problems, answered };
}

async function unchanged(value: () => unknown): Promise<void> {
  let [last, sinceMs] = ['', 0];
  await until(() => {
    const now = JSON.stringify(value());
    if (now !== last) [last, sinceMs] = [now, performance.now()];
    return performance.now() - sinceMs > 3000;
  });
}

/** Starts to listen. @returns how many packets have come so far */
async function packetsOf(router: Router, producer: Producer): Promise<() => number> {
  const transport = await router.createDirectTransport();
  const { rtpCapabilities } = router;
  const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
  let packets = 0;
  consumer.on('rtp', () => packets++);
  return () => packets;
}

describe('a voice of their own for each speaker', () => {
  it('is offered for each, and carries the translation of that one alone', async () => {
    const { router, room, host, microphone } = await meeting({ playout: { tracks: 'perSpeaker' } });
    room.person('cem', { name: 'Cem', speaks: 'en' });
    room.microphone('cem', (await openMicrophone(router)).producer);
    const all = ['captions es', 'channel es of ann', 'channel es of cem'];
    await until(() => host.has('bea').join() === all.join());
    const [ofAnn, ofCem] = ['ann', 'cem'].map((id) => host.it('bea', `channel es of ${id}`) as Producer);
    if (!ofAnn || !ofCem) throw new Error('both are offered');
    expect(ofAnn.appData).toMatchObject({ booth: { role: 'channel', language: 'es', speaker: 'ann' } });
    const [packetsOfAnn, packetsOfCem] = [await packetsOf(router, ofAnn), await packetsOf(router, ofCem)];
    await microphone.says(SENTENCE);
    await until(() => packetsOfAnn() > 50);
    expect(packetsOfCem()).toBe(0);
    room.leave('cem');
    await until(() => host.has('bea').join() === all.slice(0, 2).join());
  });
});

describe('a budget that is used up', () => {
  it('leaves the captions, and ends the voices, where it is told to', async () => {
    const { room, booth, log, microphone, finals, voices, problems, answered } = await meeting({
      budget: { tokens: 1, onExceeded: 'captions' },
    });
    await microphone.says(SENTENCE);
    await until(() => problems().includes('budget') && voices.ended > 0 && voices.ended === voices.started);
    await answered();
    const [before, said, tokens] = [finals.length, voices.started, booth.usage().total.tokens];
    for (let more = 0; more < 2; more++) await microphone.says(SENTENCE);
    await until(() => finals.length > before && booth.usage().total.tokens > tokens);
    await answered();
    expect(voices.started).toBe(said);
    expect(problems()).toEqual(['budget']);
    expect(room.state.problems[0]?.message).toMatch(/budget/i);
    expect(log.of('interpretation impaired')).toMatchObject([{ problem: 'budget' }]);
  });

  it('ends everything where it is told to, and the room goes on', async () => {
    const { room, booth, microphone, finals, problems, answered } = await meeting({
      budget: { tokens: 1, onExceeded: 'stop' },
    });
    await microphone.says(SENTENCE);
    await until(() => problems().join() === 'budget,overBudget');
    expect(room.state.problems.find(({ code }) => code === 'overBudget')).toMatchObject({
      person: 'ann',
      language: 'es',
    });
    // What was said before is counted to its end.
    await answered();
    const [before, tokens] = [finals.length, booth.usage().total.tokens];
    await microphone.says(SENTENCE);
    await answered();
    expect([finals.length, booth.usage().total.tokens]).toEqual([before, tokens]);
    expect(microphone.producer.closed).toBe(false);
    expect(room.state.state).toBe('on');
  });
});
