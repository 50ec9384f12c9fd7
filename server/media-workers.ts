/**
 * The media workers: one process and one `WebRtcServer` (a UDP and a TCP port) per core. A worker that dies takes its rooms
 * with it and nothing else: another takes its place, on the same port.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { createWorker } from 'mediasoup';
import type { Router, RouterRtpCodecCapability, TransportListenInfo, WebRtcServer, Worker } from 'mediasoup/types';
import type { Logger } from 'pino';
import { messageOf, Refusal, StartError } from './errors.ts';
import { limits } from './limits.ts';

export interface RtcOptions {
  /** The first of the ports, one a worker; 0: any free ones. */
  port: number;
  /** 0: one per core. */
  workers: number;
  announcedAddress?: string | undefined;
}

export interface RoomMedia {
  router: Router;
  webRtcServer: WebRtcServer;
}

const mediaCodecs: RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1 } },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90_000 },
];

/** A new worker waits this long after each attempt that failed, twice as long each time. */
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 30_000;

/** A place for a worker: its ports stay, the worker may change. */
interface Place {
  listenInfos: TransportListenInfo[];
  running?: { worker: Worker; webRtcServer: WebRtcServer; routers: Set<Router> };
}

export class MediaWorkers {
  readonly #log: Logger;
  readonly #places: Place[];
  readonly #closing = new AbortController();

  private constructor(places: Place[], log: Logger) {
    this.#places = places;
    this.#log = log;
  }

  /** @throws {StartError} that names the setting which helps */
  static async start(host: string, options: RtcOptions, log: Logger): Promise<MediaWorkers> {
    const ip = isIP(host) ? host : (await lookup(host)).address;
    if (isUnspecified(ip) && !options.announcedAddress)
      throw new StartError(
        `media cannot be sent to ${ip}: set BOOTH_RTC_ANNOUNCED_ADDRESS to this computer's address in the network`,
      );
    const count = options.workers || availableParallelism();
    const places = Array.from({ length: count }, (_, index) => ({
      listenInfos: listenInfos(ip, options.port && options.port + index, options.announcedAddress),
    }));
    const workers = new MediaWorkers(places, log);
    try {
      await Promise.all(places.map((place) => workers.#fill(place)));
    } catch (error) {
      await workers.close();
      throw error;
    }
    return workers;
  }

  /** A router on the worker with the fewest. */
  async createRouter(): Promise<RoomMedia> {
    const [least] = this.#places
      .flatMap(({ running }) => running ?? [])
      .sort((a, b) => a.routers.size - b.routers.size);
    if (!least)
      throw new Refusal('unavailable', 'no media worker is running at the moment: try again in a few seconds');
    const router = await least.worker.createRouter({ mediaCodecs });
    least.routers.add(router);
    router.observer.once('close', () => least.routers.delete(router));
    return { router, webRtcServer: least.webRtcServer };
  }

  /** How many of the workers run. */
  get state(): { running: number; wanted: number } {
    return { running: this.#places.filter(({ running }) => running).length, wanted: this.#places.length };
  }

  /** Ends when the processes have, or after the bound on closing. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    const ends = this.#places.map(({ running }) => running && ended(running.worker));
    await Promise.race([Promise.all(ends), delay(limits.closeMs, undefined, { ref: false })]);
  }

  async #fill(place: Place): Promise<void> {
    const worker = await createWorker({ logLevel: 'error' });
    try {
      const webRtcServer = await worker.createWebRtcServer({ listenInfos: place.listenInfos });
      if (this.#closing.signal.aborted) throw new Error('the server is closing');
      place.running = { worker, webRtcServer, routers: new Set() };
    } catch (error) {
      worker.close();
      throw portError(place, error);
    }
    worker.once('died', (error) => {
      delete place.running;
      this.#log.error({ error: error.message, pid: worker.pid }, 'a media worker died; its rooms are closed');
      void this.#replace(place);
    });
    this.#log.debug({ pid: worker.pid }, 'media worker started');
  }

  /** Tries until it succeeds or the server closes. */
  async #replace(place: Place): Promise<void> {
    for (let waitMs = RETRY_FIRST_MS; !this.#closing.signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_LONGEST_MS)) {
      try {
        return await this.#fill(place);
      } catch (error) {
        this.#log.error({ error: messageOf(error), waitMs }, 'no media worker took the place of the dead one yet');
        await delay(waitMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
      }
    }
  }
}

const isUnspecified = (ip: string): boolean => ip === '0.0.0.0' || ip === '::';

function listenInfos(ip: string, port: number, announcedAddress: string | undefined): TransportListenInfo[] {
  const announced = announcedAddress ? { announcedAddress } : {};
  return [
    { protocol: 'udp', ip, port, ...announced },
    { protocol: 'tcp', ip, port, ...announced },
  ];
}

function portError(place: Place, error: unknown): Error {
  const [info] = place.listenInfos;
  return new StartError(
    `media cannot be received on ${info?.ip} port ${info?.port} (UDP and TCP): ${messageOf(error)}. ` +
      'Is another Booth running? Set BOOTH_RTC_PORT to a free port, or to 0 for any.',
  );
}

function ended(worker: Worker): Promise<void> {
  const end = new Promise<void>((resolve) => worker.once('subprocessclose', () => resolve()));
  worker.close();
  return end;
}
