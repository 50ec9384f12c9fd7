/** Amounts of usage that add up. Pure; loads no schemas, so that a process which only shows usage starts quickly. */
import type { UsageTotals } from '@mediasoup-booth/protocol';

export const emptyTotals = (): UsageTotals => ({
  sentMs: { speech: 0, replayed: 0, silence: 0 },
  pictures: 0,
  tokens: { inputAudio: 0, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total: 0 },
});

export function addTotals(sum: UsageTotals, { sentMs, pictures, tokens }: UsageTotals): void {
  sum.pictures += pictures;
  for (const key of Object.keys(sentMs) as (keyof UsageTotals['sentMs'])[]) sum.sentMs[key] += sentMs[key];
  for (const key of Object.keys(tokens) as (keyof UsageTotals['tokens'])[]) sum.tokens[key] += tokens[key];
}
