/** A meeting over mediasoup, with socket.io as its signalling: everybody hears and sees everybody, and chooses a language. */
import { createServer } from 'node:http';
import { Booth, liveTranslate } from '@mediasoup-booth/interpreter';
import { offline } from '@mediasoup-booth/offline-engine';
import express from 'express';
import { createWorker } from 'mediasoup';
import { Server } from 'socket.io';

const { PORT = '4000', ANNOUNCED_ADDRESS, PAGE = 'dist', DASHSCOPE_API_KEY: key } = process.env;

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
    this.interpreted = await booth.interpret(this.router, this);
    return this;
  }

  #close() {
    Room.#rooms.delete(this.name);
    this.router?.close();
  }

  join(peer) {
    this.interpreted.person(peer.id, { name: peer.name, speaks: peer.speaks });
    this.peers.set(peer.id, peer);
    this.announce(peer, 'joined', { id: peer.id, name: peer.name });
  }

  produced(peer, producer) {
    if (producer.appData.source === 'microphone') this.interpreted.microphone(peer.id, producer);
    for (const other of this.peers.values()) if (other !== peer) other.consume(peer.id, producer).catch(console.error);
  }

  leave(peer) {
    if (this.peers.get(peer.id) !== peer) return;
    this.peers.delete(peer.id);
    this.interpreted.leave(peer.id);
    this.announce(peer, 'left', { id: peer.id });
    if (this.peers.size === 0) this.#close();
  }

  offer(peerId, channel) {
    return this.peers.get(peerId)?.consume('interpreter', channel);
  }

  send(peerId, message) {
    this.peers.get(peerId)?.socket.emit('caption', message);
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

  constructor(room, socket, { id, name, speaks, rtpCapabilities }) {
    Object.assign(this, { room, socket, id, name, speaks, rtpCapabilities });
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

  async produce({ transportId, kind, rtpParameters, source }) {
    const producer = await this.transports.get(transportId).produce({ kind, rtpParameters, appData: { source } });
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
      this.socket.emit('joined', { id: other.id, name: other.name });
      for (const producer of other.producers.values()) await this.consume(other.id, producer);
    }
  }

  async consume(peerId, producer) {
    const transport = [...this.transports.values()].find(({ appData }) => appData.direction === 'recv');
    const { id: producerId, appData } = producer;
    if (!transport || !this.room.router.canConsume({ producerId, rtpCapabilities: this.rtpCapabilities })) return;
    const consumer = await transport.consume({ producerId, rtpCapabilities: this.rtpCapabilities, paused: true });
    this.consumers.set(consumer.id, consumer);
    consumer.observer.once('close', () => this.consumers.delete(consumer.id));
    consumer.on('producerclose', () => this.socket.emit('consumerClosed', { consumerId: consumer.id }));
    const { id, kind, rtpParameters } = consumer;
    this.socket.emit('newConsumer', { id, peerId, producerId, kind, rtpParameters, appData });
    return consumer;
  }

  async choose(choice) {
    this.room.interpreted.choose(this.id, choice);
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
  'resumeConsumer',
  'choose',
];

/** Finds the room for somebody who comes; their page is told where it cannot be opened. */
function enter(socket, next) {
  const found = Room.find(socket.handshake.auth.room);
  found.then((room) => Object.assign(socket.data, { room })).then(() => next(), next);
}

function meet(socket) {
  const { id, name } = socket.handshake.auth;
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
    peer = new Peer(room, socket, { id, name, speaks, rtpCapabilities });
    room.join(peer);
  });
  for (const request of requests) answer(request, async (data) => peer[request](data));
  socket.on('disconnect', () => peer?.close());
  socket.emit('welcome', { rtpCapabilities: room.router.rtpCapabilities, languages: booth.languages() });
}

const worker = await createWorker();
worker.on('died', () => process.exit(1));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit());
const booth = new Booth({ engine: key ? liveTranslate({ key }) : await offline() });
const app = express().use(express.static(PAGE));
const server = createServer(app);
new Server(server).use(enter).on('connection', meet);
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
