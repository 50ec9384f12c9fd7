/**
 * An application of somebody else: mediasoup with signalling of its own, and pages that know it. What an interpreter would publish is in
 * the hands of the test, as plain producers.
 */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { RoomMessage } from '@mediasoup-booth/protocol';
import * as mediasoup from 'mediasoup';
import type { DataProducer, DirectTransport, Producer, Router, WebRtcTransport, Worker } from 'mediasoup/types';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createOpusEncoder, OPUS_FRAME_MS } from '../../audio/opus-codec.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { ChosenLanguages } from '../../client-widget/embedding/language-selection.ts';
import { pageDir } from '../../scripts/places.mjs';
import { tone } from './sound.ts';

const OPUS = { mimeType: 'audio/opus', clockRate: 48_000, channels: 2 };
const PAYLOAD_TYPE = 100;
const LANGUAGES = JSON.stringify({ targets: [{ code: 'es' }, { code: 'ar', audio: false }] });
const contentTypes: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' };

interface PlainMeetingOptions {
  /** What stands in the body of its page. */
  html: string;
  /** The page's own module, at `/own.js`. */
  script: string;
  /** An expression of the page for more of what `meeting()` takes; default: nothing. */
  options?: string;
  /** Whether what the interpreter publishes keeps its `appData` on the way to the page; default: it does. */
  passesAppData?: boolean;
}

interface Peer {
  socket: WebSocket;
  transport: WebRtcTransport | undefined;
}

export class PlainMeeting {
  readonly url: string;
  /** What pages have asked for, in this order. */
  readonly chosen: ChosenLanguages[] = [];
  /** Why the next choice is refused; undefined: it is not. */
  refusal: string | undefined;
  /** What is answered to a choice. */
  recent: RoomMessage[] | undefined;
  readonly #router: Router;
  readonly #direct: DirectTransport;
  readonly #passesAppData: boolean;
  readonly #peers = new Set<Peer>();
  readonly #published: (Producer | DataProducer)[] = [];
  #hears = 'original';

