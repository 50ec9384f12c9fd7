/** Compares the cost of a meeting with that of an oracle, which sends all speech exactly once, into exactly the languages that were wanted. */

import type { UsageEntry } from '@mediasoup-booth/protocol';
import { endpoints, type Model } from '../config/models.ts';
import { cost, type Pricing, pricingOf } from '../config/prices.ts';
import type { Bench } from './bench.ts';
import { type HeldMeeting, MODEL, meetingOfSeed } from './meeting.ts';

/** The speech of one speaker while somebody wanted it in a language. */
export interface WantedSpeech {
  speaker: string;
  language: string;
  speechMs: number;
}

export interface MeetingCost {
  /** The cost of the meeting, in the currency of the prices. */
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

/** The cost by the model's international prices. */
export const moneyOf = ({ taken, wanted }: Pick<HeldMeeting, 'taken' | 'wanted'>): MeetingCost =>
  meetingCost(taken, wanted, MODEL, pricingOf(MODEL, endpoints.international));

/** Seconds of audio sent, including silence, for each second of wanted speech. */
function sentRatio({ taken, wanted }: HeldMeeting): number {
  const sentMs = taken.flatMap((entry) => Object.values(entry.sentMs));
  return sum(sentMs) / sum(wanted.map(({ speechMs }) => speechMs));
}

/**
 * The oracle also pays for the output that results from speech which was sent once.
 *
 * @throws {RangeError} if the model's rates or prices are unknown
 */
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
