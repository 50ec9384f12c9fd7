/**
 * The tests of rooms that are interpreted in process, on the oldest mediasoup that the interpreter's package names: its JavaScript, and its
 * own media worker, which is compiled once and takes minutes then.
 */
import * as mediasoup from 'mediasoup';
import { expect, it, vi } from 'vitest';
import { oldestVersion } from '../support/oldest-mediasoup.ts';
import '../integration/in-process.test.ts';
import '../integration/in-process-media.test.ts';
import '../integration/in-process-playout.test.ts';

vi.mock('mediasoup', async () => (await import('../support/oldest-mediasoup.ts')).oldestMediasoup());

it('is the lower end of the range', async () => {
  expect(mediasoup.version).toBe(oldestVersion);
  const worker = await mediasoup.createWorker();
  expect((await worker.dump()).pid).toBe(worker.pid);
  worker.close();
});
