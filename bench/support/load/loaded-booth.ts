/**
 * A Booth under load: its server with a media worker, interpreters, a light vendor and many microphones, each part in a process of its own.
 * People are in its rooms by signalling alone: they speak by the microphones' process, and what they hear decides what is interpreted. What
 * the interpreters use of the computer is measured from outside.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Preferences, signalUrl } from '@mediasoup-booth/protocol';
import jsonwebtoken from 'jsonwebtoken';
import type { PlayoutSettings } from '../../../bot/publications.ts';
import { openSocket } from '../../../bot/room/open-socket.ts';
import { SignallingClient } from '../../../room-client/signalling-client.ts';
import { LoadChild } from './child.ts';
import { cpuSeconds, pin, prefer, residentMB } from './cpu-time.ts';
import type { FromHost, HostOrder, ToHost } from './host.ts';
import type { FromMicrophones, ToMicrophones } from './microphones.ts';
import { LEVEL_ID, plainRtpParameters } from './plain-microphone.ts';
import type { FromVendor } from './vendor.ts';
import type { FromYardstick, ToYardstick, YardstickCost } from './yardstick.ts';

const SECRET = 'a secret for this benchmark only';
const FIRST_SSRC = 1000;
/** How often the delay of the event loop is looked at, which interpreters report every 5 s. */
const LOOK_EVERY_MS = 2500;
const MEASUREMENTS = 3;
const SESSIONS_WITHIN_MS = 30_000;
const MIN_SESSIONS_SHARE = 0.8;

export interface LoadOptions {
  /** Default: one track for each speaker in each language. */
  tracks?: PlayoutSettings['tracks'];
  /**
   * Whether each room has a process of its own, or all rooms the threads of one, as a server has them. Default: `thread`, but `process`
   * where a profile is wanted, which V8 does not write of a thread that is ended.
   */
  isolation?: HostOrder['isolation'];
  /** The folder for CPU profiles of the interpreters, which they write when they end. */
  profile?: string | undefined;
  /** The URL of a Redis that the server shares with others, and by which its interpreters are ordered of a worker. Default: it is alone. */
  redis?: string;
  /** The cores of the interpreters and of everything else, as `taskset` takes them. Default: any. */
  cores?: { interpreters: string; others: string };
}

const MAX_DELAY_MS = 20;
/** Microphones that send less do not load the interpreter as they should. */
const MIN_SENT_SHARE = 0.97;

/**
 * The interpreters kept up: their event loops were in time in 99 of 100 turns, beyond what the computer lets even a loop wait that does
 * nothing, and everything that was sent was heard.
 */
export const keptUp = ({ eventLoopDelayMs, idleDelayMs, lost, lostBefore, sentShare }: Usage): boolean =>
  eventLoopDelayMs - idleDelayMs < MAX_DELAY_MS && lost === 0 && lostBefore === 0 && sentShare >= MIN_SENT_SHARE;

/** The interpreters on the first core, everything else on the second. */
export const APART = { interpreters: '0', others: '1' };

/** CPU as a share of one core. */
export interface Usage {
  interpreters: number;
  server: number;
  worker: number;
  vendor: number;
  microphones: number;
  /** Memory of all interpreters. */
  residentMB: number;
  /** The highest 99th percentile of an event loop's delay that an interpreter reported, in milliseconds. */
  eventLoopDelayMs: number;
  /** The same of a process beside them that does next to nothing. */
  idleDelayMs: number;
  /** Packets that interpreters missed, and that they dropped as too many. */
  lost: number;
  received: number;
  /** Packets of microphones that did not reach the router: the load's own losses. */
  lostBefore: number;
  /** Packets that the microphones sent, as a share of those that were due. */
  sentShare: number;
  /** What a piece of work costs that is always the same: how fast the core of the interpreters was just then. */
  yardstick: YardstickCost;
  /** Seconds of speech that channels played, in all languages together. */
  playedSeconds: number;
}

export interface LoadPerson {
  leave(): void;
}

export interface LoadSpeaker extends LoadPerson {
  /** From now on they speak all the time, with the pauses of speech, until they leave. */
  speak(): void;
}

export class LoadedBooth {
  readonly #options: LoadOptions;
  readonly #host: LoadChild<ToHost, FromHost>;
  readonly #vendor: LoadChild<never, FromVendor>;
  readonly #microphones: LoadChild<ToMicrophones, FromMicrophones>;
  readonly #yardstick: LoadChild<ToYardstick, FromYardstick>;
  readonly #published = new Map<number, (at: { port: number; payloadType: number }) => void>();
  #url = '';
  #workers: readonly number[] = [];
  #interpreters: readonly number[] = [];
  #speaking = 0;
  #nextSsrc = FIRST_SSRC;

