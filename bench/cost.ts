/** What a meeting cost against an oracle that sends exactly what was said, once, into exactly the languages that were wanted. */
import { endpoints, type Model } from '../config/models.ts';
import { cost, type Pricing, pricingOf } from '../config/prices.ts';
import type { UsageEntry } from '../protocol/usage.ts';
import type { Bench } from './bench.ts';
import { type HeldMeeting, MODEL, meetingOfSeed } from './meeting.ts';

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

export const costBench: Bench = {
  key: 'cost',
  about: 'money against the least possible: eight people, four languages',
  repetitions: 3,
  async run(repetition) {
    const held = await meetingOfSeed(repetition);
    return { ratio: moneyOf(held).ratio, sent: sentRatio(held), lost: held.words.unheard + held.words.unread };
  },
};

/** By the model's international prices. */
export const moneyOf = ({ taken, wanted }: Pick<HeldMeeting, 'taken' | 'wanted'>): MeetingCost =>
  meetingCost(taken, wanted, MODEL, pricingOf(MODEL, endpoints.international));

/** Sound that was sent, silence and all, for each second of wanted speech. */
function sentRatio({ taken, wanted }: HeldMeeting): number {
  const sentMs = taken.flatMap((entry) => Object.values(entry.sentMs));
  return sum(sentMs) / sum(wanted.map(({ speechMs }) => speechMs));
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
      const once = sentMs.speech / Math.max(1, sentMs.speech + sentMs.replayed);
      return priced({ outputText, outputAudio }) * once;
    }),
  );
  const speechSeconds = sum(wanted.map(({ speechMs }) => speechMs)) / 1000;
  const oracle = priced({ inputAudio: speechSeconds * rates.audioInPerSecond }) + output;
  return { money, oracle, ratio: money / oracle };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
