/** A process with a UDP socket that it never reads: what is sent there costs its sender what it costs anyway, and nobody anything else. */
import { createSocket } from 'node:dgram';
import { endWithParent } from '../../../process/parent-watchdog.mjs';

export interface FromDeafSocket {
  port: number;
}

endWithParent();
const socket = createSocket('udp4');
socket.bind(0, '127.0.0.1', () => {
  const { port } = socket.address();
  process.send?.({ port } satisfies FromDeafSocket, () => {
    const parent = process.ppid;
    const never = new Int32Array(new SharedArrayBuffer(4));
    // Whoever started it may end without a word, which nothing else in this process would notice.
    while (process.ppid === parent) Atomics.wait(never, 0, 0, 500);
    process.exit();
  });
});