  private constructor(options: LoadOptions) {
    this.#options = options;
    this.#host = new LoadChild('host.ts');
    this.#vendor = new LoadChild('vendor.ts');
    this.#microphones = new LoadChild('microphones.ts');
    this.#yardstick = new LoadChild('yardstick.ts');
    this.#host.on((message) => {
      if ('interpreters' in message) {
        this.#interpreters = message.interpreters;
        this.#pin();
      }
      if ('microphone' in message) this.#published.get(message.microphone.ssrc)?.(message.microphone);
    });
  }

  static async start(options: LoadOptions = {}): Promise<LoadedBooth> {
    const booth = new LoadedBooth(options);
    try {
      await booth.#start();
    } catch (error) {
      await booth.close();
      throw error;
    }
    return booth;
  }

  /** The processes of the interpreters that run now. */
  get interpreters(): readonly number[] {
    return this.#interpreters;
  }

  /** Somebody who listens. */
  async listen(room: string, hears: string): Promise<LoadPerson> {
    const signalling = await this.#join(room, { hears, reads: [] });
    return { leave: () => signalling.close() };
  }

  /** Somebody whose microphone is open, who has said that they speak English, and is silent so far. */
  async attend(room: string): Promise<LoadSpeaker> {
    const signalling = await this.#join(room, { speaks: 'en', hears: 'original', reads: [] });
    const { ssrc, at } = await this.#publish(signalling);
    let speaks = false;
    return {
      speak: () => {
        if (speaks) return;
        speaks = true;
        this.#speaking++;
        this.#microphones.send({ speak: { ssrc, ...at, levelId: LEVEL_ID } });
      },
      leave: () => {
        if (speaks) this.#speaking--;
        speaks = false;
        this.#microphones.send({ hush: ssrc });
        signalling.close();
      },
    };
  }

  /** Somebody who speaks as soon as they have come. */
  async speak(room: string): Promise<LoadSpeaker> {
    const person = await this.attend(room);
    person.speak();
    return person;
  }

  /** Waits until most speakers have a session with the service, of which those who pause need none. A busy computer opens them slowly. */
  async interpreting(pairs: number): Promise<void> {
    for (let waitedMs = 0; waitedMs < SESSIONS_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
      if ((await this.#counts()).sessions >= pairs * MIN_SESSIONS_SHARE) return;
      await delay(LOOK_EVERY_MS);
    }
  }

  /** What is used from now on, for so many seconds. */
  async measure(seconds: number): Promise<Usage> {
    const parts = {
      interpreters: this.#interpreters,
      server: [this.#host.pid],
      worker: this.#workers,
      vendor: [this.#vendor.pid],
      microphones: [this.#microphones.pid],
    };
    const [counts, sound, sent] = [await this.#counts(), await this.#sound(), await this.#sent()];
    await this.#yardstickCost();
    const startedMs = performance.now();
    const before = Object.values(parts).map(cpuSeconds);
    const { eventLoopDelayMs, idleDelayMs } = await this.#worstDelay(seconds * 1000);
    const elapsedS = (performance.now() - startedMs) / 1000;
    const shares = Object.values(parts).map((pids, i) => (cpuSeconds(pids) - (before[i] ?? 0)) / elapsedS);
    const yardstick = await this.#yardstickCost();
    const [countsAfter, soundAfter, sentAfter] = [await this.#counts(), await this.#sound(), await this.#sent()];
    const [interpreters = 0, server = 0, worker = 0, vendor = 0, microphones = 0] = shares;
    const sinceStartS = (performance.now() - startedMs) / 1000;
    return {
      interpreters,
      server,
      worker,
      vendor,
      microphones,
      residentMB: residentMB(this.#interpreters),
      eventLoopDelayMs,
      idleDelayMs,
      lost: countsAfter.lost - counts.lost,
      received: countsAfter.received - counts.received,
      lostBefore: soundAfter.lost - sound.lost,
      sentShare: (sentAfter - sent) / (this.#speaking * 50 * sinceStartS || 1),
      yardstick,
      playedSeconds: countsAfter.played - counts.played,
    };
  }

  /**
   * As `measure`, until the interpreter has kept up, three times at most: what one does not do that gets no CPU costs nothing.
   * @returns the measurement in which the event loop was the least late
   */
  async measureUndisturbed(seconds: number): Promise<Usage> {
    let best = await this.measure(seconds);
    for (let again = 1; again < MEASUREMENTS && !keptUp(best); again++) {
      const usage = await this.measure(seconds);
      if (usage.eventLoopDelayMs < best.eventLoopDelayMs) best = usage;
    }
    return best;
  }

  /** Megabytes of memory that the parts have resident now. */
  get residentMB(): { interpreters: number; server: number; worker: number } {
    return {
      interpreters: residentMB(this.#interpreters),
      server: residentMB([this.#host.pid]),
      worker: residentMB(this.#workers),
    };
  }

  /** Ends everything. Profiles are written when this resolves. */
  async close(): Promise<void> {
    await this.#host.stop({ close: true });
    await Promise.all([this.#vendor.stop(), this.#microphones.stop(), this.#yardstick.stop()]);
  }

  async #start(): Promise<void> {
    const ready = Promise.all([this.#microphones.next('ready'), this.#yardstick.next('ready')]);
    const vendor = await this.#vendor.next('url');
    const { tracks = 'perSpeaker', profile, redis } = this.#options;
    const { isolation = profile === undefined ? 'thread' : 'process' } = this.#options;
    const listening = this.#host.next('listening');
    const order = {
      vendor,
      secret: SECRET,
      tracks,
      isolation,
      ...(profile !== undefined && { profile }),
      ...(redis !== undefined && { redis }),
    };
    this.#host.send({ start: order });
    const { url, workers } = await listening;
    this.#url = url;
    this.#workers = workers;
    await ready;
    this.#pin();
  }

  #pin(): void {
    const others = [this.#host.pid, this.#vendor.pid, this.#microphones.pid, ...this.#workers];
    prefer([...others, this.#yardstick.pid, ...this.#interpreters]);
    const { cores } = this.#options;
    if (!cores) return;
    pin(others, cores.others);
    pin([this.#yardstick.pid, ...this.#interpreters], cores.interpreters);
  }

  async #join(room: string, preferences: Partial<Preferences>): Promise<SignallingClient> {
    const claims = { jti: randomUUID(), booth: { room, grants: ['publish', 'subscribe'] } };
    const token = jsonwebtoken.sign(claims, SECRET, { subject: randomUUID(), expiresIn: '1h', algorithm: 'HS256' });
    const signalling = new SignallingClient(await openSocket(signalUrl(this.#url), token));
    await signalling.request('join', preferences);
    return signalling;
  }

  async #publish(signalling: SignallingClient): Promise<{ ssrc: number; at: { port: number; payloadType: number } }> {
    const ssrc = this.#nextSsrc++;
    const { promise, resolve } = Promise.withResolvers<{ port: number; payloadType: number }>();
    this.#published.set(ssrc, resolve);
    const { id: transportId } = await signalling.request('transport.create', { direction: 'send' });
    const rtpParameters = plainRtpParameters(ssrc);
    await signalling.request('producer.create', { transportId, kind: 'audio', source: 'microphone', rtpParameters });
    const { port, payloadType } = await promise;
    this.#published.delete(ssrc);
    return { ssrc, at: { port, payloadType } };
  }

  async #worstDelay(ms: number): Promise<Pick<Usage, 'eventLoopDelayMs' | 'idleDelayMs'>> {
    const worst = { eventLoopDelayMs: 0, idleDelayMs: 0 };
    for (let left = ms; left > 0; left -= LOOK_EVERY_MS) {
      await delay(Math.min(left, LOOK_EVERY_MS));
      const [counts, idleDelayMs] = await Promise.all([this.#counts(), this.#idleDelay()]);
      worst.eventLoopDelayMs = Math.max(worst.eventLoopDelayMs, counts.eventLoopDelayMs);
      worst.idleDelayMs = Math.max(worst.idleDelayMs, idleDelayMs);
    }
    return worst;
  }

  async #sound(): Promise<{ received: number; lost: number }> {
    const sound = this.#host.next('sound');
    this.#host.send({ countSound: true });
    return sound;
  }

  async #sent(): Promise<number> {
    const sent = this.#microphones.next('sent');
    this.#microphones.send({ count: true });
    return sent;
  }

  async #yardstickCost(): Promise<YardstickCost> {
    const cost = this.#yardstick.next('cost');
    this.#yardstick.send({ tell: 'cost' });
    return cost;
  }

  async #idleDelay(): Promise<number> {
    const delayMs = this.#yardstick.next('delayMs');
    this.#yardstick.send({ tell: 'delay' });
    return delayMs;
  }

  /** What interpreters have reported, as the server's metrics sum it up. */
  async #counts() {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const value = (name: string): number => {
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.split(' ')[1] ?? 0);
    };
    const packets = (outcome: string) => value(`booth_interpreter_packets_total{outcome="${outcome}"}`);
    return {
      received: packets('received'),
      lost: packets('lost') + packets('dropped'),
      eventLoopDelayMs: value('booth_interpreter_event_loop_delay_seconds') * 1000,
      sessions: value('booth_translation_sessions_open'),
      played: value('booth_channel_played_seconds_total'),
    };
  }
}
