/**
 * A server whose rooms are interpreted by `booth worker`, each a process of its own, with a real Redis between them: somebody speaks all the
 * time, and somebody hears and reads Spanish.
 */
import type { CaptionMessage, RoomMessage, StatusMessage } from '@mediasoup-booth/protocol';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { InterpreterDispatch } from '../../cluster/interpreter-dispatch.ts';
import { leaseOf } from '../../cluster/interpreter-order.ts';
import { InterpreterQueue } from '../../cluster/interpreter-queue.ts';
import { LeaseStore } from '../../cluster/lease-store.ts';
import { RedisConnection } from '../../cluster/redis-connection.ts';
import { WorkerRegistry } from '../../cluster/worker-registry.ts';
import { qwen3 } from '../../config/models.ts';
import type { LaunchInterpreter, LaunchState } from '../../server/room/room-interpreter.ts';
import { systemClock } from '../../time/clock.ts';
import { type Running, startBooth, temporaryFolder } from './booth-process.ts';
import { freePort } from './free-port.ts';
import { Guest, say } from './meeting.ts';
import { RedisServer } from './redis-server.ts';
import { call, inTheCloud, person, startTestServer, type TestServer, tokenOf } from './server.ts';
import { SimulatedVendor } from './simulated-vendor.ts';
import { joined } from './sound.ts';
import { until } from './until.ts';

export const log = pino({ level: process.env.BOOTH_TEST_LOG ?? 'silent' });

export interface Told {
  interpreter: string;
  state: LaunchState;
  message?: string;
  queuePlace?: number;
}

/** A worker, as a process. */
export interface TestWorker {
  id: string;
  running: Running;
  /** To the worker and the process of its interpreters. */
  signal(signal: NodeJS.Signals): void;
}

export interface WorkerOptions {
  env?: Record<string, string>;
  /** URL of the translation service. Default: that of the cluster. */
  vendor?: string;
  /** The program to start in place of Node, which starts Node. */
  startedBy?: (node: string) => string;
}

interface Parts {
  redis: RedisServer;
  vendor: SimulatedVendor;
  server: TestServer;
  leases: LeaseStore;
  connection: RedisConnection;
  told: Told[];
  interpreters: ReadonlyMap<string, string>;
  mediaPort: number;
}

export class TestCluster {
  readonly redis: RedisServer;
  readonly vendor: SimulatedVendor;
  readonly server: TestServer;
  readonly leases: LeaseStore;
  readonly connection: RedisConnection;
  readonly told: Told[];
  /** The UDP port of the media worker. */
  readonly mediaPort: number;
  readonly #interpreters: ReadonlyMap<string, string>;

  /** Runs until the test is over. */
  static async start({ address = '127.0.0.1' } = {}): Promise<TestCluster> {
    const redis = await RedisServer.start({ address });
    onTestFinished(() => redis.close());
    const vendor = await SimulatedVendor.start({ account: { connectionsPerMinute: 1000 } });
    const connection = await RedisConnection.open({ url: redis.url, log });
    const leases = new LeaseStore(connection);
    const queue = await InterpreterQueue.open({ url: redis.url, redis: connection, model: qwen3.id, log });
    const dispatch = new InterpreterDispatch({
      redis: connection,
      leases,
      registry: new WorkerRegistry(connection),
      queue,
      clock: systemClock,
      log,
    });
    const mediaPort = await freePort(address);
    const told: Told[] = [];
    const interpreters = new Map<string, string>();
    const launchInterpreter: LaunchInterpreter = ({ id, room, url, onState, ...request }) => {
      interpreters.set(room, id);
      return dispatch.launch({
        ...request,
        room,
        interpreter: id,
        server: url,
        languages: request.languages,
        languageSettings: request.languageSettings,
        settings: {
          sessionIdleTimeoutMs: 60_000,
          limits: { maxSessions: 64 },
          playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
        },
        onState(state, message, queuePlace) {
          told.push({
            interpreter: id,
            state,
            ...(message !== undefined && { message }),
            ...(queuePlace !== undefined && { queuePlace }),
          });
          onState(state, message, queuePlace);
        },
      });
    };
    const server = await startTestServer({
      ...inTheCloud,
      host: address,
      rtc: { port: mediaPort, workers: 1 },
      sessionBudget: { connectionsPerMinute: 500, tokensPerMinute: 1_000_000 },
      transcripts: { folder: temporaryFolder(), retentionHours: 1 },
      launchInterpreter,
      log,
    });
    onTestFinished(async () => {
      await server.close();
      await dispatch.close();
      await queue.close();
      await connection.close();
    });
    return new TestCluster({ redis, vendor, server, leases, connection, told, interpreters, mediaPort });
  }

