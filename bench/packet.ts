/**
 * Measures what a packet of a microphone costs until it is in the bot's hands: datagram, SRTP, RTP, statistics. Many microphones come from a
 * real media worker over one transport. A process with the werift handler and one with mediasoup-client's stock handler on werift's
 * `RTCPeerConnection` receive the same packets at the same time, so that what else the computer does affects both; so does one that only
 * receives them as datagrams, which nobody on Node can do without.
 */
import { setTimeout as delay } from 'node:timers/promises';
import * as mediasoup from 'mediasoup';
import type { Producer, Router } from 'mediasoup/types';
import type { ConsumerOptions, TransportOptions } from 'mediasoup-client/types';
import type { Bench } from './bench.ts';
import { LoadChild } from './support/load/child.ts';
import type { FromDatagramReceiver, ToDatagramReceiver } from './support/load/datagram-receiver.ts';
import type { FromMicrophones, ToMicrophones } from './support/load/microphones.ts';
import type { Counted, FromReceiver, PacketWay, ToReceiver } from './support/load/packet-receiver.ts';
import { LEVEL_ID, plainRtpParameters } from './support/load/plain-microphone.ts';

const MICROPHONES = 25;
const WARM_UP_MS = 4000;
const WINDOW_MS = 8000;
const FIRST_SSRC = 1000;
const LOOPBACK = { protocol: 'udp' as const, ip: '127.0.0.1' };

/** mediasoup and its client declare the same shapes, with other words for what may be absent. */
const same = <T>(value: unknown): T => value as T;

export const packetBench: Bench = {
  key: 'packet',
  about: `what a packet costs on its way to the bot: ${MICROPHONES} microphones`,
  repetitions: 3,
  async run() {
    const worker = await mediasoup.createWorker({ logLevel: 'none' });
    const microphones = new LoadChild<ToMicrophones, FromMicrophones>('microphones.ts');
    const datagrams = new LoadChild<ToDatagramReceiver, FromDatagramReceiver>('datagram-receiver.ts');
    const receivers: LoadChild<ToReceiver, FromReceiver>[] = [];
    try {
      const [port] = await Promise.all([datagrams.next('listening'), microphones.next('ready')]);
      const codec = { kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 };
      const router = await worker.createRouter({ mediaCodecs: [codec] });
      const producers = await speak(router, microphones);
      const receive = async (way: PacketWay) => {
        const receiver = new LoadChild<ToReceiver, FromReceiver>('packet-receiver.ts', [way]);
        receivers.push(receiver);
        await consumeAll(router, producers, receiver);
        return receiver;
      };
      const [werift, stock] = [await receive('werift'), await receive('stock')];
      await receiveDatagrams(router, producers, port);
      await delay(WARM_UP_MS);
      const [us, stockUs, datagramUs] = await Promise.all([costIn(werift), costIn(stock), costIn(datagrams)]);
      return { us, stockUs, datagramUs, ratioStock: us / stockUs };
    } finally {
      await Promise.all([microphones, datagrams, ...receivers].map((child) => child.stop()));
      worker.close();
    }
  },
};

async function speak(router: Router, microphones: LoadChild<ToMicrophones, FromMicrophones>): Promise<Producer[]> {
  const transport = await router.createPlainTransport({ listenInfo: LOOPBACK, comedia: true, rtcpMux: true });
  const producers: Producer[] = [];
  for (let ssrc = FIRST_SSRC; ssrc < FIRST_SSRC + MICROPHONES; ssrc++) {
    const rtpParameters = plainRtpParameters(ssrc);
    producers.push(await transport.produce({ kind: 'audio', rtpParameters }));
    const { localPort: port } = transport.tuple;
    const payloadType = rtpParameters.codecs[0]?.payloadType ?? 0;
    microphones.send({ speak: { ssrc, port, payloadType, levelId: LEVEL_ID } });
  }
  return producers;
}

async function consumeAll(
  router: Router,
  producers: readonly Producer[],
  receiver: LoadChild<ToReceiver, FromReceiver>,
): Promise<void> {
  const far = await router.createWebRtcTransport({ listenInfos: [LOOPBACK] });
  const { id, iceParameters, iceCandidates, dtlsParameters } = far;
  const transport = same<TransportOptions>({ id, iceParameters, iceCandidates, dtlsParameters });
  const loaded = receiver.next('loaded');
  receiver.send({ load: { routerRtpCapabilities: same(router.rtpCapabilities), transport } });
  const rtpCapabilities = same<mediasoup.types.RtpCapabilities>(await loaded);
  const consumers = [];
  for (const producer of producers)
    consumers.push(await far.consume({ producerId: producer.id, rtpCapabilities, paused: true }));
  const [connect, consuming] = [receiver.next('connect'), receiver.next('consuming')];
  receiver.send({
    consume: consumers.map(({ id, producerId, kind, rtpParameters }) =>
      same<ConsumerOptions>({ id, producerId, kind, rtpParameters }),
    ),
  });
  await far.connect({ dtlsParameters: same(await connect) });
  receiver.send({ connected: true });
  await consuming;
  for (const consumer of consumers) await consumer.resume();
}

/** The same packets, as plain RTP. */
async function receiveDatagrams(router: Router, producers: readonly Producer[], port: number): Promise<void> {
  const transport = await router.createPlainTransport({ listenInfo: LOOPBACK, rtcpMux: true });
  const rtpCapabilities = same<mediasoup.types.RtpCapabilities>(router.rtpCapabilities);
  for (const { id: producerId } of producers) await transport.consume({ producerId, rtpCapabilities });
  await transport.connect({ ip: '127.0.0.1', port });
}

/** One that says what it has counted when it is asked. */
interface Counting {
  send(question: { count: true }): void;
  next(answer: 'counted'): Promise<Counted['counted']>;
}

/** CPU microseconds for each packet. */
async function costIn(receiver: Counting): Promise<number> {
  const count = () => {
    const counted = receiver.next('counted');
    receiver.send({ count: true });
    return counted;
  };
  const before = await count();
  await delay(WINDOW_MS);
  const after = await count();
  const packets = after.packets - before.packets;
  if (packets === 0) throw new Error('no packet arrived');
  return (after.cpuMicroseconds - before.cpuMicroseconds) / packets;
}
