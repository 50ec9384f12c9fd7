/**
 * A process that receives what many listeners receive, on one UDP port, and counts the packets of sound. It decrypts nothing and answers nothing, so
 * that it takes little of the computer that is measured.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { endWithParent } from '../../../process/parent-watchdog.mjs';

export type ToListeners = { count: true };
export type FromListeners = { port: number } | { arrived: number };

/** Some seconds of what arrives, as far as the system permits: a process that waits for the processor loses nothing. */
const RECEIVE_BUFFER_BYTES = 8 * 2 ** 20;

/** By RFC 5761: the second byte is the type of an RTCP packet, or the payload type of an RTP packet, perhaps with the marker bit. */
const isRtcp = (packet: Buffer): boolean => packet.readUInt8(1) >= 192 && packet.readUInt8(1) <= 223;

const answer = (message: FromListeners): void => void process.send?.(message);

endWithParent();
const socket = createSocket('udp4');
let arrived = 0;
socket.on('message', (packet) => {
  if (!isRtcp(packet)) arrived++;
});
socket.bind(0, '127.0.0.1');
await once(socket, 'listening');
socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
process.on('message', () => answer({ arrived }));
process.once('disconnect', () => process.exit());
answer({ port: socket.address().port });
