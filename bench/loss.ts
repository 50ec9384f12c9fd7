/**
 * Counts the words that are missing from captions where losses are most likely: at the start of speech after a silence, when a session is
 * replaced, and when its connection is cut. Runs with the simulated vendor in each model generation, in fake time.
 */
import type { OutgoingCaption } from '../bot/captions/caption-channel.ts';
import { type Model, qwen3, qwen35, qwen38 } from '../config/models.ts';
import { Random } from '../engine/scripted/random.ts';
import type { ScriptInput } from '../engine/scripted/script.ts';
import type { Bench } from './bench.ts';
import { missing } from './meeting.ts';
import { SimulatedMeeting, type SimulatedMeetingOptions, wordsIn } from './support/simulated-meeting.ts';
import { audienceOf, person } from './support/views.ts';

const MINUTES = 4;
const CUTS: ScriptInput = {
  faults: [{ on: { connection: { every: 1 }, betweenMs: [7000, 27_000] }, do: 'cut' }],
  // A paraphrase would count as a lost word.
  paraphrases: false,
};

interface Situation {
  options: Omit<SimulatedMeetingOptions, 'model'>;
  pauseMs: readonly [from: number, to: number];
  words: readonly [from: number, to: number];
}

const situations: Readonly<Record<string, Situation>> = {
  starts: { options: {}, pauseMs: [1600, 8000], words: [1, 4] },
  rotations: {
    options: { maxSessionAgeMs: 17_000, script: { paraphrases: false } },
    pauseMs: [300, 4000],
    words: [3, 12],
  },
  cuts: { options: { script: CUTS }, pauseMs: [1500, 6000], words: [3, 12] },
};

export const lossBench: Bench = {
  key: 'loss',
  about: 'words lost at the start of speech, where sessions are changed, and where they are cut',
  repetitions: 3,
  async run(repetition) {
    const lost: Record<string, number> = {};
    let finals = 1;
    for (const model of [qwen3, qwen35, qwen38]) {
      for (const [name, situation] of Object.entries(situations)) {
        const found = await loseIn(situation, model, repetition + 1);
        lost[name] = (lost[name] ?? 0) + found.words;
        finals = farthestFromOne([finals, found.finals]);
      }
    }
    const words = Object.values(lost).reduce((sum, some) => sum + some, 0);
    return { words, finals, ...lost };
  },
};

async function loseIn(
  { options, pauseMs, words }: Situation,
  { id: model }: Pick<Model, 'id'>,
  seed: number,
): Promise<{ words: number; finals: number }> {
  const meeting = await SimulatedMeeting.start([person('ann'), ...audienceOf('es')], { model, seed, ...options });
  const random = new Random(seed);
  const ann = meeting.speaker('ann');
  while (meeting.clock.now() < MINUTES * 60_000)
    await meeting.utters(ann, meeting.words(random.between(...words)), random.between(...pauseMs));
  await meeting.passTime(60_000);
  meeting.close();
  const read = [meeting.captions('en').originals, meeting.captions('es').translations];
  return {
    words: read.reduce((sum, captions) => sum + missing(ann.said, wordsIn(captions)), 0),
    finals: farthestFromOne(read.map(finalsEach)),
  };
}

/** The number of finals of an utterance that is farthest from 1. */
export function finalsEach(captions: readonly OutgoingCaption[]): number {
  const utterances = Map.groupBy(captions, ({ utterance }) => utterance);
  return farthestFromOne([...utterances.values()].map((all) => all.filter(({ final }) => final).length));
}

const farthestFromOne = (counts: readonly number[]): number =>
  counts.reduce((farthest, count) => (Math.abs(count - 1) > Math.abs(farthest - 1) ? count : farthest), 1);