  static async start({
    html,
    script,
    options = '{}',
    passesAppData = true,
  }: PlainMeetingOptions): Promise<PlainMeeting> {
    const worker: Worker = await mediasoup.createWorker({ logLevel: 'none' });
    const router = await worker.createRouter({ mediaCodecs: [{ kind: 'audio', ...OPUS }] });
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      const made: Readonly<Record<string, string>> = {
        '/': page(html, options),
        '/own.js': script,
        '/languages': LANGUAGES,
      };
      const answer = made[path] ?? readFile(join(pageDir, path));
      Promise.resolve(answer).then(
        (body) => {
          response.setHeader('Content-Type', contentTypes[extname(path) || '.html'] ?? 'application/octet-stream');
          response.end(body);
        },
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const meeting = new PlainMeeting(server, router, await router.createDirectTransport(), passesAppData);
    onTestFinished(async () => {
      worker.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    });
    return meeting;
  }

  private constructor(server: Server, router: Router, direct: DirectTransport, passesAppData: boolean) {
    this.#router = router;
    this.#direct = direct;
    this.#passesAppData = passesAppData;
    this.url = `http://localhost:${(server.address() as AddressInfo).port}/`;
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => this.#joined({ socket, transport: undefined }));
  }

  /** Somebody speaks: a sound of one pitch without a pause. */
  speaks(peerId: string, hz: number): Promise<Producer> {
    return this.#sounds(hz, { peerId });
  }

  /** The interpreter's voice in a language. */
  voice(language: string, hz: number, speaker?: string): Promise<Producer> {
    return this.#sounds(hz, { booth: { role: 'channel', language, ...(speaker && { speaker }) } });
  }

  /** The interpreter's captions in a language; returns what sends one. */
  async captions(language: string): Promise<(message: RoomMessage) => void> {
    const producer = await this.#direct.produceData({
      label: 'captions',
      appData: { booth: { role: 'captions', language } },
    });
    await this.#publish(producer);
    return (message) => producer.send(JSON.stringify(message));
  }

  async #sounds(hz: number, appData: Record<string, unknown>): Promise<Producer> {
    const ssrc = randomInt(1, 2 ** 31);
    const producer = await this.#direct.produce({
      kind: 'audio',
      rtpParameters: { codecs: [{ ...OPUS, payloadType: PAYLOAD_TYPE }], encodings: [{ ssrc }] },
      appData,
    });
    const encoder = await createOpusEncoder();
    const frame = tone(hz, OPUS_FRAME_MS, VOICE_SAMPLE_RATE);
    const startedMs = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      for (; sent * OPUS_FRAME_MS < performance.now() - startedMs; sent++)
        producer.send(rtpPacket(ssrc, sent, encoder.encode(frame)));
    }, OPUS_FRAME_MS);
    producer.observer.once('close', () => {
      clearInterval(timer);
      encoder.close();
    });
    await this.#publish(producer);
    return producer;
  }

  async #publish(producer: Producer | DataProducer): Promise<void> {
    this.#published.push(producer);
    for (const peer of this.#peers) await this.#offer(peer, producer);
  }

  /** Has a page consume what it wants: people always, voices and captions of the language that it hears. */
  async #offer({ socket, transport }: Peer, producer: Producer | DataProducer): Promise<void> {
    const { booth } = producer.appData as { booth?: { language: string } };
    if (!transport || producer.closed || (booth && booth.language !== this.#hears)) return;
    const appData = !booth || this.#passesAppData ? producer.appData : {};
    if ('kind' in producer) {
      const { rtpCapabilities } = this.#router;
      const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
      const { id, kind, rtpParameters } = consumer;
      consumer.on('producerclose', () => send(socket, 'closed', { id }));
      send(socket, 'consumer', { id, producerId: producer.id, kind, rtpParameters, appData });
    } else {
      const consumer = await transport.consumeData({ dataProducerId: producer.id });
      const { id, sctpStreamParameters, label, protocol } = consumer;
      send(socket, 'dataConsumer', {
        ...{ id, dataProducerId: producer.id, sctpStreamParameters, label, protocol, appData },
      });
    }
  }

  #joined(peer: Peer): void {
    this.#peers.add(peer);
    peer.socket.on('close', () => {
      this.#peers.delete(peer);
      peer.transport?.close();
    });
    peer.socket.on('message', async (text) => {
      const { id, method, data } = JSON.parse(String(text));
      const answer = await this.#answer(peer, method, data).catch((error: Error) => ({ error: error.message }));
      peer.socket.send(JSON.stringify({ id, answer }));
    });
  }

  async #answer(peer: Peer, method: string, data: unknown): Promise<unknown> {
    switch (method) {
      case 'capabilities':
        return this.#router.rtpCapabilities;
      case 'transport': {
        const listenInfos = [{ protocol: 'udp' as const, ip: '127.0.0.1' }];
        const transport = await this.#router.createWebRtcTransport({ listenInfos, enableSctp: true });
        peer.transport = transport;
        const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
        return { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters };
      }
      case 'connect':
        return peer.transport?.connect(data as Parameters<WebRtcTransport['connect']>[0]);
      case 'ready':
        for (const producer of this.#published) await this.#offer(peer, producer);
        return undefined;
      case 'choose':
        return this.#choose(peer, data as ChosenLanguages);
      default:
        throw new Error(`no such method: ${method}`);
    }
  }

  async #choose(peer: Peer, languages: ChosenLanguages): Promise<unknown> {
    this.chosen.push(languages);
    if (this.refusal) throw new Error(this.refusal);
    if (languages.hears === this.#hears) return this.recent;
    this.#hears = languages.hears;
    for (const producer of this.#published) if ('booth' in producer.appData) await this.#offer(peer, producer);
    return this.recent;
  }
}

const send = (socket: WebSocket, method: string, data: unknown) => socket.send(JSON.stringify({ method, data }));

const page = (
  html: string,
  options: string,
) => `<!doctype html><html lang="en"><head><title>Somebody else's meeting</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"></head>
<body>${html}<script>globalThis.more = ${options};</script><script type="module"src="/own.js"></script></body></html>`;

/** An RTP packet (RFC 3550) of 20 ms of Opus. */
function rtpPacket(ssrc: number, index: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = PAYLOAD_TYPE;
  header.writeUInt16BE(index & 0xffff, 2);
  header.writeUInt32BE((index * 48 * OPUS_FRAME_MS) >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}
