/**
 * The UDP socket through which the interpreter's thread receives and publishes the media of one room. Its peer is the room's transport in
 * the media worker, on 127.0.0.1.
 *
 * Hard requirement: the socket is connected, so that the kernel drops what anybody else sends to its port. An error of it, as when the
 * transport is gone, harms nothing: whoever has opened the transport learns that it has closed.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ReceivedVideoPacket } from '../../rtp/received-packet.ts';
import { RtpDemultiplexer, type StreamFormat } from './rtp-demultiplexer.ts';
import { LOOPBACK } from './thread-messages.ts';

/** Enough for some seconds of ten microphones, so that a thread that is busy for a moment loses nothing. */
const RECEIVE_BUFFER_BYTES = 2 ** 20;

export class MediaSocket {
  readonly #socket = createSocket('udp4');
  readonly #streams = new RtpDemultiplexer();
  #closed = false;

  constructor() {
    this.#socket.on('error', () => {});
    this.#socket.on('message', (datagram) => this.#streams.push(datagram));
  }

  /**
   * @param openTransport opens the transport that sends to this port; resolves to the transport's own port
   * @throws what `openTransport` throws, and where the system gives no port
   */
  async connect(openTransport: (port: number) => Promise<number>): Promise<void> {
    const socket = this.#socket;
    const bound = once(socket, 'listening');
    socket.bind(0, LOOPBACK);
    await bound;
    enlarge(socket);
    const transportPort = await openTransport(socket.address().port);
    const connected = once(socket, 'connect');
    socket.connect(transportPort, LOOPBACK);
    await connected;
  }

  /** Receives the packets of a stream. Returns a function that ends it. */
  receive(format: StreamFormat, onPacket: (packet: ReceivedVideoPacket) => void): () => void {
    return this.#streams.add(format, onPacket);
  }

  /** Sends an RTP packet. One that the system does not take is lost, as in any network. */
  send(packet: Uint8Array): void {
    if (!this.#closed) this.#socket.send(packet);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/** A system may refuse: it bounds what a socket may have. */
function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The buffer stays as the system has made it.
  }
}
