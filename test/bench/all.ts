/** The benchmarks there are, in the order in which they run. */
import type { Bench } from './bench.ts';
import { delayBench } from './delay.ts';
import { engine } from './engine.ts';

export const benches: readonly Bench[] = [delayBench, engine];
