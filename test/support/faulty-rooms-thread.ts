/**
 * The thread of interpreters, which fails when a test says so: a file named after the interpreter of one of its rooms says how, and whether for
 * that time alone.
 */
import { readFileSync, rmSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import '../../bot/process/rooms-thread.ts';
import type { RoomOrder } from '../../bot/process/threads-ipc.ts';
import { type Fault, faultFile, interpreterOf } from './room-fault.ts';

const LOOK_EVERY_MS = 20;

parentPort?.on('message', (order: RoomOrder) => {
  if (order.type !== 'open') return;
  const file = faultFile(interpreterOf(order.assignment.token));
  setInterval(() => {
    const fault = read(file);
    if (!fault) return;
    if (!fault.always) rmSync(file, { force: true });
    fail(fault);
  }, LOOK_EVERY_MS);
});

function read(file: string): Fault | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Fault;
  } catch {
    return undefined;
  }
}

function fail({ how }: Fault): void {
  if (how === 'throws') throw new Error('a defect');
  const held: unknown[] = [];
  while (how === 'hangs' || held.length >= 0) if (how === 'hoards') held.push(new Array(1_000_000).fill('x'));
}
