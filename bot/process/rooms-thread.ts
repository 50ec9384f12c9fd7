/**
 * A thread of the process that interprets a server's rooms: an interpreter for each room that is given to it. What is thrown here and not
 * caught ends the thread with all its rooms; they go on in another (`room-threads.ts`).
 */
import { isMainThread, parentPort } from 'node:worker_threads';
import { messageOf } from '@mediasoup-booth/protocol';
import { jsonLinesLogger } from '../../logging/json-lines.ts';
import { every, systemClock } from '../../time/clock.ts';
import type { InterpreterAssignment } from './interpreter-ipc.ts';
import { runAssignment } from './run-assignment.ts';
import { ROOMS_ALIVE_EVERY_MS, type RoomOrder, type RoomsThreadMessage } from './threads-ipc.ts';

if (isMainThread || !parentPort) throw new Error('this file runs in a worker thread');
const port = parentPort;
const rooms = new Map<number, AbortController>();

port.on('message', (order: RoomOrder) => {
  if (order.type === 'open') void open(order.room, order.assignment);
  else rooms.get(order.room)?.abort();
});
every(systemClock, ROOMS_ALIVE_EVERY_MS, () => send({ type: 'alive' }));
send({ type: 'started' });

async function open(room: number, assignment: InterpreterAssignment): Promise<void> {
  const stopping = new AbortController();
  rooms.set(room, stopping);
  try {
    await runAssignment(assignment, {
      signal: stopping.signal,
      openLog: (level, ids) =>
        jsonLinesLogger(level, { part: 'interpreter', ...ids }, (line) => send({ type: 'log', line })),
      onRunning: () => send({ type: 'running', room }),
      onLost: (reason) => send({ type: 'lost', room, reason }),
    });
    send({ type: 'closed', room });
  } catch (error) {
    send({ type: 'failed', room, reason: messageOf(error) });
  }
  rooms.delete(room);
}

function send(message: RoomsThreadMessage): void {
  port.postMessage(message);
}
