/**
 * An interpreter in a process of its own. The assignment comes over IPC, so that no token or key stands in a command line or an
 * environment; logs go to stderr. The process ends at SIGTERM, and when its parent is gone, whatever it is doing.
 */

import { messageOf } from '@mediasoup-booth/protocol';
import { openParentLog } from '../../process/parent-log.ts';
import { endWithParent } from '../../process/parent-watchdog.mjs';
import {
  ALIVE_EVERY_MS,
  type InterpreterAssignment,
  type InterpreterMessage,
  type ParentMessage,
} from './interpreter-ipc.ts';
import { runAssignment } from './run-assignment.ts';

/** Time for the last message and log lines to be written before the process exits. */
const EXIT_AFTER_MS = 500;

endWithParent();
const stopping = new AbortController();
const stop = () => stopping.abort();
process.once('disconnect', stop);
process.once('SIGTERM', stop);
// Ctrl-C reaches the whole process group. The parent decides what it means, and sends SIGTERM.
process.on('SIGINT', () => {});
process.once('message', (message: ParentMessage) => void run(message.assignment));
setInterval(() => send({ type: 'alive', memoryMb: process.memoryUsage.rss() / 2 ** 20 }), ALIVE_EVERY_MS).unref();

async function run(assignment: InterpreterAssignment): Promise<void> {
  try {
    await runAssignment(assignment, {
      signal: stopping.signal,
      openLog: (level, ids) => openParentLog(level, 'interpreter', ids),
      onRunning: () => send({ type: 'running' }),
      onLost: (reason) => send({ type: 'lost', reason }),
    });
  } catch (error) {
    send({ type: 'failed', reason: messageOf(error) });
    process.exitCode = 1;
  }
  // Sockets that werift has not closed would keep the process running.
  setTimeout(() => process.exit(), EXIT_AFTER_MS).unref();
  if (process.connected) process.disconnect();
}

function send(message: InterpreterMessage): void {
  if (process.connected) process.send?.(message);
}
