/**
 * A process that receives what many listeners receive, on some UDP ports, and counts the packets of sound. It decrypts nothing and answers nothing, so
 * that it takes little of the computer that is measured.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { endWithParent } from '../../../process/parent-watchdog.mjs';

export type ToListeners = { count: true };
export type FromListeners = { ports: number[] } | { arrived: number };

/** Each has a buffer of its own, so that all together hold what arrives while this process waits for the processor. */
const SOCKETS = 64;

/** By RFC 5761: the second byte is the type of an RTCP packet, or the payload type of an RTP packet, perhaps with the marker bit. */
const isRtcp = (packet: Buffer): boolean => packet.readUInt8(1) >= 192 && packet.readUInt8(1) <= 223;

const answer = (message: FromListeners): void => void process.send?.(message);

endWithParent();
let arrived = 0;
const ports: number[] = [];
for (let i = 0; i < SOCKETS; i++) {
  const socket = createSocket('udp4');
  socket.on('message', (packet) => {
    if (!isRtcp(packet)) arrived++;
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  ports.push(socket.address().port);
}
process.on('message', () => answer({ arrived }));
process.once('disconnect', () => process.exit());
answer({ ports });
