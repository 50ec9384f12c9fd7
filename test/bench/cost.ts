/** What a meeting cost against an oracle that sends exactly what was said, once, into exactly the languages that were wanted. Pure. */
import type { Model } from '../../config/models.ts';
import { cost, type Pricing } from '../../config/prices.ts';
import type { UsageEntry } from '../../protocol/usage.ts';

/** What one speaker said while one language of it was wanted. */
export interface WantedSpeech {
  speaker: string;
  language: string;
  speechMs: number;
}

export interface MeetingCost {
  /** In the currency of the prices. */
  money: number;
  oracle: number;
  ratio: number;
}

/** What comes out of speech that was sent once is paid for by the oracle too. @throws {RangeError} where prices are not known */
export function meetingCost(
  taken: readonly UsageEntry[],
  wanted: readonly WantedSpeech[],
  { rates }: Pick<Model, 'rates'>,
  pricing: Pricing,
): MeetingCost {
  if (!rates || !pricing || pricing === 'free') throw new RangeError('money needs a model with rates and prices');
  const priced = (tokens: Parameters<typeof cost>[0]): number => cost(tokens, pricing) ?? 0;
  const money = sum(taken.map(({ tokens }) => priced(tokens)));
  const output = sum(
    taken.map(({ sentMs, tokens: { outputText, outputAudio } }) => {
      const once = sentMs.speech / Math.max(1, sentMs.speech + sentMs.repeated);
      return priced({ outputText, outputAudio }) * once;
    }),
  );
  const speechSeconds = sum(wanted.map(({ speechMs }) => speechMs)) / 1000;
  const oracle = priced({ inputAudio: speechSeconds * rates.audioInPerSecond }) + output;
  return { money, oracle, ratio: money / oracle };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
