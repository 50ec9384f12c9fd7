/**
 * A TURN server on the loopback (RFC 8656), over UDP and TCP on one port, with one account: allocations, permissions, channels and
 * indications, as far as a client of one peer needs them.
 */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { classes, Message, makeIntegrityKey, methods, parseMessage } from 'werift';

const REALM = 'booth.test';
const ACCOUNT = { username: 'bot', credential: 'secret' };
const CHANNEL_HEADER = 4;
const STUN_HEADER = 20;

type Address = readonly [string, number];

export class TurnServer {
  readonly account = ACCOUNT;
  readonly port: number;
  /** Datagrams relayed to peers and back. */
  relayed = 0;
  /** Answers nothing while it is true. */
  isDown = false;
  readonly #closing: (() => void)[];

  static async start(): Promise<TurnServer> {
    const tcp = createServer();
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket('udp4');
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    const closing: (() => void)[] = [() => tcp.close(), () => udp.close()];
    const server = new TurnServer(port, closing);
    const clients = new Map<string, Client>();
    udp.on('message', (data, { address, port: from }) => {
      const key = `${address}:${from}`;
      const client = clients.get(key) ?? new Client(server, [address, from], (bytes) => udp.send(bytes, from, address));
      clients.set(key, client);
      client.receive(data);
    });
    tcp.on('connection', (socket) => {
      const client = new Client(server, [socket.remoteAddress ?? '', socket.remotePort ?? 0], (bytes) =>
        socket.write(padded(bytes)),
      );
      closing.push(() => socket.destroy());
      socket.on('error', () => {});
      let waiting = Buffer.alloc(0);
      socket.on('data', (data) => {
        waiting = Buffer.concat([waiting, data]);
        for (let length = frameLength(waiting); length <= waiting.length; length = frameLength(waiting)) {
          client.receive(waiting.subarray(0, length));
          waiting = waiting.subarray(length);
        }
      });
    });
    return server;
  }

  private constructor(port: number, closing: (() => void)[]) {
    this.port = port;
    this.#closing = closing;
  }

  url(transport: 'udp' | 'tcp'): string {
    return `turn:127.0.0.1:${this.port}?transport=${transport}`;
  }

  onClose(close: () => void): void {
    this.#closing.push(close);
  }

  close(): void {
    for (const close of this.#closing.splice(0)) close();
  }
}

/** One client and its allocation. */
class Client {
  readonly #server: TurnServer;
  readonly #from: Address;
  readonly #send: (bytes: Buffer) => void;
  readonly #nonce = randomBytes(8);
  readonly #key = makeIntegrityKey(ACCOUNT.username, REALM, ACCOUNT.credential);
  readonly #permitted = new Set<string>();
  readonly #peers = new Map<number, Address>();
  #relay: Socket | undefined;

  constructor(server: TurnServer, from: Address, send: (bytes: Buffer) => void) {
    this.#server = server;
    this.#from = from;
    this.#send = send;
  }

  receive(data: Buffer): void {
    if (this.#server.isDown) return;
    const channel = data.readUInt16BE(0);
    const peer = this.#peers.get(channel);
    if (peer) this.#toPeer(data.subarray(CHANNEL_HEADER, CHANNEL_HEADER + data.readUInt16BE(2)), peer);
    else if (channel < 0x4000) void this.#answer(data);
  }

  async #answer(data: Buffer): Promise<void> {
    const message = parseMessage(data);
    if (!message) return;
    const peer = message.getAttributeValue('XOR-PEER-ADDRESS') as Address | undefined;
    if (message.messageClass === classes.INDICATION) {
      if (peer) this.#toPeer(message.getAttributeValue('DATA') as Buffer, peer);
      return;
    }
    const isKnown = message.attributesKeys.includes('MESSAGE-INTEGRITY') && parseMessage(data, this.#key) !== undefined;
    if (!isKnown) {
      const refusal = new Message(message.messageMethod, classes.ERROR, message.transactionId);
      refusal.setAttribute('ERROR-CODE', [401, 'Unauthorized']);
      refusal.setAttribute('REALM', REALM).setAttribute('NONCE', this.#nonce);
      this.#send(refusal.bytes);
      return;
    }
    const reply = new Message(message.messageMethod, classes.RESPONSE, message.transactionId);
    if (message.messageMethod === methods.ALLOCATE) {
      reply.setAttribute('XOR-RELAYED-ADDRESS', await this.#allocate());
      reply.setAttribute('XOR-MAPPED-ADDRESS', this.#from).setAttribute('LIFETIME', 600);
    }
    if (message.messageMethod === methods.REFRESH) reply.setAttribute('LIFETIME', 600);
    if (message.messageMethod === methods.CREATE_PERMISSION && peer) this.#permitted.add(peer[0]);
    if (message.messageMethod === methods.CHANNEL_BIND && peer) {
      this.#peers.set(message.getAttributeValue('CHANNEL-NUMBER') as number, peer);
      this.#permitted.add(peer[0]);
    }
    this.#send(reply.addMessageIntegrity(this.#key).bytes);
  }

  async #allocate(): Promise<Address> {
    const relay = this.#relay ?? createSocket('udp4');
    if (!this.#relay) {
      this.#relay = relay;
      this.#server.onClose(() => relay.close());
      relay.on('message', (data, { address, port }) => this.#fromPeer(data, [address, port]));
      relay.bind(0, '127.0.0.1');
      await once(relay, 'listening');
    }
    return ['127.0.0.1', relay.address().port];
  }

  #toPeer(data: Buffer, [host, port]: Address): void {
    if (!this.#permitted.has(host)) return;
    this.#server.relayed++;
    this.#relay?.send(data, port, host);
  }

  #fromPeer(data: Buffer, peer: Address): void {
    if (!this.#permitted.has(peer[0]) || this.#server.isDown) return;
    this.#server.relayed++;
    const channel = [...this.#peers].find(([, [host, port]]) => host === peer[0] && port === peer[1])?.[0];
    if (channel === undefined) {
      const indication = new Message(methods.DATA, classes.INDICATION);
      this.#send(indication.setAttribute('XOR-PEER-ADDRESS', peer).setAttribute('DATA', data).bytes);
      return;
    }
    const header = Buffer.alloc(CHANNEL_HEADER);
    header.writeUInt16BE(channel, 0);
    header.writeUInt16BE(data.length, 2);
    this.#send(Buffer.concat([header, data]));
  }
}

/** On a stream, channel data is filled up to a multiple of four bytes; STUN messages are one already. */
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);

/** The length of the first frame of a stream; infinite where too little of it has come to know. */
function frameLength(stream: Buffer): number {
  if (stream.length < CHANNEL_HEADER) return Number.POSITIVE_INFINITY;
  const length = stream.readUInt16BE(2);
  return stream.readUInt16BE(0) < 0x4000 ? STUN_HEADER + length : CHANNEL_HEADER + ((length + 3) & ~3);
}
