/**
 * One speaker and many listeners on one media worker: each listener is a transport of their own, to which the speaker's track is sent with
 * SRTP, as to a browser. What a listener costs the worker is counted in CPU time for each packet, so that it says the same on a busy computer.
 */
import { randomBytes } from 'node:crypto';
import * as mediasoup from 'mediasoup';
import type { PlainTransport, Router, Worker } from 'mediasoup/types';
import { LoadChild } from './child.ts';
import { cpuSeconds, prefer } from './cpu-time.ts';
import type { FromListeners, ToListeners } from './listeners.ts';
import { LOOPBACK_UDP, opusCodec, SteadySpeakers } from './steady-speakers.ts';

/** The SRTP cipher that a browser and mediasoup agree on where there is nothing better; its keys are of 30 bytes. */
const CRYPTO_SUITE = 'AES_CM_128_HMAC_SHA1_80';
const KEY_BYTES = 30;
/** Transports that are opened at the same time. */
const AT_ONCE = 20;

/** The packets and the CPU time that were counted so far. */
interface LectureCounts {
  /** The packets that the speaker has sent. */
  sent: number;
  /** The packets that have arrived at all listeners together. */
  arrived: number;
  workerCpuSeconds: number;
  /** The CPU time of the process that receives for the listeners. */
  listenersCpuSeconds: number;
}

export interface LectureCost {
  /** CPU time of the worker for each packet of the speaker, in microseconds. */
  workerMicroseconds: number;
  /** CPU time of the receiving process for each packet that arrived, in microseconds. */
  listenersMicroseconds: number;
  /** Packets that arrived, as a share of those that should have. */
  arrived: number;
}

/**
 * @example
 * const lecture = await Lecture.start();
 * await lecture.fill(100);
 * const cost = await lecture.costOf(() => delay(8000));
 * await lecture.close();
 */
export class Lecture {
  readonly #worker: Worker;
  readonly #router: Router;
  readonly #speaker: SteadySpeakers;
  readonly #child: LoadChild<ToListeners, FromListeners>;
  readonly #ports: readonly number[];
  #listeners = 0;

  static async start(): Promise<Lecture> {
    const child = new LoadChild<ToListeners, FromListeners>('listeners.ts');
    try {
      const [ports, worker] = [await child.next('ports'), await mediasoup.createWorker({ logLevel: 'none' })];
      prefer([child.pid, worker.pid]);
      const router = await worker.createRouter({ mediaCodecs: [opusCodec] });
      return new Lecture({ worker, router, speaker: await SteadySpeakers.start(router, 1), child, ports });
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  private constructor(parts: {
    worker: Worker;
    router: Router;
    speaker: SteadySpeakers;
    child: LoadChild<ToListeners, FromListeners>;
    ports: readonly number[];
  }) {
    this.#worker = parts.worker;
    this.#router = parts.router;
    this.#speaker = parts.speaker;
    this.#child = parts.child;
    this.#ports = parts.ports;
  }

  /** Has further listeners come until there are so many. */
  async fill(listeners: number): Promise<void> {
    while (this.#listeners < listeners) {
      const more = Math.min(AT_ONCE, listeners - this.#listeners);
      await Promise.all(Array.from({ length: more }, (_, i) => this.#listen(this.#listeners + i)));
      this.#listeners += more;
    }
  }

  /** What is used while `during` runs. */
  async costOf(during: () => Promise<void>): Promise<LectureCost> {
    const before = await this.#counts();
    await during();
    const after = await this.#counts();
    const [sent, arrived] = [after.sent - before.sent, after.arrived - before.arrived];
    if (sent === 0 || arrived === 0) throw new Error('no packet arrived');
    return {
      workerMicroseconds: ((after.workerCpuSeconds - before.workerCpuSeconds) * 1e6) / sent,
      listenersMicroseconds: ((after.listenersCpuSeconds - before.listenersCpuSeconds) * 1e6) / arrived,
      arrived: arrived / (sent * this.#listeners),
    };
  }

  async close(): Promise<void> {
    this.#speaker.close();
    this.#worker.close();
    await this.#child.stop();
  }

  async #listen(number: number): Promise<void> {
    const transport = await this.#router.createPlainTransport({
      listenInfo: LOOPBACK_UDP,
      rtcpMux: true,
      enableSrtp: true,
      srtpCryptoSuite: CRYPTO_SUITE,
    });
    await this.#connect(transport, this.#ports[number % this.#ports.length] ?? 0);
    const { rtpCapabilities } = this.#router;
    for (const { id: producerId } of this.#speaker.tracks) await transport.consume({ producerId, rtpCapabilities });
  }

  #connect(transport: PlainTransport, port: number): Promise<void> {
    const keyBase64 = randomBytes(KEY_BYTES).toString('base64');
    const srtpParameters = { cryptoSuite: CRYPTO_SUITE, keyBase64 } as const;
    return transport.connect({ ip: '127.0.0.1', port, srtpParameters });
  }

  async #counts(): Promise<LectureCounts> {
    const arrived = this.#child.next('arrived');
    this.#child.send({ count: true });
    return {
      arrived: await arrived,
      sent: this.#speaker.sent,
      workerCpuSeconds: cpuSeconds([this.#worker.pid]),
      listenersCpuSeconds: cpuSeconds([this.#child.pid]),
    };
  }
}
