/** The targets of the benchmark's figures, by name. Times in milliseconds, shares from 0 to 1. */
import type { Reach } from './bench.ts';

export const targets: Readonly<Record<string, Reach>> = {
  'delay.total.p95': { atMost: 150 },
  'delay.in.p95': { atMost: 60 },
  'delay.out.p95': { atMost: 60 },
  'lag.p95': { atMost: 4000 },
  'lag.skipped': { atMost: 0.02 },
  'lag.underruns': { atMost: 0 },
  'captions.erased': { atMost: 0 },
  'captions.stable.p50': { atMost: 1000 },
  'captions.corrected': { atMost: 0.05 },
  'loss.words': { atMost: 0 },
  'loss.finals': { atLeast: 1, atMost: 1 },
  'cost.ratio': { atMost: 1.25 },
  'cost.lost': { atMost: 0 },
  'connections.perMinute': { atMost: 8 },
  'connections.wait.p95': { atMost: 2000 },
  'pictures.ratio': { atMost: 0.1 },
  'pictures.missed': { atMost: 0 },
  'engine.rtf': { atMost: 0.4 },
  'engine.latency.p50': { atMost: 1200 },
  'engine.wer': { atMost: 0.18 },
  'quiet.cost': { atMost: 0.03 },
  'widget.captions': { atMost: 15_000 },
  'widget.full': { atMost: 100_000 },
};
