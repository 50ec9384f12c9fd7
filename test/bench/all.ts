/** The benchmarks there are, in the order in which they run. */
import type { Bench } from './bench.ts';
import { connectionsBench } from './connections.ts';
import { costBench } from './cost.ts';
import { delayBench } from './delay.ts';
import { engine } from './engine.ts';
import { lagBench } from './lag.ts';

export const benches: readonly Bench[] = [delayBench, lagBench, costBench, connectionsBench, engine];
