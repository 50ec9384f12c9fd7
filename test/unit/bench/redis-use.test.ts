/** What the benchmark reads of a Redis server's own counts. */
import { expect, it } from 'vitest';
import { callsBetween, callsIn } from '../../../bench/support/load/redis.ts';

const info = `# Commandstats
cmdstat_evalsha:calls=120,usec=4100,usec_per_call=34.17,rejected_calls=0,failed_calls=0
cmdstat_client|setinfo:calls=2,usec=9,usec_per_call=4.50,rejected_calls=0,failed_calls=0
cmdstat_info:calls=9,usec=900,usec_per_call=100.00,rejected_calls=0,failed_calls=0
cmdstat_get:calls=80,usec=160,usec_per_call=2.00,rejected_calls=0,failed_calls=0`;

it('counts the calls of each command, and not what was asked to count them', () => {
  expect(callsIn(info)).toEqual({ evalsha: 120, 'client|setinfo': 2, get: 80 });
});

it('adds up what came between two moments, of commands that were not called before, too', () => {
  const [before, after] = [callsIn(info), { ...callsIn(info), get: 100, xadd: 5 }];
  expect(callsBetween({ calls: before, cpuSeconds: 1 }, { calls: after, cpuSeconds: 2 })).toBe(25);
});
