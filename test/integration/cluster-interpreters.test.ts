/** Interpreters that are placed on workers: what happens to a meeting when one is killed, or stopped, or there is none. */
import { expect, it } from 'vitest';
import { TalkingRoom, TestCluster } from '../support/worker-meeting.ts';

/** On a computer that is too busy to start an interpreter in time, another takes as long again as the first. */
const BACK_WITHIN_MS = 5000;

it('has another worker take over within 5 s when one is killed, and says nothing twice', async () => {
  const cluster = await TestCluster.start();
  const workers = [await cluster.worker(), await cluster.worker()];
  const startedMs = performance.now();
  const room = await TalkingRoom.open(cluster);
  await room.isHeard();
  const firstMs = performance.now() - startedMs;
  await room.translates();
  const before = await room.transcript();

  const { worker, fence } = await cluster.leaseWhen('hall', ({ state }) => state === 'running');
  const killed = workers.find(({ id }) => id === worker);
  const killedMs = performance.now();
  killed?.signal('SIGKILL');
  const next = await cluster.leaseWhen('hall', (lease) => lease.worker !== worker);
  await cluster.leaseWhen('hall', (lease) => lease.worker !== worker && lease.state === 'running');
  const joinedMs = performance.now() - killedMs;
  await room.isHeard();
  const heardMs = performance.now() - killedMs;
  console.log(`first heard after ${firstMs} ms; after the kill: in the room ${joinedMs} ms, heard ${heardMs} ms`);
  expect(next.fence).toBeGreaterThan(fence);
  expect(joinedMs).toBeLessThan(Math.max(BACK_WITHIN_MS, 2 * firstMs));

  await room.translates();
  expect(room.most).toEqual({ interpreters: 1, voices: 1 });
  expect(room.saidTwice()).toEqual([]);
  const after = await room.transcript();
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.length).toBeGreaterThan(before.length);
});
