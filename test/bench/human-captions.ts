/** Recorded people speak to the offline engine, one sentence after the other, as a microphone would bring it: in real time. */
import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Interpretation, type InterpretationOptions } from '../../bot/interpretation.ts';
import { Originals } from '../../bot/originals.ts';
import { VoiceGate } from '../../bot/participant/voice-gate.ts';
import { openLiveTranslate } from '../../bot/translation/livetranslate/connect.ts';
import { unlimited } from '../../bot/translation/permits.ts';
import { SessionPool } from '../../bot/translation/session-pool.ts';
import { offline } from '../../config/models.ts';
import { startOfflineEngine } from '../../engine/offline/engine.ts';
import { Random } from '../../engine/scripted/random.ts';
import { engineParts, speechDir } from '../../scripts/places.mjs';
import { systemClock } from '../../time/clock.ts';
import { silentLog } from '../support/silent-log.ts';
import { humanSpeech } from '../support/speech.ts';
import { Readers, type Readings } from './caption-watch.ts';

const RATE = 16_000;
const FRAME_MS = 20;
const FRAME = (RATE * FRAME_MS) / 1000;
const KIND = { source: 'en', target: 'es', audio: true };
const ENDS_AFTER_MS = 5000;

export interface HumanSpeech {
  minutes: number;
  seed: number;
  /** How many speak at the same time, each for so long. */
  voices: number;
}

/** The originals and the translations, of all voices. */
export async function readHumanSpeech({ minutes, seed, voices }: HumanSpeech): Promise<Readings> {
  const parts = engineParts(process.env);
  const engine = await startOfflineEngine({ host: '127.0.0.1', port: 0, parts, log: silentLog });
  const pool = new SessionPool({
    openSession: openLiveTranslate({ url: engine.url, model: offline.id, clock: systemClock, log: silentLog }),
    permits: unlimited,
    model: offline,
    holdMs: 240_000,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  });
  try {
    const readers = new Readers();
    const numbers = Array.from({ length: voices }, (_, i) => seed * voices + i);
    await Promise.all(numbers.map((number) => speak(pool, readers, { minutes, seed: number })));
    return readers.readings;
  } finally {
    pool.close();
    await engine.close();
  }
}

async function speak(
  pool: SessionPool,
  readers: Readers,
  { minutes, seed }: { minutes: number; seed: number },
): Promise<void> {
  const interpretation = interpretationOf(pool, readers, seed);
  const gate = new VoiceGate();
  const beganMs = performance.now();
  let saidMs = 0;
  for (const samples of microphone(minutes, seed)) {
    saidMs += FRAME_MS;
    await delay(Math.max(0, beganMs + saidMs - performance.now()));
    const heard = gate.push(samples);
    for (const [i, part] of heard.entries())
      interpretation.hear(part, { agoMs: (heard.length - 1 - i) * FRAME_MS, voiced: gate.isVoiced });
    if (heard.length > 0 && !gate.isOpen) interpretation.pause();
  }
  await interpretation.finish();
}

function interpretationOf(pool: SessionPool, readers: Readers, seed: number): Interpretation {
  const name = `voice ${seed}`;
  let utterances = 0;
  const output: InterpretationOptions['output'] = {
    original: (_, caption) => readers.see(caption, performance.now()),
    translation: (caption) => readers.see(caption, performance.now()),
    voice() {},
    voiceComplete() {},
    withdrawVoice: () => true,
    cutVoiceShort() {},
    fed() {},
    usage() {},
    state() {},
  };
  return new Interpretation({
    speaker: { id: name, name },
    wishes: { kind: KIND, originals: true, read: true },
    published: new Originals(),
    pool,
    catchUpRate: offline.catchUpRate,
    output,
    nextUtterance: () => `${seed}-${++utterances}`,
    clock: systemClock,
    roomNow: () => performance.now(),
  });
}

/** The recordings in an order of the seed's, pauses between them, and silence at the end. */
function* microphone(minutes: number, seed: number): Generator<Int16Array> {
  const random = new Random(seed);
  const names = readdirSync(speechDir(process.env)).filter((file) => file.endsWith('.wav'));
  let left = minutes * 60_000;
  while (left > 0) {
    const { samples } = humanSpeech(parse(names[random.between(0, names.length - 1)] ?? '').name);
    left -= (samples.length / RATE) * 1000;
    yield* frames(samples);
    yield* frames(new Int16Array((RATE * random.between(200, 1500)) / 1000));
  }
  yield* frames(new Int16Array((RATE * ENDS_AFTER_MS) / 1000));
}

function* frames(samples: Int16Array): Generator<Int16Array> {
  for (let at = 0; at < samples.length; at += FRAME) {
    const frame = new Int16Array(FRAME);
    frame.set(samples.subarray(at, at + FRAME));
    yield frame;
  }
}
