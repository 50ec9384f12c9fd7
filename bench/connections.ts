/**
 * Measures how a meeting uses an account that may open eight connections per minute: the most connections in any minute, and how long
 * speech waits for a session. Speech that finds a session ready counts as a wait of 0.
 */
import { type Bench, percentile } from './bench.ts';
import { meetingOfSeed } from './meeting.ts';

export const connectionsBench: Bench = {
  key: 'connections',
  about: 'connections that this meeting takes, and who waits for one',
  repetitions: 3,
  async run(repetition) {
    const { connections, waits } = await meetingOfSeed(repetition);
    return {
      perMinute: connections.perMinute,
      total: connections.total,
      'wait.p50': percentile(waits, 0.5),
      'wait.p95': percentile(waits, 0.95),
      'wait.max': Math.max(0, ...waits),
    };
  },
};
