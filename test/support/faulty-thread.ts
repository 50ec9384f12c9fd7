/** A thread in place of the interpreter's, which fails as its setup's engine says. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadSetup } from '../../bot/in-process/thread-messages.ts';

const { model } = (workerData as ThreadSetup).engine;
parentPort?.on('message', () => {});
parentPort?.postMessage([{ type: 'running' }]);
setTimeout(() => fail(), 50);

function fail(): void {
  if (model === 'throws') throw new Error('a defect');
  const held: unknown[] = [];
  while (model === 'hangs' || held.length >= 0) if (model === 'hoards') held.push(new Array(1_000_000).fill('x'));
}
