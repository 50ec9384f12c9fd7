/** Measures what people cost who are in the room and say nothing: more and more of them, while the same two speak. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { APART, LoadedBooth } from './support/load/loaded-booth.ts';
import { slope } from './support/load/slope.ts';

const SPEAKERS = 2;
const PARTICIPANTS = [2, 8, 32, 128];
/** Longer before the first window, in which code is still compiled. */
const WARM_UP_MS = 15_000;
const SETTLE_MS = 5000;
const WINDOW_S = 10;

export const growthBench: Bench = {
  key: 'growth',
  about: `what silent people cost: ${PARTICIPANTS.join(', ')} participants, of whom ${SPEAKERS} speak`,
  repetitions: 1,
  async run() {
    // One track for each speaker would be published for the silent, too, and an interpreter may publish 64.
    const booth = await LoadedBooth.start({ cores: APART, tracks: 'mixed' });
    try {
      await booth.listen('one', 'es');
      for (let i = 0; i < SPEAKERS; i++) await booth.speak('one');
      await delay(WARM_UP_MS);
      const points: { silent: number; cpu: number; residentMB: number }[] = [];
      let silent = 0;
      for (const participants of PARTICIPANTS) {
        for (; silent < participants - SPEAKERS; silent++) await booth.attend('one');
        await delay(SETTLE_MS);
        const { interpreters: cpu, residentMB } = await booth.measure(WINDOW_S);
        points.push({ silent, cpu, residentMB });
      }
      const [first, last] = [points[0], points.at(-1)];
      return {
        cpuPerSilent: slope(points.map(({ silent, cpu }) => [silent, cpu])),
        rss: (last?.residentMB ?? 0) - (first?.residentMB ?? 0),
        ...Object.fromEntries(points.map(({ silent, cpu }) => [`cpu.${silent + SPEAKERS}`, cpu])),
      };
    } finally {
      await booth.close();
    }
  },
};