  private constructor(parts: Parts) {
    this.redis = parts.redis;
    this.vendor = parts.vendor;
    this.server = parts.server;
    this.leases = parts.leases;
    this.connection = parts.connection;
    this.told = parts.told;
    this.mediaPort = parts.mediaPort;
    this.#interpreters = parts.interpreters;
  }

  /** The id of the interpreter that was wanted last for a room. */
  launched(room: string): string | undefined {
    return this.#interpreters.get(room);
  }

  /** Starts a worker; resolves when it takes orders. */
  async worker({ vendor = this.vendor.url, startedBy, env = {} }: WorkerOptions = {}): Promise<TestWorker> {
    const running = startBooth(['worker'], {
      ...(startedBy && { startedBy }),
      environment: {
        BOOTH_REDIS_URL: this.redis.url,
        BOOTH_LIVETRANSLATE_URL: vendor,
        DASHSCOPE_API_KEY: 'sk-any',
        BOOTH_INTERPRETER_THREADS: '1',
        // Other tests may keep the computer busy.
        BOOTH_WORKER_MAX_CPU: '1',
        BOOTH_LOG_LEVEL: process.env.BOOTH_TEST_LOG ?? 'info',
        ...env,
      },
    });
    const { pid = 0 } = running.process;
    onTestFinished(() => {
      for (const signal of ['SIGCONT', 'SIGKILL'] as const) kill(-pid, signal);
    });
    await until(() => running.output.stdout.includes('\n'));
    const id = running.output.stdout.trim();
    const registry = new WorkerRegistry(this.connection);
    while (!(await registry.all().catch(() => [])).some((one) => one.id === id))
      await new Promise((resolve) => setTimeout(resolve, 50));
    return { id, running, signal: (signal) => kill(-pid, signal) };
  }

  /** Which worker has the lease of a room, with which fencing token. */
  async lease(room: string) {
    return (await this.leases.read([leaseOf({ room, server: this.server.localUrl })]))[0];
  }

  /** Resolves with the lease as soon as it fits. */
  async leaseWhen(room: string, fits: (lease: { worker: string; fence: number; state: string }) => boolean) {
    for (;;) {
      const lease = await this.lease(room).catch(() => undefined);
      if (lease && fits(lease)) return lease;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

export class TalkingRoom {
  readonly name: string;
  readonly captions: CaptionMessage[] = [];
  /** By which data producer each caption came: every run of an interpreter has its own. */
  readonly #sources = new Map<CaptionMessage, string>();
  readonly statuses: StatusMessage[] = [];
  /** When an utterance began to be played. */
  readonly playouts: { utterance: string; atMs: number }[] = [];
  /** The most interpreters, and the most voices, that were in the room at one moment. */
  most = { interpreters: 0, voices: 0 };
  readonly #server: TestServer;
  #reader: Guest | undefined;

  /** People are in the room until the test is over. */
  static async open(
    { server }: Pick<TestCluster, 'server'>,
    { name = 'hall', pauseMs = 1200 } = {},
  ): Promise<TalkingRoom> {
    const room = new TalkingRoom(server, name);
    await room.#gather(pauseMs);
    return room;
  }

  private constructor(server: TestServer, name: string) {
    this.#server = server;
    this.name = name;
  }

  async #gather(pauseMs: number): Promise<void> {
    const reader = await Guest.enter(this.#server, person('bob', { room: this.name }), {
      preferences: { hears: 'es', reads: ['es', 'original'] },
    });
    this.#reader = reader;
    const speaker = await Guest.enter(this.#server, person('ann', { room: this.name }), {
      preferences: { speaks: 'en' },
    });
    const { samples, sampleRate } = humanSpeech('conf-waitforleader');
    const sentence = await resample(samples, sampleRate, VOICE_SAMPLE_RATE);
    const pause = new Int16Array((VOICE_SAMPLE_RATE * pauseMs) / 1000);
    const spoken = await say(await speaker.room.publishMicrophone(), joined([sentence, pause]), { loop: true });
    const stop = this.#follow(reader);
    onTestFinished(() => {
      stop();
      spoken.stop();
      speaker.room.close();
      reader.room.close();
    });
  }

