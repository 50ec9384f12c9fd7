/**
 * A process with Booth's server and what it starts: a media worker, and the interpreters' processes. Its people's microphones are real
 * producers of the server's own routers, whose packets come as plain RTP and not over a WebRTC transport of their own, so that many of them
 * cost next to nothing. Everything else is as it always is.
 */

import { signalUrl } from '@mediasoup-booth/protocol';
import * as mediasoup from 'mediasoup';
import type { PlainTransport, ProducerOptions, Router, WebRtcTransport } from 'mediasoup/types';
import { pino } from 'pino';
import type { InterpreterAssignment } from '../../../bot/process/interpreter-ipc.ts';
import {
  type InterpreterProcess,
  type ProcessState,
  superviseInterpreter,
} from '../../../bot/process/interpreter-supervisor.ts';
import { InterpreterThreads } from '../../../bot/process/interpreter-threads.ts';
import type { PlayoutSettings } from '../../../bot/publications.ts';
import { qwen3 } from '../../../config/models.ts';
import { endWithParent } from '../../../process/parent-watchdog.mjs';
import { startServer } from '../../../server/server.ts';
import { systemClock } from '../../../time/clock.ts';
import { PLAIN_MICROPHONE } from './plain-microphone.ts';

export interface HostOrder {
  vendor: string;
  secret: string;
  tracks: PlayoutSettings['tracks'];
  /** `process`: each room has a process of its own; `thread`: rooms share the threads of one. */
  isolation: 'process' | 'thread';
  /** The folder into which interpreters write CPU profiles when they end. */
  profile?: string;
  /** The Redis that the server uses as one of several would, and from which a worker in the same process takes orders. Default: the server is alone. */
  redis?: string;
}

/** The assignment of an interpreter, and the listener that is told of its states. */
interface InterpreterRequest
  extends Pick<InterpreterAssignment, 'url' | 'token' | 'fence' | 'languages' | 'languageSettings' | 'pictures'> {
  onState(state: ProcessState, message?: string): void;
}

export type FromHost =
  | { listening: { url: string; workers: number[] } }
  /** A microphone was published: where its packets are expected. */
  | { microphone: { ssrc: number; port: number; payloadType: number } }
  /** The processes of the interpreters that run now. */
  | { interpreters: number[] }
  | { sound: { received: number; lost: number } }
  | { closed: true };
export type ToHost = { start: HostOrder } | { countSound: true } | { close: true };

const UNLIMITED = { connectionsPerMinute: 100_000, tokensPerMinute: 1_000_000_000 };
const PROFILE_EVERY_US = 1000;

const answer = (message: FromHost): void => void process.send?.(message);

const plainTransports = new Map<Router, Promise<PlainTransport>>();
const microphones = new Set<mediasoup.types.Producer>();
const workerPids: number[] = [];

function plainTransportOf(router: Router): Promise<PlainTransport> {
  const known = plainTransports.get(router);
  if (known) return known;
  const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1', recvBufferSize: 4 * 2 ** 20 };
  const created = router.createPlainTransport({ listenInfo, comedia: true, rtcpMux: true });
  plainTransports.set(router, created);
  router.observer.once('close', () => plainTransports.delete(router));
  return created;
}

/** Has the microphones of the load published on the router's plain transport, where the participant asked for its own. */
function acceptPlainMicrophones(router: Router, transport: WebRtcTransport): void {
  const produce = transport.produce.bind(transport);
  const produceAnywhere = async (options: ProducerOptions) => {
    if (options.rtpParameters.rtcp?.cname !== PLAIN_MICROPHONE) return produce(options);
    const plain = await plainTransportOf(router);
    const producer = await plain.produce(options);
    microphones.add(producer);
    producer.observer.once('close', () => microphones.delete(producer));
    const { codecs, encodings } = options.rtpParameters;
    answer({
      microphone: {
        ssrc: encodings?.[0]?.ssrc ?? 0,
        port: plain.tuple.localPort,
        payloadType: codecs[0]?.payloadType ?? 0,
      },
    });
    return producer;
  };
  transport.produce = produceAnywhere as typeof transport.produce;
}

