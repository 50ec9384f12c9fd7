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
const MAX_WAITING_MS = 8000;
/** Until then every part of the engine has been used. */
const WARM_MINUTES = 4;

it('is level while somebody speaks, and low again when they have spoken', async () => {
  const engine = await offline({ log: pino({ level: 'silent' }) });
  const memoryMB = () => residentMB([engine.pid ?? 0]);
  const loadedMB = memoryMB();
  const client = (await new EngineClient(engine.url, engine.model, engine.key).opened()).says(update());
  const peaksMB: number[] = [];
  for (const { samples, minute } of speech()) {
    client.speaks(samples);
    // The engine says how far it is behind with what it has read; what it has not read yet is not much.
    await delay(500);
    while (waitingMs(client) > MAX_WAITING_MS) await delay(100);
    peaksMB[minute] = Math.max(peaksMB[minute] ?? 0, memoryMB());
  }
  await expect.poll(() => waitingMs(client), { timeout: 120_000 }).toBe(0);
  await delay(15_000);
  const idleMB = memoryMB();
  client.close();
  await engine.close();
  expect(client.of('error'), 'nothing was lost').toEqual([]);
  console.log({ loadedMB, peaksMB: peaksMB.map(Math.round), idleMB });
  const early = Math.max(...peaksMB.slice(0, WARM_MINUTES));
  const late = Math.max(...peaksMB.slice(WARM_MINUTES));
  expect(late - early, 'megabytes').toBeLessThan(60);
  expect(idleMB - loadedMB, 'megabytes').toBeLessThan(100);
});

function waitingMs(client: EngineClient): number {
  return Number(client.of('input_audio_buffer.backlog').at(-1)?.waiting_ms ?? 0);
}

/** All recordings again and again, each time at another speed, so that none is like one before. */
function* speech(): Generator<{ samples: Int16Array; minute: number }> {
  const names = readdirSync(speechDir(process.env)).filter((name) => name.endsWith('.wav'));
  for (let said = 0, round = 0; said < MINUTES * 60 * RATE; round++) {
    for (const name of names) {
      const samples = faster(humanSpeech(parse(name).name).samples, 1 + 0.03 * ((round % 7) - 3));
      yield { samples, minute: Math.floor(said / RATE / 60) };
      said += samples.length;
    }
  }
}

const faster = (samples: Int16Array, factor: number): Int16Array =>
  Int16Array.from({ length: Math.floor(samples.length / factor) }, (_, i) => samples[Math.floor(i * factor)] ?? 0);
