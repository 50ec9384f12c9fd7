/** Usage in the form of the REST API: seconds, tokens and money for each kind of usage, which add up to the totals. Pure. */

import type {
  AccountUsage,
  CostEstimate,
  RoomUsage,
  UsageEntry,
  UsageKind,
  UsageSum,
  UsageTotals,
} from '@mediasoup-booth/protocol';
import type { Model } from '../config/models.ts';
import { cost, hourlyCost, type PricedTokens, type Pricing } from '../config/prices.ts';
import { emptyTotals } from './usage-totals.ts';

export type PricedModel = Pick<Model, 'id' | 'rates'>;

export interface DayOfRoom {
  room: string;
  day: string;
  entries: readonly UsageEntry[];
}

export interface DayOfAccount {
  day: string;
  rooms: ReadonlyMap<string, UsageTotals>;
  total: UsageTotals;
}

export function roomUsage({ room, day, entries }: DayOfRoom, model: PricedModel, pricing: Pricing): RoomUsage {
  const interpretations = entries.map(({ speaker, language, ...usage }) => ({
    speaker,
    language,
    ...usageSum(usage, pricing),
  }));
  const total = interpretations.reduce(plus, usageSum(emptyTotals(), pricing));
  return { room, day, ...priceSource(pricing), note: moneyNote(model, pricing), total, interpretations };
}

export const accountUsage = (
  { day, rooms, total }: DayOfAccount,
  model: PricedModel,
  pricing: Pricing,
): AccountUsage => ({
  day,
  ...priceSource(pricing),
  note: moneyNote(model, pricing),
  total: usageSum(total, pricing),
  rooms: [...rooms].map(([room, { tokens }]) => ({ room, tokens: tokens.total, ...money(tokens, pricing) })),
});

/** The estimated cost of an hour, shown before an interpreter is launched. */
export function estimate(model: PricedModel, pricing: Pricing): CostEstimate {
  const perHour = hourlyCost(model, pricing);
  return {
    ...(perHour && { perHour: { voice: cents(perHour.voice), captions: cents(perHour.captions) } }),
    ...priceSource(pricing),
    note: perHour
      ? `${moneyNote(model, pricing)} An hour is one of speech, by one person into one language: silence is not sent.`
      : moneyNote(model, pricing),
  };
}

export function usageSum({ sentMs, pictures, tokens }: UsageTotals, pricing: Pricing): UsageSum {
  const sent = audioTokens(sentMs, tokens.inputAudio);
  const audio = (ms: number, inputAudio: number) => ({
    seconds: ms / 1000,
    ...kind({ inputAudio }, inputAudio, pricing),
  });
  const text = tokens.inputText + tokens.outputText;
  const kinds: Record<UsageKind, UsageSum['kinds'][UsageKind]> = {
    speech: audio(sentMs.speech, sent.speech),
    padding: audio(sentMs.silence, sent.silence),
    replayed: audio(sentMs.replayed, sent.replayed),
    picture: { count: pictures, ...kind({ inputImage: tokens.inputImage }, tokens.inputImage, pricing) },
    text: kind({ outputText: tokens.outputText }, text, pricing),
    voice: kind({ outputAudio: tokens.outputAudio }, tokens.outputAudio, pricing),
  };
  const seconds = (sentMs.speech + sentMs.silence + sentMs.replayed) / 1000;
  return { seconds, tokens: tokens.total, ...money(tokens, pricing), kinds };
}

/** Divides the audio tokens among what was sent, in whole tokens that add up to all of them. */
function audioTokens(sentMs: UsageTotals['sentMs'], inputAudio: number): UsageTotals['sentMs'] {
  const allMs = sentMs.speech + sentMs.silence + sentMs.replayed;
  const share = (ms: number): number => (allMs > 0 ? Math.floor((inputAudio * ms) / allMs) : 0);
  const [silence, replayed] = [share(sentMs.silence), share(sentMs.replayed)];
  return { speech: inputAudio - silence - replayed, silence, replayed };
}

function plus(a: UsageSum, b: UsageSum): UsageSum {
  const names = Object.keys(a.kinds) as UsageKind[];
  const kinds = names.map((name) => [name, added(a.kinds[name], b.kinds[name])] as const);
  return { ...added(a, b), seconds: a.seconds + b.seconds, kinds: Object.fromEntries(kinds) as UsageSum['kinds'] };
}

/** The sum of two amounts, whose optional fields are either set in both or in neither. */
function added(a: Used, b: Used): Used {
  return {
    ...(a.seconds !== undefined && { seconds: a.seconds + (b.seconds ?? 0) }),
    ...(a.count !== undefined && { count: a.count + (b.count ?? 0) }),
    tokens: a.tokens + b.tokens,
    ...(a.money !== undefined && { money: a.money + (b.money ?? 0) }),
  };
}

type Used = UsageSum['kinds'][UsageKind];

const kind = (priced: PricedTokens, tokens: number, pricing: Pricing) => ({ tokens, ...money(priced, pricing) });

function money(tokens: PricedTokens, pricing: Pricing): { money?: number } {
  const amount = cost(tokens, pricing);
  return amount === undefined ? {} : { money: amount };
}

function priceSource(pricing: Pricing): Pick<CostEstimate, 'prices'> {
  if (!pricing || pricing === 'free') return {};
  const { currency, asOf, source } = pricing;
  return { prices: { currency, asOf, source } };
}

export function moneyNote({ id }: PricedModel, pricing: Pricing): string {
  if (pricing === 'free') return 'The offline engine costs nothing.';
  if (!pricing) return `What ${id} costs at its endpoint is not known to Booth: tokens are counted, money is not.`;
  return `Money in ${pricing.currency}: ${pricing.source}, ${pricing.asOf}.`;
}

const cents = (amount: number): number => Math.round(amount * 100) / 100;