mediasoup.observer.on('newworker', (worker) => {
  workerPids.push(worker.pid);
  worker.observer.on('newrouter', (router) => {
    router.observer.on('newtransport', (transport) => {
      if (transport.type === 'webrtc') acceptPlainMicrophones(router, transport as WebRtcTransport);
    });
  });
});

const LINES_LOGGED = 20;
const CHARACTERS_LOGGED = 400;
let logged = 0;

/** An interpreter under too great a load says the same again and again. */
function logFirst(line: string): void {
  if (logged++ < LINES_LOGGED) console.error(line.slice(0, CHARACTERS_LOGGED));
}

async function countSound(): Promise<void> {
  let [received, lost] = [0, 0];
  for (const producer of microphones) {
    for (const stats of await producer.getStats()) {
      received += stats.packetCount;
      lost += stats.packetsLost;
    }
  }
  answer({ sound: { received, lost } });
}

async function start({ vendor, secret, tracks, isolation, profile, redis }: HostOrder): Promise<() => Promise<void>> {
  const interpreters = new Set<InterpreterProcess>();
  const threads = new InterpreterThreads({ clock: systemClock, onLog: logFirst, logLevel: 'error' });
  const pids = () => [...new Set([...interpreters].flatMap(({ pid }) => pid ?? []))];
  // The environment of an interpreter holds what this process's own has of `NODE_OPTIONS`.
  if (profile !== undefined)
    process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-interval=${PROFILE_EVERY_US} --cpu-prof-dir=${profile}`;
  const interpret = ({ onState, ...room }: InterpreterRequest): { stop(): Promise<void> } => {
    const assignment = {
      ...room,
      translation: { url: vendor, model: qwen3.id, key: 'sk-load' },
      sessionIdleTimeoutMs: 240_000,
      playout: { tracks, maxLagMs: 15_000, voices: 1 },
      logLevel: 'error',
    };
    const launch = {
      assignment,
      onState(state: ProcessState, message?: string) {
        onState(state, message);
        answer({ interpreters: pids() });
      },
    };
    const interpreter =
      isolation === 'thread'
        ? threads.launch(launch)
        : superviseInterpreter({ ...launch, clock: systemClock, onLog: logFirst });
    interpreters.add(interpreter);
    return {
      async stop() {
        await interpreter.stop();
        interpreters.delete(interpreter);
        answer({ interpreters: pids() });
      },
    };
  };
  const log = pino({ level: 'warn' }, pino.destination(2));
  const shared =
    redis === undefined
      ? undefined
      : await (await import('./shared-host.ts')).openSharedHost(
          redis,
          ({ server: url, token, languages, languageSettings, pictures }, fence, onState) =>
            interpret({ url: signalUrl(url), token, fence, languages, languageSettings, pictures, onState }),
          // That leases end with the host is nothing to tell.
          log.child({}, { level: 'error' }),
        );
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    rtc: { port: 0, workers: 1 },
    secret,
    onDemand: true,
    model: qwen3,
    pricing: 'free',
    engine: { model: qwen3.id, kind: 'cloud', label: 'A simulated service' },
    sessionBudget: UNLIMITED,
    budget: { dailyMoney: 0, dailyTokens: 0, onExceeded: 'captions' },
    transcripts: { folder: '/nowhere', retentionHours: 0 },
    pages: '/nowhere',
    emptyRoomMs: 1000,
    log,
    launchInterpreter: ({ url, token, languages, languageSettings, pictures, onState }) =>
      interpret({ url: signalUrl(url), token, languages, languageSettings, pictures, onState }),
    ...(shared && { ...shared.serverOptions, launchInterpreter: shared.launchInterpreter }),
  });
  await shared?.announce();
  answer({ listening: { url: server.url, workers: workerPids } });
  return async () => {
    await server.close();
    await shared?.close();
    await threads.close();
  };
}

endWithParent();
let close = async (): Promise<void> => {};
process.on('message', (message: ToHost) => {
  if ('start' in message) void start(message.start).then((stop) => (close = stop));
  else if ('countSound' in message) void countSound();
  else void close().then(() => process.send?.({ closed: true } satisfies FromHost, () => process.exit()));
});
process.once('disconnect', () => void close().then(() => process.exit()));
