/**
 * One speaker who sends 5000 packets a second, a hundred times as many as others, to a real interpreter's process: it is busy with no more of
 * them than it takes, and loses nothing of what another speaker says.
 */
import { readFileSync } from 'node:fs';
import { InterpreterView, type PacketStats } from '@mediasoup-booth/protocol';
import { afterEach, expect, it } from 'vitest';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { superviseInterpreter } from '../../bot/process/interpreter-supervisor.ts';
import type { AudioOutput } from '../../bot/room/room-connection.ts';
import { offline } from '../../config/models.ts';
import { systemClock } from '../../time/clock.ts';
import { Guest, say, signalUrl } from '../support/meeting.ts';
import { call, person, startTestServer, tokenOf } from '../support/server.ts';
import { chunks } from '../support/sound.ts';

const FLOOD_PER_SECOND = 5000;
const MEASURED_MS = 6000;
const TICK_MS = 10;
/** Of a processor: it was 0.4 before packets were counted. */
const MOST_BUSY = 0.4;
/** None on a computer that has time; a busy one does not empty its sockets fast enough. */
const MOST_LOST = 0.05;
const CLOCK_TICKS_PER_SECOND = 100;

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

it('a speaker of 5000 packets a second takes nothing from others', async () => {
  const server = await startTestServer({ onDemand: false });
  opened.push(() => server.close());
  const host = tokenOf({ identity: 'host', grants: ['host'] });
  const sent = await call(server, 'POST', '/v1/rooms/demo/interpreters', { token: host, body: { languages: ['es'] } });
  const { id } = InterpreterView.parse(sent.body);
  const child = superviseInterpreter({
    assignment: {
      url: signalUrl(server),
      token: server.launches[0]?.assignment.token ?? '',
      languages: ['es'],
      pictures: 'off',
      languageSettings: {},
      translation: { url: 'ws://127.0.0.1:9', model: offline.id, key: 'any' },
      sessionIdleTimeoutMs: 1000,
      playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
      logLevel: 'error',
    },
    clock: systemClock,
    onState: () => {},
    onLog: () => {},
  });
  opened.push(() => child.stop());

  const enter = async (identity: string) => {
    const guest = await Guest.enter(server, person(identity), { preferences: { speaks: 'en', hears: 'es' } });
    opened.push(() => guest.room.close());
    return guest;
  };
  const [ann, mallory] = [await enter('ann'), await enter('mallory')];
  const recording = humanSpeech('vm-sorry');
  const speech = await resample(recording.samples, recording.sampleRate, VOICE_SAMPLE_RATE);
  const spoken = await say(await ann.room.publishMicrophone(), speech, { loop: true });
  opened.push(() => spoken.stop());
  const flood = await Flood.prepare(await mallory.room.publishMicrophone(), speech);
  opened.push(() => flood.stop());

  const packetsOf = async (who: Guest): Promise<PacketStats | undefined> => {
    const { body } = await call(server, 'GET', `/v1/rooms/demo/interpreters/${id}`, { token: host });
    return InterpreterView.parse(body).stats?.speakers.find(({ speaker }) => speaker === who.room.self)?.packets;
  };
  const busy = async (): Promise<number> => {
    const before = processorSeconds(child.pid ?? 0);
    const beganMs = performance.now();
    await new Promise((wait) => setTimeout(wait, MEASURED_MS));
    return (processorSeconds(child.pid ?? 0) - before) / ((performance.now() - beganMs) / 1000);
  };

  flood.start(50);
  let reported = { ann: await packetsOf(ann), mallory: await packetsOf(mallory) };
  while ((reported.ann?.received ?? 0) < 50 || (reported.mallory?.received ?? 0) < 50) {
    await new Promise((wait) => setTimeout(wait, 500));
    reported = { ann: await packetsOf(ann), mallory: await packetsOf(mallory) };
  }
  const usual = await busy();
  const before = await packetsOf(ann);
  flood.start(FLOOD_PER_SECOND);
  const flooded = await busy();
  // What was counted until now is reported every 5 s.
  const packets = (await packetsOf(ann))?.received ?? 0;
  const deadline = performance.now() + 20_000;
  while (((await packetsOf(ann))?.received ?? 0) <= packets && performance.now() < deadline)
    await new Promise((wait) => setTimeout(wait, 500));
  const { perSecond } = flood;
  flood.stop();
  const after = { ann: await packetsOf(ann), mallory: await packetsOf(mallory) };
  console.log({ usual, flooded, perSecond, before, after });
  expect(perSecond).toBeGreaterThan(0.8 * FLOOD_PER_SECOND);
  expect(after.mallory?.dropped).toBeGreaterThan(FLOOD_PER_SECOND);
  expect((after.ann?.lost ?? 0) - (before?.lost ?? 0)).toBeLessThanOrEqual(
    MOST_LOST * ((after.ann?.received ?? 0) - (before?.received ?? 0)),
  );
  expect(after.ann?.dropped).toBe(0);
  expect(flooded).toBeLessThan(MOST_BUSY);
});

/** Opus packets of speech, sent much faster than they were spoken. */
class Flood {
  readonly #output: AudioOutput;
  readonly #packets: readonly Uint8Array[];
  #timer: NodeJS.Timeout | undefined;
  #beganMs = 0;
  #sent = 0;

  static async prepare(output: AudioOutput, speech: Int16Array): Promise<Flood> {
    const encoder = await createOpusEncoder();
    const frames = [...chunks(speech, OPUS_FRAME_SAMPLES)].filter(({ length }) => length === OPUS_FRAME_SAMPLES);
    const packets = frames.map((frame) => Uint8Array.from(encoder.encode(frame)));
    encoder.close();
    return new Flood(output, packets);
  }

  private constructor(output: AudioOutput, packets: readonly Uint8Array[]) {
    this.#output = output;
    this.#packets = packets;
  }

  /** How many were sent a second since it was started. */
  get perSecond(): number {
    return this.#sent / ((performance.now() - this.#beganMs) / 1000);
  }

  start(perSecond: number): void {
    this.stop();
    [this.#beganMs, this.#sent] = [performance.now(), 0];
    this.#timer = setInterval(() => {
      const due = ((performance.now() - this.#beganMs) / 1000) * perSecond;
      for (; this.#sent < due; this.#sent++)
        this.#output.write(this.#next(), this.#sent * OPUS_FRAME_SAMPLES * 2, false);
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #next(): Uint8Array {
    return this.#packets[this.#sent % this.#packets.length] ?? new Uint8Array();
  }
}

/** What a process has used of the processors since it was started. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}
