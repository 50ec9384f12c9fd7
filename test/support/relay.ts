/**
 * Stands between a client and the server, on the signalling and on the media: it can hold and bundle what the server says, lose
 * and delay packets, and speak with the server's own address. To the client its UDP port is the server's.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo, Socket as TcpSocket } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** What becomes of a packet on its way: when it gets there; undefined: never. */
export type Fate = (packet: Buffer) => number | undefined;

const atOnce: Fate = () => 0;
const lost: Fate = () => undefined;

export class Relay {
  /** `ws://…`, in place of the server's. */
  readonly url: string;
  /** On the way to the client … */
  fate: Fate = atOnce;
  /** … and to the server. */
  fateOfSent: Fate = atOnce;
  /** Sees what clients send. */
  onSent: (packet: Buffer) => void = () => {};
  /** Methods of the requests that clients have sent, in their order. */
  readonly requests: string[] = [];
  readonly #upstream: string;
  readonly #signalling: WebSocketServer;
  readonly #media: MediaRelay[] = [];
  #held: (() => void)[] | undefined;

  private constructor(upstream: string, signalling: WebSocketServer) {
    this.#upstream = upstream;
    this.#signalling = signalling;
    this.url = `ws://127.0.0.1:${(signalling.address() as AddressInfo).port}`;
    signalling.on('connection', (client, request) =>
      this.#connect(client, (request.headers['sec-websocket-protocol'] ?? '').split(/, */)),
    );
  }

  /** @param upstream the server's signalling, `ws://…/v1/signal` */
  static async start(upstream: string): Promise<Relay> {
    const signalling = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(signalling, 'listening');
    return new Relay(upstream, signalling);
  }

  /** Keeps back what the server says; the returned function lets it all go in one piece, as a busy network would. */
  hold(): () => void {
    const held: (() => void)[] = [];
    this.#held = held;
    return () => {
      this.#held = undefined;
      const sockets = [...this.#signalling.clients].map(tcpSocket);
      for (const socket of sockets) socket.cork();
      for (const send of held) send();
      for (const socket of sockets) socket.uncork();
    };
  }

  /** How many messages are kept back. */
  get held(): number {
    return this.#held?.length ?? 0;
  }

  /** To every client, from the address that they take for the server's. */
  inject(packet: Buffer): void {
    for (const media of this.#media) media.inject(packet);
  }

  /** Loses every packet in both directions; the returned function lets packets through again. The signalling is not affected. */
  cutMedia(): () => void {
    this.fate = this.fateOfSent = lost;
    return () => {
      this.fate = this.fateOfSent = atOnce;
    };
  }

  /** As if the machine were gone: without a word. */
  cut(): void {
    for (const client of this.#signalling.clients) client.terminate();
    for (const media of this.#media.splice(0)) media.close();
  }

  async close(): Promise<void> {
    this.cut();
    this.#signalling.close();
  }

  #connect(client: WebSocket, subprotocols: string[]): void {
    const server = new WebSocket(this.#upstream, subprotocols);
    const transportRequests = new Set<number>();
    const opened = once(server, 'open');
    client.on('message', async (data: RawData) => {
      const text = data.toString();
      const { id, method } = JSON.parse(text) as { id: number; method: string };
      this.requests.push(method);
      if (method === 'transport.create') transportRequests.add(id);
      await opened;
      server.send(text);
    });
    server.on('message', async (data: RawData) => {
      const frame = JSON.parse(data.toString()) as TransportReply | TransportReply[];
      const messages = [frame].flat().map((message) => {
        return transportRequests.delete(message.id) ? this.#redirected(message) : message;
      });
      const sent = await Promise.all(messages);
      const changed = JSON.stringify(sent.length === 1 ? sent[0] : sent);
      const send = () => client.send(changed);
      if (this.#held) this.#held.push(send);
      else send();
    });
    client.on('close', () => server.terminate());
    client.on('error', () => server.terminate());
    server.on('close', (code, reason) => (code === 1006 ? client.terminate() : client.close(code, reason.toString())));
    server.on('error', () => client.terminate());
  }

  async #redirected(reply: TransportReply): Promise<TransportReply> {
    const candidate = reply.data.iceCandidates.find(({ protocol }) => protocol === 'udp');
    if (!candidate) throw new Error('no UDP candidate');
    const server = { address: candidate.ip, port: candidate.port };
    const media = await MediaRelay.start(server, {
      fate: (packet) => this.fate(packet),
      fateOfSent: (packet) => this.fateOfSent(packet),
      onSent: (packet) => this.onSent(packet),
    });
    this.#media.push(media);
    return { ...reply, data: { ...reply.data, iceCandidates: [{ ...candidate, port: media.port }] } };
  }
}

interface Tap {
  fate: Fate;
  fateOfSent: Fate;
  onSent: (packet: Buffer) => void;
}

interface TransportReply {
  id: number;
  data: { iceCandidates: { protocol: string; ip: string; port: number }[] };
}

/** One client's media: `near` is what it takes for the server, `far` is what the server takes for it. */
export class MediaRelay {
  readonly #near: UdpSocket;
  readonly #far: UdpSocket;
  readonly #tap: Tap;
  #client: { address: string; port: number } | undefined;
  #closed = false;

  private constructor(near: UdpSocket, far: UdpSocket, server: { address: string; port: number }, tap: Tap) {
    this.#near = near;
    this.#far = far;
    this.#tap = tap;
    near.on('message', (packet, { address, port }) => {
      this.#client = { address, port };
      tap.onSent(packet);
      after(tap.fateOfSent(packet), () => {
        if (!this.#closed) far.send(packet, server.port, server.address);
      });
    });
    far.on('message', (packet) => this.#deliver(packet));
  }

  static async start(server: { address: string; port: number }, tap: Tap): Promise<MediaRelay> {
    const [near, far] = [createSocket('udp4'), createSocket('udp4')];
    for (const socket of [near, far]) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new MediaRelay(near, far, server, tap);
  }

  get port(): number {
    return this.#near.address().port;
  }

  inject(packet: Buffer): void {
    if (this.#client && !this.#closed) this.#near.send(packet, this.#client.port, this.#client.address);
  }

  close(): void {
    this.#closed = true;
    this.#near.close();
    this.#far.close();
  }

  #deliver(packet: Buffer): void {
    after(this.#tap.fate(packet), () => this.inject(packet));
  }
}

function after(delayMs: number | undefined, run: () => void): void {
  if (delayMs === 0) run();
  else if (delayMs !== undefined) setTimeout(run, delayMs);
}

export const isRtp = (packet: Buffer): boolean => (packet[0] ?? 0) >= 128 && !isRtcp(packet);
const isRtcp = (packet: Buffer): boolean => (packet[1] ?? 0) >= 192 && (packet[1] ?? 0) <= 208;

/** `ws` keeps it to itself. */
const tcpSocket = (client: WebSocket): TcpSocket => (client as unknown as { _socket: TcpSocket })._socket;
