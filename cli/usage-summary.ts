/** The usage of a session in one line for people: seconds, tokens, and money where the price is known. Pure. */
import type { TokenUsage } from '@mediasoup-booth/interpreter/livetranslate';
import type { Model } from '../config/models.ts';
import { cost, pricingOf } from '../config/prices.ts';

export interface SessionUsage {
  sentSeconds: number;
  receivedSeconds: number;
  usage: TokenUsage;
  /** Speech without an answer. Default: 0. */
  lostSeconds?: number;
}

export function usageSummary(
  { sentSeconds, receivedSeconds, usage, lostSeconds = 0 }: SessionUsage,
  model: Model,
  url: string | undefined,
): string {
  const parts = [`${sentSeconds.toFixed(1)} s of speech sent`];
  if (receivedSeconds > 0) parts.push(`${receivedSeconds.toFixed(1)} s came back`);
  if (lostSeconds > 0) parts.push(`${lostSeconds.toFixed(1)} s without an answer`);
  parts.push(describeTokens(usage));
  if (model.kind === 'cloud') parts.push(describeCost(usage, model, url));
  return parts.join(' · ');
}

const partNames = {
  inputAudio: 'speech in',
  inputImage: 'pictures in',
  inputText: 'text in',
  outputText: 'text out',
  outputAudio: 'speech out',
} as const;

function describeTokens(usage: TokenUsage): string {
  if (usage.total === undefined) return 'tokens not known';
  const parts = Object.entries(partNames).flatMap(([part, name]) => {
    const count = usage[part as keyof typeof partNames];
    return count === undefined ? [] : [`${count} ${name}`];
  });
  const detail = parts.length > 0 ? ` (${parts.join(', ')})` : '';
  return `${usage.total} tokens ${usage.estimated ? 'by estimate' : 'reported'}${detail}`;
}

function describeCost(usage: TokenUsage, model: Model, url: string | undefined): string {
  const list = pricingOf(model, url);
  const amount = costOf(usage, model, url);
  if (list === undefined || list === 'free' || amount === undefined) return 'price not known';
  return `${amount} (${list.source}, ${list.asOf})`;
}

/** Such as `USD 0.0312`; undefined where the price is not known, or there is none. */
export function costOf(usage: TokenUsage, model: Model, url: string | undefined): string | undefined {
  const list = pricingOf(model, url);
  const amount = cost(usage, list);
  return list === undefined || list === 'free' || amount === undefined
    ? undefined
    : `${list.currency} ${amount.toFixed(4)}`;
}
