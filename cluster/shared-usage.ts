/**
 * What all servers of one account use in a day: each writes its own sum, and adds up those of the others. Sums only grow, and every server
 * knows them all, so that nothing is forgotten when Redis is emptied.
 *
 * While Redis is away, a server takes it that each of the others uses as much as it does itself: the budget is rather reached too early
 * than exceeded, and what was taken too much is given back when they are heard again.
 */
import { UsageTotals } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { SharedUsage } from '../account/usage-accounting.ts';
import { addTotals, emptyTotals } from '../account/usage-totals.ts';
import type { SharedStoreOptions } from './shared-stores.ts';
import { SharedTable } from './shared-table.ts';

const KEPT_MS = 2 * 86_400_000;

const NodeUsage = z.object({ day: z.string(), node: z.string(), totals: UsageTotals });

export interface SharedUsageOptions extends SharedStoreOptions {
  /** The URL of this node. */
  node: string;
  /** How many servers there are, this one among them. */
  nodeCount: () => number;
}

export async function sharedUsage(options: SharedUsageOptions): Promise<SharedUsage> {
  const { redis, node, nodeCount, wallNow = Date.now } = options;
  const table = await SharedTable.open({ ...options, name: 'usage', schema: NodeUsage });
  const keyOf = (day: string) => `${day} ${node}`;
  /** What an earlier life of this node has used that its own ledger has lost, by day. */
  const carried = new Map<string, UsageTotals>();
  /** What this node had used when the others were heard of last, by day. */
  const heardAt = new Map<string, UsageTotals>();

  function carriedFrom(day: string, own: UsageTotals): UsageTotals {
    const known = carried.get(day);
    if (known) return known;
    const lost = difference(table.get(keyOf(day))?.totals ?? emptyTotals(), own);
    return keepFor(carried, day, lost);
  }

  return {
    others(day, own) {
      const sum = structuredClone(carriedFrom(day, own));
      for (const { day: of, node: by, totals } of table.values.values())
        if (of === day && by !== node) addTotals(sum, totals);
      if (redis.isReady) keepFor(heardAt, day, structuredClone(own));
      const unheard = difference(own, heardAt.get(day) ?? own);
      for (let other = 1; other < nodeCount(); other++) addTotals(sum, unheard);
      return sum;
    },
    save(day, own) {
      const totals = structuredClone(own);
      addTotals(totals, carriedFrom(day, own));
      void table.put(keyOf(day), { day, node, totals }, wallNow() + KEPT_MS);
    },
    onChanged(listener) {
      table.onChanged((_key, changed) => changed?.node !== node && listener());
      redis.watch({ recovered: listener });
    },
  };
}

/** Two days are kept: today and the one before. */
function keepFor(days: Map<string, UsageTotals>, day: string, totals: UsageTotals): UsageTotals {
  days.set(day, totals);
  for (const known of [...days.keys()].sort().slice(0, -2)) days.delete(known);
  return totals;
}

/** How much more each amount of one is than of another; none is less than 0. */
function difference(one: UsageTotals, other: UsageTotals): UsageTotals {
  const more = <K extends string>(a: Record<K, number>, b: Record<K, number>) =>
    Object.fromEntries(Object.entries<number>(a).map(([key, amount]) => [key, Math.max(0, amount - b[key as K])]));
  return UsageTotals.parse({
    sentMs: more(one.sentMs, other.sentMs),
    pictures: Math.max(0, one.pictures - other.pictures),
    tokens: more(one.tokens, other.tokens),
  });
}
