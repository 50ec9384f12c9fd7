/**
 * The media workers: one process and one `WebRtcServer` (a UDP and a TCP port) for each core. The death of a worker closes the rooms
 * whose origin it was, moves those who only listened there, and nothing else; another worker replaces it on the same port.
 */
import { lookup } from 'node:dns/promises';
import { EventEmitter, once } from 'node:events';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { ApiError, messageOf } from '@mediasoup-booth/protocol';
import type { Router, RouterRtpCodecCapability, TransportListenInfo, WebRtcServer, Worker } from 'mediasoup/types';
import type { Logger } from 'pino';
import type { ListenAddress } from '../../config/rtc-addresses.ts';
import { StartError } from '../../config/start-error.ts';
import { Backoff } from '../../time/backoff.ts';
import { type Clock, sleep, within } from '../../time/clock.ts';
import { limits } from '../limits.ts';
import { ListenerLoad } from './listener-load.ts';
import { type MediaCarrier, PipedRouter } from './piped-router.ts';
import { spawnWorker } from './spawn-worker.ts';

export interface RtcOptions {
  /** The first port; each worker has the next. 0: any free ports. */
  port: number;
  /** How many; 0: one for each core. */
  workers: number;
  /** The TCP port, of one worker alone. Default, and 0: the same as for UDP. */
  tcpPort?: number;
  /** Consumers on one router of a room before its further listeners may receive from another worker. Default: 300. */
  consumersPerRouter?: number | undefined;
  /** What clients are told in place of the server's host. */
  announcedAddress?: string | undefined;
  /** The addresses on which media are received, in the order in which clients try them. Default: the server's host. */
  listen?: readonly ListenAddress[] | undefined;
}

/** Why a worker ended: it crashed or was killed, or the server closes. */
export type WorkerEnd = 'died' | 'closing';

export interface RoomMedia {
  router: Router;
  webRtcServer: WebRtcServer;
  /** The addresses on which its worker receives media. */
  listen: readonly ListenAddress[];
  /** Its worker. */
  carrier: MediaCarrier;
  /** Resolves after the worker has ended, when it is known why. */
  workerEnded: Promise<WorkerEnd>;
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

/** How long a replacement waits after a failed attempt: doubles from the first to the longest. */
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 30_000;

/** How long a room that opens waits for a worker while none is running. */
const NEXT_WORKER_WITHIN_MS = 5000;

/**
 * A worker ends by itself, with exit code 0, at a signal to stop. A terminal's Ctrl-C sends it to the whole process group, and a worker
 * may have ended before this process hears of it: for so long its end is not taken for a failure.
 */
const STOP_SIGNAL_WITHIN_MS = 3000;
const endedByItself = (error: Error): boolean => error.message.includes('code:0,');

interface RunningWorker {
  worker: Worker;
  webRtcServer: WebRtcServer;
  listen: readonly ListenAddress[];
  ended: Promise<WorkerEnd>;
  carrier: MediaCarrier;
  /** Routers on this worker, those being created included. */
  routers: number;
}

/** The ports of one worker: they stay when the worker is replaced. */
interface WorkerSlot {
  listenInfos: TransportListenInfo[];
  /** Those without which the worker is of no use. */
  requiredListenInfos: TransportListenInfo[];
  listen: readonly ListenAddress[];
  running?: RunningWorker;
}

export class MediaWorkers {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #slots: WorkerSlot[];
  readonly #closing = new AbortController();
  /** Emits `running` when a worker has started. */
  readonly #events = new EventEmitter();

  private constructor(slots: WorkerSlot[], clock: Clock, log: Logger) {
    this.#slots = slots;
    this.#clock = clock;
    this.#log = log;
  }

