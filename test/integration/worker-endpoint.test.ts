/** What a worker answers over HTTP, to Prometheus and to whoever asks whether it takes rooms. */
import { expect, it, onTestFinished } from 'vitest';
import { WorkerEndpoint } from '../../cluster/worker-endpoint.ts';
import type { WorkerView } from '../../cluster/worker-load.ts';

const busy: WorkerView = {
  id: 'worker',
  host: 'a-computer',
  rooms: 30,
  capacity: 40,
  maxCpu: 0.85,
  newRooms: 0,
  draining: false,
  cpu: 0.5,
  cores: 2,
  eventLoopDelayMs: 12,
  freeMemoryMb: 2048,
};

async function open() {
  const worker = { view: busy, isRedisReady: true };
  const endpoint = await WorkerEndpoint.open({
    host: '127.0.0.1',
    port: 0,
    view: () => worker.view,
    isRedisReady: () => worker.isRedisReady,
  });
  onTestFinished(() => endpoint.close());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${endpoint.port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return { worker, get };
}

it('counts what it does at the moment of the question', async () => {
  const { worker, get } = await open();
  const { text } = await get('/metrics');
  expect(text).toContain('booth_worker_rooms 30\n');
  expect(text).toContain('booth_worker_capacity 40\n');
  expect(text).toContain('booth_worker_load_ratio 0.75\n');
  expect(text).toContain('booth_worker_event_loop_delay_seconds 0.012\n');
  expect(text).toContain('process_cpu_seconds_total');
  worker.view = { ...busy, rooms: 40 };
  expect((await get('/metrics')).text).toContain('booth_worker_load_ratio 1\n');
});

it('says why it takes no rooms', async () => {
  const { worker, get } = await open();
  expect(await get('/readyz')).toEqual({ status: 200, text: '{"ready":true,"reasons":[]}' });
  worker.isRedisReady = false;
  expect(await get('/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('Redis cannot be reached') });
  worker.isRedisReady = true;
  worker.view = { ...busy, draining: true };
  expect(await get('/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('is being stopped') });
  expect(await get('/healthz')).toMatchObject({ status: 200 });
});

it('has nothing else to be asked for', async () => {
  const { get } = await open();
  expect((await get('/v1/rooms')).status).toBe(404);
  expect((await get('/')).status).toBe(404);
});
