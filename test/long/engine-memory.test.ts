/**
 * Twelve minutes of recorded people through one session of the offline engine, as fast as it recognises them: its memory is level, and what
 * its recogniser had is the system's again soon after the last word.
 */
import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { EngineClient } from '../../bench/support/engine-client.ts';
import { residentMB } from '../../bench/support/load/cpu-time.ts';
import { update } from '../../bench/support/scripted-backend.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { offline } from '../../engine/index.ts';
import { speechDir } from '../../scripts/places.mjs';

const RATE = 16_000;
const MINUTES = 12;
/** The engine keeps at most 30 s that wait. */
const MAX_WAITING_MS = 5000;
const LONGEST_S = 20;
/** Until then every part of the engine has been used. */
const WARM_MINUTES = 4;

it('is level while somebody speaks, and low again when they have spoken', async () => {
  const engine = await offline({ log: pino({ level: 'silent' }) });
  const memoryMB = () => residentMB([engine.pid ?? 0]);
  const loadedMB = memoryMB();
  const client = (await new EngineClient(engine.url, engine.model, engine.key).opened()).says(update());
  const peaksMB: number[] = [];
  for (const { samples, minute } of speech()) {
    const sentAt = client.frames.length;
    client.speaks(samples);
    await expect.poll(() => waitingMs(client, sentAt), { timeout: 120_000 }).toBeLessThan(MAX_WAITING_MS);
    peaksMB[minute] = Math.max(peaksMB[minute] ?? 0, Math.round(memoryMB()));
  }
  // Who stops in the middle of a word is waited for; here the last sentence ends.
  client.speaks(new Int16Array(2 * RATE));
  await expect.poll(() => waitingMs(client), { timeout: 120_000 }).toBe(0);
  await delay(15_000);
  const idleMB = memoryMB();
  client.close();
  await engine.close();
  console.log({ loadedMB, peaksMB, idleMB });
  expect(client.of('error'), 'nothing was lost').toEqual([]);
  const early = Math.max(...peaksMB.slice(0, WARM_MINUTES));
  const late = Math.max(...peaksMB.slice(WARM_MINUTES));
  expect(late - early, 'megabytes').toBeLessThan(60);
  expect(idleMB - loadedMB, 'megabytes').toBeLessThan(100);
});

/** What waits by the last frame that tells it, of those since `from`; without one it is not known. */
function waitingMs(client: EngineClient, from = 0): number {
  const last = client.frames.slice(from).findLast(({ type }) => type === 'input_audio_buffer.backlog');
  return Number(last?.waiting_ms ?? Number.POSITIVE_INFINITY);
}

/** All recordings again and again, each time at another speed, so that none is like one before. */
function* speech(): Generator<{ samples: Int16Array; minute: number }> {
  const names = readdirSync(speechDir(process.env)).filter((name) => name.endsWith('.wav'));
  for (let said = 0, round = 0; said < MINUTES * 60 * RATE; round++) {
    for (const name of names) {
      const recorded = humanSpeech(parse(name).name).samples.subarray(0, LONGEST_S * RATE);
      const samples = faster(recorded, 1 + 0.03 * ((round % 7) - 3));
      yield { samples, minute: Math.floor(said / RATE / 60) };
      said += samples.length;
    }
  }
}

const faster = (samples: Int16Array, factor: number): Int16Array =>
  Int16Array.from({ length: Math.floor(samples.length / factor) }, (_, i) => samples[Math.floor(i * factor)] ?? 0);
