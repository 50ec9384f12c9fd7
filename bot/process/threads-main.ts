/**
 * The process that interprets many rooms of a server, each in one of its threads. Its arguments are what `InterpreterThreads` passes; rooms,
 * with tokens and keys, come over IPC. Its main thread only passes messages on. The process ends at SIGTERM, when all rooms were left, and when
 * its parent is gone, whatever it is doing.
 */
import { openParentLog } from '../../process/parent-log.ts';
import { endWithParent } from '../../process/parent-watchdog.mjs';
import { systemClock } from '../../time/clock.ts';
import { ALIVE_EVERY_MS } from './interpreter-ipc.ts';
import { RoomThreads } from './room-threads.ts';
import type { ProcessOrder, ThreadsMessage } from './threads-ipc.ts';

/** Time for the last messages and log lines to be written before the process exits, and for sockets to be closed. */
const EXIT_AFTER_MS = 200;

endWithParent();
const [threads = '1', maxHeapMb = '1024', logLevel = 'info', file] = process.argv.slice(2);
const log = openParentLog(logLevel, 'interpreter');
const roomThreads = new RoomThreads({
  threads: Number(threads),
  maxHeapMb: Number(maxHeapMb),
  clock: systemClock,
  log,
  send,
  writeLog: (line) => void process.stderr.write(`${line}\n`),
  ...(file !== undefined && { file: new URL(file) }),
});
let stopping = false;
process.once('disconnect', () => void stop());
process.once('SIGTERM', () => void stop());
// Ctrl-C reaches the whole process group. The parent decides what it means, and sends SIGTERM.
process.on('SIGINT', () => {});
process.on('message', (order: ProcessOrder) => {
  if (order.type === 'prepare') roomThreads.prepare();
  else if (order.type === 'open') roomThreads.open(order.room, order.assignment);
  else roomThreads.close(order.room);
});
setInterval(() => send({ type: 'alive' }), ALIVE_EVERY_MS).unref();

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await roomThreads.stop();
  setTimeout(() => process.exit(), EXIT_AFTER_MS);
}

function send(message: ThreadsMessage): void {
  // A parent that is gone is noticed by `disconnect`.
  if (process.connected) process.send?.(message, () => {});
}