  /** @throws {StartError} that names the setting which helps */
  static async start(host: string, options: RtcOptions, clock: Clock, log: Logger): Promise<MediaWorkers> {
    const { port, tcpPort = 0, announcedAddress, listen = [{ ip: host, announcedAddress }] } = options;
    const addresses = await Promise.all(listen.map(resolved));
    const count = options.workers || availableParallelism();
    if (tcpPort !== 0 && count > 1)
      throw new StartError(
        `port ${tcpPort} for media over TCP belongs to one media worker, and there are ${count}: set BOOTH_RTC_WORKERS=1, or ` +
          'leave BOOTH_RTC_TCP_PORT unset and offer a TURN server on that port (BOOTH_RTC_ICE_SERVERS)',
      );
    const places = Array.from({ length: count }, (_, index) => {
      const udp = port && port + index;
      const infosFor = (some: readonly ListenAddress[]) => listenInfos(some, { udp, tcp: tcpPort || udp });
      const required = addresses.filter(({ optional }) => !optional);
      return { listenInfos: infosFor(addresses), requiredListenInfos: infosFor(required), listen: addresses };
    });
    const workers = new MediaWorkers(places, clock, log);
    try {
      await Promise.all(places.map((place) => workers.#startWorker(place)));
    } catch (error) {
      await workers.close();
      throw error;
    }
    return workers;
  }

  /** Creates a router on the worker with the fewest, or on the next to start. @throws {ApiError} where none starts within 5 s */
  async createRouter(): Promise<RoomMedia> {
    return createRouter(this.#leastBusy() ?? (await this.#nextRunning()));
  }

  /** Creates a router on one of the workers, or, while that is not running, on another. @throws {ApiError} where none starts within 5 s */
  async createRouterOn(index: number): Promise<RoomMedia> {
    const running = this.#slots[index % this.#slots.length]?.running;
    return running ? createRouter(running) : this.createRouter();
  }

  /** Those that run, as they carry listeners of rooms whose origin is elsewhere. */
  get carriers(): readonly MediaCarrier[] {
    return this.#slots.flatMap(({ running }) => running?.carrier ?? []);
  }

  /** How many workers are running, and how many should be. */
  get state(): { running: number; wanted: number } {
    return { running: this.#slots.filter(({ running }) => running).length, wanted: this.#slots.length };
  }

  /** From now on the end of a worker is no failure, and no other takes its place. */
  beginClosing(): void {
    this.#closing.abort();
  }

  /** Resolves when the processes have ended, after 5 s at the latest. */
  async close(): Promise<void> {
    this.beginClosing();
    const ends = this.#slots.map(({ running }) => running && ended(running.worker));
    await within(this.#clock, limits.closeMs, Promise.all(ends));
  }

  #leastBusy(): RunningWorker | undefined {
    const running = this.#slots.flatMap((place) => place.running ?? []);
    return running.sort((a, b) => a.routers - b.routers)[0];
  }

  async #nextRunning(): Promise<RunningWorker> {
    const waiting = new AbortController();
    await within(this.#clock, NEXT_WORKER_WITHIN_MS, once(this.#events, 'running', { signal: waiting.signal }));
    waiting.abort();
    const nextRunning = this.#leastBusy();
    if (!nextRunning)
      throw new ApiError('unavailable', 'no media worker is running at the moment: try again in a minute');
    return nextRunning;
  }

  async #startWorker(place: WorkerSlot): Promise<void> {
    const worker = await spawnWorker({ logLevel: 'error' }).catch((error: unknown) => {
      throw new StartError(
        `the media worker does not start: ${messageOf(error)}. \`npm run setup\` makes one that does.`,
      );
    });
    const { promise: ended, resolve: end } = Promise.withResolvers<WorkerEnd>();
    try {
      const webRtcServer = await this.#createWebRtcServer(worker, place);
      if (this.#closing.signal.aborted) throw new Error('the server is closing');
      place.running = runningWorker(worker, webRtcServer, place.listen, ended);
    } catch (error) {
      worker.close();
      throw portError(place, error);
    }
    worker.observer.once('close', () => {
      if (!worker.died) end('closing');
    });
    worker.once('died', async (error) => {
      delete place.running;
      if (endedByItself(error)) await sleep(this.#clock, STOP_SIGNAL_WITHIN_MS, this.#closing.signal);
      if (this.#closing.signal.aborted) return end('closing');
      end('died');
      this.#log.error({ err: error, pid: worker.pid }, 'media worker died, its rooms are closed');
      void this.#replace(place);
    });
    this.#log.debug({ pid: worker.pid }, 'media worker started');
    this.#events.emit('running');
  }

  async #createWebRtcServer(worker: Worker, { listenInfos, requiredListenInfos }: WorkerSlot): Promise<WebRtcServer> {
    try {
      return await worker.createWebRtcServer({ listenInfos });
    } catch (error) {
      if (requiredListenInfos.length === listenInfos.length) throw error;
      this.#log.warn({ err: error }, 'media are not received on every address');
      return worker.createWebRtcServer({ listenInfos: requiredListenInfos });
    }
  }

  /** Tries until it succeeds or the server closes. */
  async #replace(slot: WorkerSlot): Promise<void> {
    const backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_LONGEST_MS });
    while (!this.#closing.signal.aborted) {
      try {
        return await this.#startWorker(slot);
      } catch (error) {
        const retryInMs = backoff.next();
        this.#log.error({ err: error, retryInMs }, 'media worker could not be replaced');
        await sleep(this.#clock, retryInMs, this.#closing.signal);
      }
    }
  }
}

function runningWorker(
  worker: Worker,
  webRtcServer: WebRtcServer,
  listen: readonly ListenAddress[],
  ended: Promise<WorkerEnd>,
): RunningWorker {
  const load = new ListenerLoad();
  const running: RunningWorker = {
    worker,
    webRtcServer,
    listen,
    ended,
    routers: 0,
    carrier: {
      load,
      openRouter: (origin, closed) => new PipedRouter(createRouter(running), load, origin, closed),
    },
  };
  return running;
}

async function createRouter(running: RunningWorker): Promise<RoomMedia> {
  // Counted before it is created, so that rooms which open at the same time go to different workers.
  running.routers++;
  try {
    const router = await running.worker.createRouter({ mediaCodecs });
    router.observer.once('close', () => running.routers--);
    const { webRtcServer, listen, carrier, ended } = running;
    return { router, webRtcServer, listen, carrier, workerEnded: ended };
  } catch (error) {
    running.routers--;
    throw error;
  }
}

const isUnspecified = (ip: string): boolean => ip === '0.0.0.0' || ip === '::';

/** An address as IP address. @throws {StartError} where nothing can be sent to it */
async function resolved({ ip: host, announcedAddress, optional }: ListenAddress): Promise<ListenAddress> {
  const ip = isIP(host) ? host : (await lookup(host)).address;
  if (isUnspecified(ip) && !announcedAddress)
    throw new StartError(
      `media cannot be sent to ${ip}: set BOOTH_RTC_ANNOUNCED_ADDRESS to this computer's address in the network`,
    );
  return { ip, announcedAddress, optional };
}

function listenInfos(
  addresses: readonly ListenAddress[],
  { udp, tcp }: { udp: number; tcp: number },
): TransportListenInfo[] {
  return addresses.flatMap(({ ip, announcedAddress }) => {
    const address = {
      ip,
      ...(announcedAddress && { announcedAddress }),
      // Else "::" would take the port on IPv4 addresses, too.
      ...(isIP(ip) === 6 && addresses.length > 1 && { flags: { ipv6Only: true } }),
    };
    return [
      { protocol: 'udp' as const, port: udp, ...address },
      { protocol: 'tcp' as const, port: tcp, ...address },
    ];
  });
}

function portError({ listenInfos }: WorkerSlot, error: unknown): Error {
  const ofProtocol = (wanted: string) => listenInfos.filter(({ protocol }) => protocol === wanted);
  const ips = ofProtocol('udp').map(({ ip }) => ip);
  const [udp] = ofProtocol('udp');
  const [tcp] = ofProtocol('tcp');
  const ports =
    udp?.port === tcp?.port ? `port ${udp?.port} (UDP and TCP)` : `ports ${udp?.port} (UDP) and ${tcp?.port} (TCP)`;
  return new StartError(
    `media cannot be received on ${ips.join(', ')} ${ports}: ${messageOf(error)}. Is another Booth running? ` +
      (udp?.port === tcp?.port
        ? 'Set BOOTH_RTC_PORT to a free port, or to 0 for any.'
        : 'Set BOOTH_RTC_PORT and BOOTH_RTC_TCP_PORT to free ports; one below 1024 needs the right to it (CAP_NET_BIND_SERVICE).'),
  );
}

/** mediasoup itself ends its workers when this process receives a signal to stop, so they may have ended already. */
async function ended(worker: Worker): Promise<void> {
  if (worker.subprocessClosed) return;
  const end = new Promise<void>((resolve) => worker.once('subprocessclose', () => resolve()));
  worker.close();
  await end;
}
