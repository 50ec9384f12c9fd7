/** A process that receives datagrams and counts them: what Node needs for this alone, before anything is done with them. */
import { createSocket } from 'node:dgram';
import { endWithParent } from '../../../process/parent-watchdog.mjs';
import type { Counted } from './packet-receiver.ts';

/** Asks for what was counted and used so far. */
export type ToDatagramReceiver = { count: true };
export type FromDatagramReceiver = { listening: number } | Counted;

const answer = (message: FromDatagramReceiver): void => void process.send?.(message);

let packets = 0;

endWithParent();
const socket = createSocket('udp4', () => packets++);
socket.bind(0, '127.0.0.1', () => answer({ listening: socket.address().port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  answer({ counted: { packets, cpuMicroseconds: user + system } });
});
process.once('disconnect', () => process.exit());
