/** Servers side by side under talk: deployed one after the other, and without Redis for a minute. None is said twice. */
import { describe, expect, it } from 'vitest';
import { interpretedCluster, lostOf, transcribed } from '../support/cluster-talk.ts';
import { person, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

const FIRST_MS = 1000;
const OPEN_WITHIN = 'cannot be opened at this moment';

describe('servers side by side under talk', () => {
  it('lose no sentence when three are deployed one after the other', async () => {
    const { cluster, talker } = await interpretedCluster(3);
    talker.start({ inMs: FIRST_MS });
    // A meeting of which nothing is written yet would begin anew at the next node.
    await expect.poll(async () => (await transcribed(cluster)).length).toBeGreaterThan(0);
    for (const node of cluster.nodes) {
      const said = talker.said;
      await until(() => talker.said > said);
      expect(await node.stop()).toBe(0);
      await node.start();
      await expect.poll(async () => (await node.readiness()).status).toBe(200);
    }
    expect(await lostOf(cluster, talker, await talker.stop())).toEqual([]);
  });

  it('go on for a minute without Redis, open nothing, and are back by themselves', async () => {
    const { cluster, talker } = await interpretedCluster(2);
    talker.start({ inMs: FIRST_MS });
    await until(() => talker.said >= 2);
    await cluster.redis.kill();
    const before = talker.said;
    await until(() => talker.said >= before + 8, 180_000);
    const token = tokenOf(person('cas', { room: 'other', grants: ['admin'] }));
    const refused = await fetch(`${cluster.url}/v1/rooms`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'other' }),
    });
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining(OPEN_WITHIN)]);
    await cluster.redis.run();
    for (const node of cluster.nodes) await expect.poll(async () => (await node.readiness()).reasons).toEqual([]);
    expect(await lostOf(cluster, talker, await talker.stop())).toEqual([]);
  });
});
