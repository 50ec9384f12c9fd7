/** Interpreters that are placed on workers: what happens to a meeting when one is killed, or stopped, or there is none. */
import { expect, it } from 'vitest';
import { runBooth } from '../support/booth-process.ts';
import { call, connect, person, type TestClient, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';
import { TalkingRoom, TestCluster } from '../support/worker-meeting.ts';

/** On a computer that is too busy to start an interpreter in time, another takes as long again as the first. */
const BACK_WITHIN_MS = 5000;

it('has another worker take over within 5 s when one is killed, and says nothing twice', async () => {
  const cluster = await TestCluster.start();
  const workers = await Promise.all([cluster.worker(), cluster.worker()]);
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
  for (const ms of [joinedMs, heardMs]) expect(ms).toBeLessThan(Math.max(BACK_WITHIN_MS, 2 * firstMs));

  await room.translates();
  expect(room.most).toEqual({ interpreters: 1, voices: 1 });
  expect(room.saidTwice()).toEqual([]);
  const after = await room.transcript();
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.length).toBeGreaterThan(before.length);
});

it('refuses a worker that slept longer than its lease, and never lets two speak', async () => {
  const cluster = await TestCluster.start();
  const workers = await Promise.all([cluster.worker(), cluster.worker()]);
  const room = await TalkingRoom.open(cluster);
  await room.isHeard();
  const { worker, fence } = await cluster.leaseWhen('hall', ({ state }) => state === 'running');
  const asleep = workers.find(({ id }) => id === worker);
  asleep?.signal('SIGSTOP');
  await cluster.leaseWhen('hall', (lease) => lease.worker !== worker && lease.state === 'running');
  await room.isHeard();
  const [{ id, joined }] = [{ id: room.interpreters[0]?.id, joined: cluster.told.length }];

  asleep?.signal('SIGCONT');
  await until(() => /"reason":"(lost|silenced)"/.test(asleep?.running.output.stderr ?? ''));
  await room.translates();
  await room.translates();
  expect(room.most).toEqual({ interpreters: 1, voices: 1 });
  expect(room.saidTwice()).toEqual([]);
  expect(room.interpreters.map((one) => one.id)).toEqual([id]);
  expect(await cluster.lease('hall')).toMatchObject({ fence: fence + 1, state: 'running' });
  expect(cluster.told.slice(joined)).toEqual([]);
});

it('names the setting that a worker lacks', async () => {
  const { exitCode, stderr } = await runBooth(['worker']);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('BOOTH_REDIS_URL')]);
});

it('tells people their place in the queue while no worker has room, and interprets as soon as one has', async () => {
  const cluster = await TestCluster.start();
  const watch = async (room: string) => {
    const token = tokenOf(person('ana', { room }));
    return (await connect(cluster.server, token)).join({ hears: 'es' });
  };
  const isTold = (client: TestClient, place: number, message: RegExp) =>
    client.hears('room.updated', ({ room: { interpretation } }) => {
      return interpretation.queuePlace === place && message.test(interpretation.message ?? '');
    });
  const first = await watch('one');
  await isTold(first, 1, /No computer/);
  await cluster.worker({ env: { BOOTH_WORKER_CAPACITY: '1' } });
  await cluster.leaseWhen('one', ({ state }) => state === 'running');
  const second = await watch('two');
  await isTold(second, 1, /number 1 in the queue/);
  const third = await watch('three');
  await isTold(third, 2, /number 2 in the queue/);

  const token = tokenOf(person('admin', { grants: ['admin'] }));
  await call(cluster.server, 'DELETE', '/v1/rooms/one', { token });
  await cluster.leaseWhen('two', ({ state }) => state === 'running');
  await isTold(third, 1, /number 1 in the queue/);
});
