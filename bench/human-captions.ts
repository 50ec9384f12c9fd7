/**
 * Recorded people speak to the offline engine, one sentence after the other: its real recogniser and translator, and our captions,
 * in the time of the speech. Time stands still while the engine works, so that a busy computer reads the same captions.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CaptionStream } from '../bot/captions/caption-stream.ts';
import { VoiceGate } from '../bot/incoming/voice-gate.ts';
import { Apertium } from '../engine/offline/apertium.ts';
import { EnglishToSpanish } from '../engine/offline/english-to-spanish.ts';
import { OfflineSession } from '../engine/offline/offline-session.ts';
import type { Recognition, Recognizer, Translator } from '../engine/offline/stages.ts';
import { loadVosk } from '../engine/offline/vosk.ts';
import { Random } from '../engine/scripted/random.ts';
import type { BackendOutput } from '../engine/wire/backend.ts';
import { engineParts, speechDir } from '../scripts/places.mjs';
import { systemClock } from '../time/clock.ts';
import { FakeClock } from '../time/fake-clock.ts';
import { Readers, type Readings } from './caption-watch.ts';
import { silentLog } from './support/silent-log.ts';
import { humanSpeech } from './support/speech.ts';

const RATE = 16_000;
const FRAME_MS = 20;
const FRAME = (RATE * FRAME_MS) / 1000;
/** As a session sends them. */
const CHUNK = RATE / 10;
const ENDS_AFTER_MS = 5000;

export interface HumanSpeech {
  minutes: number;
  seed: number;
}

/** What was read of somebody who spoke for so long. */
export async function readHumanSpeech({ minutes, seed }: HumanSpeech): Promise<Readings> {
  const { voskLibrary, voskModel, apertium } = engineParts(process.env);
  const mode = readFileSync(apertium.mode, 'utf8');
  const translator = new EnglishToSpanish(
    new Apertium({ mode, env: apertium.env, clock: systemClock, log: silentLog }),
  );
  const vosk = await loadVosk(voskLibrary, voskModel);
  try {
    return await listen(vosk, translator, microphone(minutes, seed));
  } finally {
    vosk.close();
    translator.close();
  }
}

async function listen(vosk: Recognizer, translator: Translator, microphone: Iterable<Int16Array>): Promise<Readings> {
  const clock = new FakeClock();
  const readers = new Readers();
  const recognizer = new WatchedRecognizer(vosk);
  const session = new OfflineSession({
    stages: { recognizer, translator, voice: { synthesize: async () => {}, close() {} } },
    configuration: { source: 'en', target: 'es', audio: false, voice: '' },
    output: captionsFor(readers, clock),
    log: silentLog,
  });
  const gate = new VoiceGate();
  let waiting: number[] = [];
  for (const frame of microphone) {
    clock.advance(FRAME_MS);
    for (const part of gate.push(frame)) waiting.push(...part);
    for (; waiting.length >= CHUNK; waiting = waiting.slice(CHUNK)) {
      session.pushAudio(Int16Array.from(waiting.slice(0, CHUNK)));
      await recognizer.hasHeardAfter(CHUNK);
    }
  }
  await new Promise<void>((resolve, reject) => session.finish((error) => (error ? reject(error) : resolve())));
  session.close();
  return readers.readings;
}

/** Each utterance of the engine's as a segment of ours. */
function captionsFor(readers: Readers, clock: FakeClock): BackendOutput {
  let [utterances, segments] = [0, 0];
  const streamOf = (kind: 'original' | 'translation'): CaptionStream =>
    new CaptionStream({
      kind,
      speaker: { id: 'jane', name: 'Jane' },
      nextUtterance: () => `u${++utterances}`,
      onCaption: (caption) => readers.see(caption, clock.now()),
      nowMs: () => clock.now(),
    });
  const [originals, translations] = [streamOf('original'), streamOf('translation')];
  const textOf = (stream: CaptionStream, segment: string) => (stable: string, tentative: string, final: boolean) =>
    stream.update({ segment, stable, tentative, final }, { startRoomMs: clock.now(), endRoomMs: clock.now() });
  return {
    speechStarted() {},
    speechStopped() {},
    error: ({ message }) => {
      throw new Error(message);
    },
    utterance() {
      const segment = `s${++segments}`;
      const [original, translation] = [textOf(originals, segment), textOf(translations, segment)];
      return {
        source: (stable, tentative) => original(stable, tentative, false),
        sourceDone: (transcript) => original(transcript, '', true),
        sourceFailed() {},
        response: () => ({
          text: (stable, tentative) => translation(stable, tentative, false),
          audio() {},
          said() {},
          done: (text) => translation(text, '', true),
          failed() {},
        }),
      };
    },
  };
}

/** Tells when it has heard what it was sent. */
class WatchedRecognizer implements Recognizer {
  readonly #recognizer: Recognizer;
  #sentSamples = 0;
  #heardSamples = 0;

  constructor(recognizer: Recognizer) {
    this.#recognizer = recognizer;
  }

  async open(): Promise<Recognition> {
    const recognition = await this.#recognizer.open();
    return {
      push: async (samples) => {
        const heard = await recognition.push(samples);
        this.#heardSamples += samples.length;
        return heard;
      },
      finish: () => recognition.finish(),
      close: () => recognition.close(),
    };
  }

  /** So many samples more were sent. */
  async hasHeardAfter(samples: number): Promise<void> {
    this.#sentSamples += samples;
    while (this.#heardSamples < this.#sentSamples) await setImmediate();
    // What it has heard is told in the turn after.
    await setImmediate();
  }

  close(): void {}
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
