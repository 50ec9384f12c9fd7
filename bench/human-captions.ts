/**
 * Captions of recorded human speech: the offline engine's real recogniser and translator, and the interpreter's caption streams, in fake
 * time. The time stands still while the engine computes, so that the result does not depend on the load of the computer.
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
import { CaptionWatchByKind, type MetricsByKind } from './caption-watch.ts';
import { silentLog } from './support/silent-log.ts';
import { humanSpeech } from './support/speech.ts';

const RATE = 16_000;
const FRAME_MS = 20;
const FRAME = (RATE * FRAME_MS) / 1000;
/** Samples per chunk, as sent to a session. */
const CHUNK = RATE / 10;
const ENDS_AFTER_MS = 5000;

export interface HumanSpeech {
  minutes: number;
  seed: number;
}

/** Measures the captions of `minutes` of human speech. */
export async function measureHumanSpeech({ minutes, seed }: HumanSpeech): Promise<MetricsByKind> {
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

async function listen(
  vosk: Recognizer,
  translator: Translator,
  microphone: Iterable<Int16Array>,
): Promise<MetricsByKind> {
  const clock = new FakeClock();
  const watch = new CaptionWatchByKind();
  const recognizer = new WatchedRecognizer(vosk);
  const session = new OfflineSession({
    stages: { recognizer, translator, voice: { synthesize: async () => {}, close() {} } },
    configuration: { source: 'en', target: 'es', audio: false, voice: '' },
    output: captionsFor(watch, clock),
    log: silentLog,
  });
  const gate = new VoiceGate();
  let waiting: number[] = [];
  for (const frame of microphone) {
    clock.advance(FRAME_MS);
    for (const part of gate.push(frame)) waiting.push(...part);
    for (; waiting.length >= CHUNK; waiting = waiting.slice(CHUNK)) {
      session.pushAudio(Int16Array.from(waiting.slice(0, CHUNK)));
      await recognizer.hasProcessed(CHUNK);
    }
  }
  await new Promise<void>((resolve, reject) => session.finish((error) => (error ? reject(error) : resolve())));
  session.close();
  return watch.metrics;
}

/** Shows each utterance of the engine as a segment of a caption stream. */
function captionsFor(watch: CaptionWatchByKind, clock: FakeClock): BackendOutput {
  let [utterances, segments] = [0, 0];
  const streamOf = (kind: 'original' | 'translation'): CaptionStream =>
    new CaptionStream({
      kind,
      speaker: { id: 'jane', name: 'Jane' },
      nextUtterance: () => `u${++utterances}`,
      onCaption: (caption) => watch.see(caption, clock.now()),
      nowMs: () => clock.now(),
    });
  const [originals, translations] = [streamOf('original'), streamOf('translation')];
  const textOf = (stream: CaptionStream, segment: string) => (confirmed: string, tentative: string, final: boolean) =>
    stream.update({ segment, confirmed, tentative, final }, { startRoomMs: clock.now(), endRoomMs: clock.now() });
  return {
    speechStarted() {},
    speechStopped() {},
    progressed() {},
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

/** A recogniser that lets the caller wait until it has processed all samples. */
class WatchedRecognizer implements Recognizer {
  readonly #recognizer: Recognizer;
  #sentSamples = 0;
  #processedSamples = 0;

  constructor(recognizer: Recognizer) {
    this.#recognizer = recognizer;
  }

  async open(): Promise<Recognition> {
    const recognition = await this.#recognizer.open();
    return {
      push: async (samples) => {
        const result = await recognition.push(samples);
        this.#processedSamples += samples.length;
        return result;
      },
      finish: () => recognition.finish(),
      close: () => recognition.close(),
    };
  }

  /** To be called after `samples` more were sent. Resolves when they are processed. */
  async hasProcessed(samples: number): Promise<void> {
    this.#sentSamples += samples;
    while (this.#processedSamples < this.#sentSamples) await setImmediate();
    // The result is emitted in the next turn of the event loop.
    await setImmediate();
  }

  close(): void {}
}

/** Frames of the recordings, in a random order with pauses, and of silence at the end. */
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
