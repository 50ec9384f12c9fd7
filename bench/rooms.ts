/** Measures what one more room costs, with somebody who speaks and somebody who listens, and the same room while nobody speaks. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { APART, LoadedBooth } from './support/load/loaded-booth.ts';

const MORE_ROOMS = 4;
const WARM_UP_MS = 10_000;
const WINDOW_S = 10;

export const roomsBench: Bench = {
  key: 'rooms',
  about: `what one more room costs, idle and active: ${MORE_ROOMS} beside one`,
  repetitions: 1,
  async run() {
    const booth = await LoadedBooth.start({ cores: APART });
    try {
      await booth.listen('first', 'es');
      const first = await booth.speak('first');
      await delay(WARM_UP_MS);
      const one = await booth.measure(WINDOW_S);
      // A speaker's cost changes by more from one window to the next than an idle room has.
      first.leave();
      const speakers = [await booth.attend('first')];
      await delay(WARM_UP_MS);
      const quiet = await booth.measure(WINDOW_S);
      for (let i = 0; i < MORE_ROOMS; i++) {
        await booth.listen(`more-${i}`, 'es');
        speakers.push(await booth.attend(`more-${i}`));
      }
      await delay(WARM_UP_MS);
      const idle = await booth.measure(WINDOW_S);
      for (const speaker of speakers) speaker.speak();
      await delay(WARM_UP_MS);
      const active = await booth.measure(WINDOW_S);
      return {
        rssPerRoomMB: (active.residentMB - one.residentMB) / MORE_ROOMS,
        rssIdleMB: (idle.residentMB - quiet.residentMB) / MORE_ROOMS,
        cpuIdle: (idle.interpreters - quiet.interpreters) / MORE_ROOMS,
        cpuActive: (active.interpreters - one.interpreters) / MORE_ROOMS,
        processes: booth.interpreters.length,
      };
    } finally {
      await booth.close();
    }
  },
};
