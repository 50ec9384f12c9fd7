/**
 * Measures what one more listener costs a media worker: real workers, one speaker with Opus at 32 kbit/s, and consumers whose packets
 * are encrypted (SRTP) and sent one by one, as to browsers. They are consumed on plain transports, which do without the connection
 * checks of browsers, one every few seconds; nobody reads what is sent. Then what it costs to bring a track to another worker of this
 * machine, and, encrypted, to another machine: for the sender, and for the receiver.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as mediasoup from 'mediasoup';
import type {
  Consumer,
  DirectTransport,
  PipeTransport,
  PlainTransport,
  Producer,
  Router,
  Worker,
} from 'mediasoup/types';
import { RtpHeader, RtpPacket } from 'werift';
import type { Bench } from './bench.ts';
import { LoadChild } from './support/load/child.ts';
import type { FromDeafSocket } from './support/load/deaf-socket.ts';
import { plainRtpParameters } from './support/load/plain-microphone.ts';
import { slope } from './support/load/slope.ts';

/** 32 kbit/s in packets of 20 ms. */
const PAYLOAD_BYTES = 80;
const FRAME_MS = 20;
const FRAME_TICKS = 960;
const LISTENERS = [0, 100, 200, 400];
const PIPED = 25;
const WARM_UP_MS = 1000;
const WINDOW_MS = 5000;
/** The share of a core up to which a worker may be used, so that what comes at once is not late. */
const USED = 0.8;
const LOOPBACK = { protocol: 'udp' as const, ip: '127.0.0.1' };
const codec = { kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 };

export const clusterBench: Bench = {
  key: 'cluster',
  about: `what one more listener costs a media worker (up to ${LISTENERS.at(-1)}), and a track that is piped to another`,
  repetitions: 3,
  async run() {
    const workers = await Promise.all([0, 1].map(() => mediasoup.createWorker({ logLevel: 'none' })));
    const deaf = new LoadChild<never, FromDeafSocket>('deaf-socket.ts');
    try {
      const port = await deaf.next('port');
      const [near, far] = workers as [Worker, Worker];
      const { cpuPerListener, sent } = await listeners(near, port);
      const pipe = await piped(near, far, { enableSrtp: false, enableRtx: false });
      const pipeAway = await piped(near, far, { enableSrtp: true, enableRtx: true });
      return {
        cpuPerListener,
        sent,
        listenersPerWorker: Math.floor(USED / cpuPerListener),
        'pipe.sender': pipe.sender,
        'pipe.receiver': pipe.receiver,
        'edge.sender': pipeAway.sender,
        'edge.receiver': pipeAway.receiver,
      };
    } finally {
      await deaf.stop();
      for (const worker of workers) worker.close();
    }
  },
};

/** One speaker, and more and more listeners: the share of a core for one more, and the packets that the last was sent, of those due. */
async function listeners(worker: Worker, port: number): Promise<{ cpuPerListener: number; sent: number }> {
  const router = await worker.createRouter({ mediaCodecs: [codec] });
  const speaker = await Speaker.start(router, 1);
  const [track] = speaker.tracks;
  if (!track) throw new Error('nobody speaks');
  const points: [number, number][] = [];
  let there = 0;
  let last: Consumer | undefined;
  let sent = 0;
  for (const count of LISTENERS) {
    for (; there < count; there++) last = await listen(router, track.id, port);
    const from = performance.now();
    const before = await packetsTo(last);
    const [cpu] = await cores([worker]);
    points.push([count, cpu ?? 0]);
    sent = ((await packetsTo(last)) - before) / ((performance.now() - from) / FRAME_MS);
  }
  speaker.stop();
  router.close();
  return { cpuPerListener: slope(points), sent };
}

/** How many packets a consumer was sent. */
async function packetsTo(consumer: Consumer | undefined): Promise<number> {
  const stats = (await consumer?.getStats()) ?? [];
  return stats.reduce((sum, { type, packetCount }) => sum + (type === 'outbound-rtp' ? packetCount : 0), 0);
}

