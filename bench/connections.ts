/**
 * What a meeting takes of an account's connections, where eight in any minute are granted: the most in a minute, and how long a
 * voice waits for a session. Voices that find one ready count too.
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
