/**
 * What the interpreter's gates cost quiet speakers and speakers in noise: the words that the offline engine's recogniser mishears of what
 * passes the gates, beside those that it mishears of the same recording as it is (`direct`) and as Opus carries it (`coded`), which a
 * gate cannot mend. In fake time, without translation.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sentence } from '../engine/offline/english.ts';
import type { Recognizer } from '../engine/offline/stages.ts';
import { StreamingRecognizer } from '../engine/offline/streaming-recognizer.ts';
import { loadVosk } from '../engine/offline/vosk.ts';
import { Random } from '../engine/scripted/random.ts';
import { engineParts, speechDir } from '../scripts/places.mjs';
import type { Bench } from './bench.ts';
import { codeSpeech, gateSpeech } from './support/gated-speech.ts';
import { humanSpeech } from './support/speech.ts';
import { wordErrors } from './support/wer.ts';

const RATE = 16_000;
const FULL_SCALE = 32_767;
/** Recorded prompts of the Asterisk telephone system. */
const NAMES = [
  'basic-pbx-ivr-main',
  'demo-nogo',
  'confbridge-only-participant',
  'queue-periodic-announce',
  'vm-newuser',
  'vm-rec-unv',
  'privacy-prompt',
  'tt-allbusy',
];
/** Seconds of silence after each recording; the voice gate, which closes after 1.5 s, closes in the two longest. */
const PAUSES = [0.5, 1, 2, 3];
/** Samples that are pushed at once: fewer than the 30 s that the recogniser queues at most. */
const RECOGNIZED_AT_ONCE = 20 * RATE;

/** How a recording is changed: the level of its loudest sample in dBFS, and how far the voice is above white noise. */
interface Condition {
  name: string;
  peakDb: number;
  snrDb?: number;
}

const CONDITIONS: readonly Condition[] = [
  ...[0, 30, 40, 46, 52, 58].map((db) => ({ name: `level${db}`, peakDb: -db })),
  ...[20, 10].map((snrDb) => ({ name: `noise${snrDb}`, peakDb: -6, snrDb })),
];
/** The highest word error rate of the recording itself (`direct`) at which the gates are judged: above it, there is nothing to lose. */
const MAX_BASELINE_WER = 0.5;

export const quietBench: Bench = {
  key: 'quiet',
  about: 'quiet speakers and speakers in noise, through the gates of the interpreter',
  repetitions: 1,
  async run() {
    const { voskLibrary, voskModel } = engineParts(process.env);
    const recognizer = await loadVosk(voskLibrary, voskModel);
    const { said, recording } = readRecording();
    const wordErrorRate = async (samples: Int16Array): Promise<number> => {
      const { errors, words } = wordErrors(said, await transcribe(recognizer, samples));
      return errors / words;
    };
    // `cost` is the largest increase in the word error rate from `coded` to `gated`.
    const figures: Record<string, number> = { cost: Number.NEGATIVE_INFINITY };
    try {
      for (const condition of CONDITIONS) {
        const sound = degrade(recording, condition);
        const { passed } = await gateSpeech(sound);
        const direct = await wordErrorRate(sound);
        const coded = await wordErrorRate(await codeSpeech(sound));
        const gated = await wordErrorRate(passed);
        figures[`${condition.name}.direct`] = direct;
        figures[`${condition.name}.coded`] = coded;
        figures[`${condition.name}.gated`] = gated;
        if (direct <= MAX_BASELINE_WER) figures.cost = Math.max(figures.cost ?? 0, gated - coded);
      }
    } finally {
      recognizer.close();
    }
    return figures;
  },
};

/** All recordings one after another, with pauses between them; peaks at 1. */
function readRecording(): { said: string; recording: Float32Array } {
  const transcripts: Record<string, string> = JSON.parse(
    readFileSync(join(speechDir(process.env), 'transcript.json'), 'utf8'),
  );
  const parts = NAMES.flatMap((name, i) => [
    ...humanSpeech(name).samples,
    ...new Int16Array((PAUSES[i % PAUSES.length] ?? 0) * RATE),
  ]);
  const peak = parts.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const said = NAMES.map((name) => transcripts[name]).join(' ');
  return { said, recording: Float32Array.from(parts, (sample) => sample / peak) };
}

function degrade(recording: Float32Array, { peakDb, snrDb }: Condition): Int16Array {
  const gain = 10 ** (peakDb / 20);
  const rms = Math.sqrt(recording.reduce((sum, value) => sum + value * value, 0) / recording.length);
  const noise = snrDb === undefined ? () => 0 : whiteNoise(rms / 10 ** (snrDb / 20));
  return Int16Array.from(recording, (value) => {
    const sample = Math.round(FULL_SCALE * gain * (value + noise()));
    return Math.max(-FULL_SCALE, Math.min(FULL_SCALE, sample));
  });
}

/** Noise with a Gaussian distribution, by the method of Box and Muller: the same at each call. */
function whiteNoise(rms: number): () => number {
  const random = new Random(1);
  return () => rms * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

async function transcribe(recognizer: Recognizer, samples: Int16Array): Promise<string> {
  const sentences: string[] = [];
  const recognition = new StreamingRecognizer({
    recognizer,
    listener: {
      started() {},
      changed() {},
      ended: (words) => sentences.push(sentence(words)),
      failed(error) {
        throw error;
      },
    },
  });
  for (let at = 0; at < samples.length; at += RECOGNIZED_AT_ONCE) {
    recognition.push(samples.subarray(at, at + RECOGNIZED_AT_ONCE));
    await recognition.idle();
  }
  await recognition.finish();
  recognition.close();
  return sentences.join(' ');
}
