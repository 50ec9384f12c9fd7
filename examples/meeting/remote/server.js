/** A meeting over mediasoup, with socket.io as its signalling: everybody hears and sees everybody, and an interpreter may join. */
import { createServer } from 'node:http';
import express from 'express';
import { createWorker } from 'mediasoup';
import { Server } from 'socket.io';

const { PORT = '4000', ANNOUNCED_ADDRESS, PAGE = 'dist', INTERPRETER_TOKEN } = process.env;

const mediaCodecs = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];
const listenInfo = { ip: '127.0.0.1', ...(ANNOUNCED_ADDRESS && { announcedAddress: ANNOUNCED_ADDRESS }) };

class Room {
  static #rooms = new Map();

  static find(name) {
    if (!Room.#rooms.has(name)) {
      const room = new Room(name);
      const opening = room.#open();
      Room.#rooms.set(name, opening);
      // The next who comes tries again.
      opening.catch(() => room.#close());
    }
    return Room.#rooms.get(name);
  }

  peers = new Map();

  constructor(name) {
    this.name = name;
  }

  async #open() {
    this.router = await worker.createRouter({ mediaCodecs });
    return this;
  }

  #close() {
    Room.#rooms.delete(this.name);
    this.router?.close();
  }

  join(peer) {
    this.peers.set(peer.id, peer);
    this.announce(peer, 'joined', peer.view);
  }

  produced(peer, producer) {
    for (const other of this.peers.values()) if (other !== peer) other.consume(peer.id, producer).catch(console.error);
  }

  /** Somebody has chosen what to hear and read: the interpreter goes by it, and its channels come and go. */
  async chosen(peer) {
    this.announce(peer, 'joined', peer.view);
    for (const other of this.peers.values()) {
      if (!other.isInterpreter) continue;
      for (const producer of other.producers.values()) {
        peer.stopConsuming(producer);
        await peer.consume(other.id, producer);
      }
    }
  }

  caption(message) {
    const { kind, language } = message;
    for (const { hears, reads, socket } of this.peers.values())
      if ([hears, ...reads].includes(language) || (kind === 'original' && reads.includes('original')))
        socket.emit('caption', message);
  }

  leave(peer) {
    if (this.peers.get(peer.id) !== peer) return;
    this.peers.delete(peer.id);
    this.announce(peer, 'left', { id: peer.id });
    if (this.peers.size === 0) this.#close();
  }

  /** Tells everybody but `peer`. */
  announce(peer, event, data) {
    for (const other of this.peers.values()) if (other !== peer) other.socket.emit(event, data);
  }
}

class Peer {
  transports = new Map();
  producers = new Map();
  consumers = new Map();

  hears = 'original';
  reads = [];

  constructor(room, socket, { id, name, speaks, rtpCapabilities, isInterpreter }) {
    Object.assign(this, { room, socket, id, name, speaks, rtpCapabilities, isInterpreter });
  }

  get view() {
    const { id, name, speaks, hears, reads } = this;
    return { id, name, speaks, hears, reads };
  }

  async createTransport({ direction }) {
    const transport = await this.room.router.createWebRtcTransport({
      listenInfos: [{ protocol: 'udp', ...listenInfo }],
    });
    transport.appData.direction = direction;
    this.transports.set(transport.id, transport);
    const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
    return { id, iceParameters, iceCandidates, dtlsParameters };
  }

  async connectTransport({ transportId, dtlsParameters }) {
    await this.transports.get(transportId).connect({ dtlsParameters });
  }

  async restartIce({ transportId }) {
    return this.transports.get(transportId).restartIce();
  }

  async produce({ transportId, kind, rtpParameters, source, booth }) {
    const appData = { source, ...(this.isInterpreter && { booth }) };
    const producer = await this.transports.get(transportId).produce({ kind, rtpParameters, appData });
    this.producers.set(producer.id, producer);
    this.room.produced(this, producer);
    return { id: producer.id };
  }

  async pauseProducer({ producerId, paused }) {
    const producer = this.producers.get(producerId);
    await (paused ? producer.pause() : producer.resume());
  }

  /** What the others have produced already. */
  async ready() {
    for (const other of this.room.peers.values()) {
      if (other === this) continue;
      this.socket.emit('joined', other.view);
      for (const producer of other.producers.values()) await this.consume(other.id, producer);
    }
  }

  async consume(peerId, producer) {
    const transport = [...this.transports.values()].find(({ appData }) => appData.direction === 'recv');
    const { id: producerId, appData } = producer;
    if (appData.booth && appData.booth.language !== this.hears) return;
    if (!transport || !this.room.router.canConsume({ producerId, rtpCapabilities: this.rtpCapabilities })) return;
    const consumer = await transport.consume({ producerId, rtpCapabilities: this.rtpCapabilities, paused: true });
    this.consumers.set(consumer.id, consumer);
    consumer.observer.once('close', () => this.consumers.delete(consumer.id));
    consumer.on('producerclose', () => this.socket.emit('consumerClosed', { consumerId: consumer.id }));
    const { id, kind, rtpParameters } = consumer;
    this.socket.emit('newConsumer', { id, peerId, producerId, kind, rtpParameters, appData });
    return consumer;
  }

  stopConsuming(producer) {
    for (const consumer of this.consumers.values()) {
      if (consumer.producerId !== producer.id) continue;
      consumer.close();
      this.socket.emit('consumerClosed', { consumerId: consumer.id });
    }
  }

  async choose({ hears, reads }) {
    Object.assign(this, { hears: String(hears), reads: [...reads].map(String) });
    await this.room.chosen(this);
  }

  async pauseConsumer({ consumerId }) {
    await this.consumers.get(consumerId)?.pause();
  }

  async resumeConsumer({ consumerId }) {
    await this.consumers.get(consumerId)?.resume();
  }

  close() {
    this.room.leave(this);
    for (const transport of this.transports.values()) transport.close();
  }
}

const requests = [
  'createTransport',
  'connectTransport',
  'restartIce',
  'produce',
  'pauseProducer',
  'ready',
  'choose',
  'pauseConsumer',
  'resumeConsumer',
];

/** Finds the room for somebody who comes; their page is told where it cannot be opened. */
function enter(socket, next) {
  const found = Room.find(socket.handshake.auth.room);
  found.then((room) => Object.assign(socket.data, { room })).then(() => next(), next);
}

function meet(socket) {
  const { id, name, token } = socket.handshake.auth;
  const isInterpreter = token !== undefined && token === INTERPRETER_TOKEN;
  const { room } = socket.data;
  let peer;
  const answer = (request, handle) => {
    socket.on(request, (data, reply) => {
      handle(data)
        .then(
          (result) => reply({ result }),
          (error) => reply({ error: String(error) }),
        )
        .catch(console.error);
    });
  };
  answer('join', async ({ rtpCapabilities, speaks }) => {
    room.peers.get(id)?.socket.disconnect();
    peer = new Peer(room, socket, { id, name, speaks, rtpCapabilities, isInterpreter });
    room.join(peer);
  });
  for (const request of requests) answer(request, async (data) => peer[request](data));
  socket.on('caption', (message) => isInterpreter && room.caption(message));
  socket.on('disconnect', () => peer?.close());
  socket.emit('welcome', { rtpCapabilities: room.router.rtpCapabilities });
}

const worker = await createWorker();
worker.on('died', () => process.exit(1));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit());
const app = express().use(express.static(PAGE));
const server = createServer(app);
new Server(server).use(enter).on('connection', meet);
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