  /** The interpreters that are in the room. */
  get interpreters() {
    return [...(this.#reader?.room.participants.values() ?? [])].filter(({ kind }) => kind === 'interpreter');
  }

  get finals(): CaptionMessage[] {
    return this.captions.filter(({ final }) => final);
  }

  /** What people are told of the interpretation. */
  async interpretation(): Promise<{ state: string; message?: string; queuePlace?: number }> {
    const token = tokenOf(person('admin', { grants: ['admin'] }));
    const { body } = await call(this.#server, 'GET', `/v1/overview`, { token });
    const { rooms } = body as { rooms: { name: string; interpretation: { state: string; message?: string } }[] };
    return rooms.find(({ name }) => name === this.name)?.interpretation ?? { state: 'closed' };
  }

  /** Resolves with how long the next sentence took that was translated completely and said, from now on. */
  async translates(): Promise<number> {
    const [before, fromMs] = [this.captions.length, performance.now()];
    await until(() =>
      this.captions
        .slice(before)
        .some(({ kind, final, language }) => kind === 'translation' && final && language === 'es'),
    );
    return performance.now() - fromMs;
  }

  /** Resolves when somebody hears a translation that begins from now on. */
  async isHeard(): Promise<void> {
    const before = this.playouts.length;
    await until(() => this.playouts.length > before);
  }

  /** The texts of the transcript, in Spanish. */
  async transcript(): Promise<string[]> {
    const token = tokenOf(person('bob', { room: this.name }));
    const { body } = await call(this.#server, 'GET', `/v1/rooms/${this.name}/transcript?language=es`, { token });
    return (body as { entries: { text: string; start: number }[] }).entries.map(
      ({ start, text }) => `${start} ${text}`,
    );
  }

  /** Originals of one run of the interpreter that cover speech which another run covers too, by more than a detector's tolerance. */
  saidTwice(): string[] {
    const spans = this.finals
      .filter(({ kind }) => kind === 'original')
      .flatMap((caption) => {
        const { start, end = start, stable, language } = caption;
        return [{ start, end, text: `${start}-${end} ${stable}`, language, source: this.#sources.get(caption) }];
      });
    return spans.flatMap((span, i) =>
      spans
        .slice(i + 1)
        .filter(({ language, source }) => language === span.language && source !== span.source)
        .filter(({ start, end }) => Math.min(end, span.end) - Math.max(start, span.start) > 300)
        .map(({ text }) => `${span.text} / ${text}`),
    );
  }

  #follow(reader: Guest): () => void {
    const known = new Set<string>();
    const timer = setInterval(() => {
      const { interpreters } = this;
      const voices = interpreters.flatMap(({ producers }) =>
        producers.filter(({ booth }) => booth?.role === 'channel'),
      );
      this.most.interpreters = Math.max(this.most.interpreters, interpreters.length);
      this.most.voices = Math.max(this.most.voices, voices.length);
      for (const { id } of interpreters.flatMap(({ dataProducers }) => dataProducers)) {
        if (known.has(id)) continue;
        known.add(id);
        reader.room
          .receiveTexts(id, (text) => this.#receive(id, JSON.parse(text) as RoomMessage))
          .catch(() => known.delete(id));
      }
    }, 10);
    return () => clearInterval(timer);
  }

  #receive(source: string, message: RoomMessage): void {
    if (message.type === 'caption') {
      this.captions.push(message);
      this.#sources.set(message, source);
    } else if (message.type === 'status') this.statuses.push(message);
    else if (message.state === 'started') this.playouts.push({ utterance: message.utterance, atMs: performance.now() });
  }
}