async function listen(router: Router, producerId: string, port: number): Promise<Consumer> {
  const transport: PlainTransport = await router.createPlainTransport({
    listenInfo: LOOPBACK,
    rtcpMux: true,
    enableSrtp: true,
    srtpCryptoSuite: 'AEAD_AES_128_GCM',
  });
  // A key of 16 bytes and a salt of 12.
  const srtpParameters = { cryptoSuite: 'AEAD_AES_128_GCM' as const, keyBase64: randomBytes(28).toString('base64') };
  await transport.connect({ ip: LOOPBACK.ip, port, srtpParameters });
  return transport.consume({ producerId, rtpCapabilities: router.rtpCapabilities });
}

/** Tracks that are piped from a worker to another: the share of a core of each for one track. */
async function piped(
  near: Worker,
  far: Worker,
  options: { enableSrtp: boolean; enableRtx: boolean },
): Promise<{ sender: number; receiver: number }> {
  const [origin, other] = [
    await near.createRouter({ mediaCodecs: [codec] }),
    await far.createRouter({ mediaCodecs: [codec] }),
  ];
  const speaker = await Speaker.start(origin, PIPED);
  const [unpiped = 0, idle = 0] = await cores([near, far]);
  const open = (router: Router): Promise<PipeTransport> =>
    router.createPipeTransport({ listenInfo: LOOPBACK, ...options });
  const [here, there] = [await open(origin), await open(other)];
  const connect = (one: PipeTransport, { tuple, srtpParameters }: PipeTransport) =>
    one.connect({ ip: LOOPBACK.ip, port: tuple.localPort, ...(srtpParameters && { srtpParameters }) });
  await Promise.all([connect(here, there), connect(there, here)]);
  for (const { id } of speaker.tracks) {
    const { kind, rtpParameters } = await here.consume({ producerId: id });
    await there.produce({ id, kind, rtpParameters });
  }
  const [sending = 0, receiving = 0] = await cores([near, far]);
  speaker.stop();
  origin.close();
  other.close();
  return { sender: (sending - unpiped) / PIPED, receiver: (receiving - idle) / PIPED };
}

/** What workers use of a core within the window. */
async function cores(workers: readonly Worker[]): Promise<number[]> {
  await delay(WARM_UP_MS);
  const used = () =>
    Promise.all(
      workers.map(async (worker) => {
        const { ru_utime, ru_stime } = await worker.getResourceUsage();
        return ru_utime + ru_stime;
      }),
    );
  const from = performance.now();
  const before = await used();
  await delay(WINDOW_MS);
  const after = await used();
  const windowMs = performance.now() - from;
  return after.map((ms, i) => (ms - (before[i] ?? 0)) / windowMs);
}

/** Tracks of Opus, of which a packet each leaves every 20 ms. */
class Speaker {
  readonly tracks: readonly Producer[];
  readonly #timer: NodeJS.Timeout;
  #sent = 0;

  static async start(router: Router, tracks: number): Promise<Speaker> {
    const transport: DirectTransport = await router.createDirectTransport();
    const producers: Producer[] = [];
    for (let ssrc = 1; ssrc <= tracks; ssrc++)
      producers.push(await transport.produce({ kind: 'audio', rtpParameters: plainRtpParameters(ssrc) }));
    return new Speaker(producers);
  }

  private constructor(tracks: readonly Producer[]) {
    this.tracks = tracks;
    const began = performance.now();
    this.#timer = setInterval(() => {
      // A timer that is late sends what is due.
      while (this.#sent * FRAME_MS < performance.now() - began) this.#sendFrame();
    }, FRAME_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sendFrame(): void {
    const n = this.#sent++;
    for (const [i, track] of this.tracks.entries()) {
      const header = new RtpHeader({
        ssrc: i + 1,
        payloadType: 111,
        sequenceNumber: n & 0xffff,
        timestamp: (n * FRAME_TICKS) >>> 0,
        marker: n === 0,
      });
      if (!track.closed) track.send(new RtpPacket(header, Buffer.alloc(PAYLOAD_BYTES, 0x78)).serialize());
    }
  }
}
