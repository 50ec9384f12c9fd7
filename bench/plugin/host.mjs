/**
 * The server of somebody's application with mediasoup, which has its room interpreted in its own process and then by another one, in turn,
 * and measures what that costs. Its people speak from the benchmark's process, over UDP. It is given the engine and the number of speakers,
 * and answers with what it has measured.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { createWorker } from 'mediasoup';
import { RemoteInterpreter } from './remote-interpreter.mjs';

/** @import { Booth as BoothOfProcess, InterpretedRoom } from '@mediasoup-booth/interpreter' */
/** @import { Producer, Router } from 'mediasoup/types' */

/** What the parent sends. @typedef {{ engine: { url: string, model: string, key: string }, speakers: number, seconds: number, rounds: number }} Order */

const FIRST_SSRC = 1000;
const PAYLOAD_TYPE = 100;
const SETTLE_MS = 3000;
/** For the engine's sessions, and for the compiler to have seen what is run often. */
const WARM_UP_MS = 6000;
const NANOSECONDS = 1e6;
const TICKS_PER_SECOND = 100;
/** The account is the benchmark's. */
const UNLIMITED = {
  limits: { connectionsPerMinute: 1000, tokensPerMinute: 1_000_000_000 },
  budget: { tokens: Number.POSITIVE_INFINITY },
};

// Whoever has started it is gone, and wants no figures any more.
process.once('disconnect', () => process.exit());
process.once('message', (order) => {
  void measure(/** @type {Order} */ (order)).then((figures) => process.send?.({ figures }, () => process.exit()));
});

async function measure(/** @type {Order} */ { engine, speakers, seconds, rounds }) {
  const worker = await createWorker({ logLevel: 'none' });
  const router = await worker.createRouter({
    mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
  });
  /** @type {Producer[]} */
  const microphones = [];
  for (let n = 0; n < speakers; n++) microphones.push(await microphone(router, n));
  const application = [process.pid, worker.pid];

  const importing = longestTurn();
  const { Booth } = await import('@mediasoup-booth/interpreter');
  await delay(SETTLE_MS);
  const importTurn = importing();

  /** @returns {Promise<{ booth: BoothOfProcess, room: InterpretedRoom }>} */
  const inProcess = async (/** @type {(speaker: string) => void} */ onCaption) => {
    const booth = new Booth({ engine, ...UNLIMITED });
    const offered = Promise.withResolvers();
    const room = await booth.interpret(router, { offer: (_, it) => offered.resolve(it), withdraw() {} });
    room.on('message', (message) => message.type === 'caption' && onCaption(message.speaker.id));
    room.person('listener', { hears: 'es', reads: ['es'] });
    for (const [n, producer] of microphones.entries()) {
      room.person(speakerId(n), { speaks: 'en' });
      room.microphone(speakerId(n), producer);
    }
    await offered.promise;
    return { booth, room };
  };

  const starting = longestTurn();
  /** @type {Map<string, () => void>} */
  const awaited = new Map();
  let running = await inProcess((speaker) => awaited.get(speaker)?.());
  await delay(SETTLE_MS);
  for (let n = 0; n < speakers; n++) await firstCaption(n, awaited);
  const firstTurn = starting();
  await delay(SETTLE_MS);

  const alone = [];
  const inside = [];
  const outside = [];
  let lost = 0;
  for (let round = 0; round < rounds; round++) {
    if (round > 0) running = await inProcess(() => {});
    await delay(WARM_UP_MS);
    inside.push(await used(application, seconds));
    lost += packetsMissed(running.room.stats().interpreter, speakers);
    await running.booth.close();
    await delay(SETTLE_MS);

    alone.push(await used(application, seconds));

    const remote = await RemoteInterpreter.start({ engine, ...UNLIMITED, router, people: peopleOf(microphones) });
    await remote.publishes();
    await delay(WARM_UP_MS);
    outside.push(await used([...application, remote.pid], seconds));
    lost += packetsMissed(remote.stats, speakers);
    await remote.close();
  }
  worker.close();
  const baseline = meanOf(alone);
  const perSpeaker = (/** @type {Used} */ { cpu }) => (cpu - baseline.cpu) / speakers;
  const [cpu, cpuRemote] = [perSpeaker(meanOf(inside)), perSpeaker(meanOf(outside))];
  return {
    'hold.import': importTurn,
    'hold.first': firstTurn,
    busy: (meanOf(inside).busy - baseline.busy) / speakers,
    lost,
    cpu,
    cpuRemote,
    ratioRemote: cpu / cpuRemote,
  };
}

const speakerId = (/** @type {number} */ n) => `speaker${n}`;

/** The room's people, as the application's signalling tells of them. */
const peopleOf = (/** @type {readonly Producer[]} */ microphones) => [
  { id: 'listener', hears: 'es', reads: ['es'] },
  ...microphones.map(({ id, kind }, n) => ({ id: speakerId(n), speaks: 'en', producers: [{ id, kind }] })),
];

/** Has one more of the people speak. Resolves with the first caption of them; the parent, who speaks, takes the time. */
async function firstCaption(/** @type {number} */ n, /** @type {Map<string, () => void>} */ awaited) {
  await /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      awaited.set(speakerId(n), resolve);
      process.send?.({ speak: n });
    })
  );
  awaited.delete(speakerId(n));
  process.send?.({ caption: n });
}

/** How many packets of the microphones the interpreter has missed, as it says itself. */
function packetsMissed(
  /** @type {ReturnType<InterpretedRoom['stats']>['interpreter']} */ stats,
  /** @type {number} */ speakers,
) {
  const heard = stats?.speakers.filter(({ packets }) => packets.received > 0) ?? [];
  if (heard.length < speakers) throw new Error(`${heard.length} of ${speakers} speakers were heard`);
  return heard.reduce((sum, { packets }) => sum + packets.lost, 0);
}

/** A microphone whose packets come over UDP; the parent is told where to send them. */
async function microphone(/** @type {Router} */ router, /** @type {number} */ n) {
  const transport = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    comedia: true,
  });
  const ssrc = FIRST_SSRC + n;
  const codec = { mimeType: 'audio/opus', payloadType: PAYLOAD_TYPE, clockRate: 48_000, channels: 2 };
  const producer = await transport.produce({
    kind: 'audio',
    rtpParameters: { codecs: [codec], encodings: [{ ssrc }] },
  });
  process.send?.({ microphone: { port: transport.tuple.localPort, ssrc, payloadType: PAYLOAD_TYPE } });
  return producer;
}

/**
 * What was used for some seconds from now on, as shares of a core: by some processes with all their threads, and by this thread.
 *
 * @typedef {{ cpu: number, busy: number }} Used
 */
async function used(/** @type {readonly number[]} */ pids, /** @type {number} */ seconds) {
  const [cpuBefore, workedBefore, sinceMs] = [cpuMs(pids), workedMs(), performance.now()];
  await delay(seconds * 1000);
  const ms = performance.now() - sinceMs;
  return { cpu: (cpuMs(pids) - cpuBefore) / ms, busy: (workedMs() - workedBefore) / ms };
}

const meanOf = (/** @type {readonly Used[]} */ all) => ({
  cpu: all.reduce((sum, { cpu }) => sum + cpu, 0) / all.length,
  busy: all.reduce((sum, { busy }) => sum + busy, 0) / all.length,
});

/** Milliseconds for which processes have been on a processor, as Linux counts them. @throws where there is no `/proc` */
const cpuMs = (/** @type {readonly number[]} */ pids) =>
  pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses, which may contain blanks; user and system time are the 14th and the 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  }, 0);

/**
 * Starts to watch; the result is the longest turn of the event loop, in milliseconds of work. What the computer does meanwhile for others is
 * not the application's fault.
 */
function longestTurn() {
  let [lastMs, longestMs] = [workedMs(), 0];
  const timer = setInterval(() => {
    const nowMs = workedMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  }, 1);
  return () => {
    clearInterval(timer);
    return longestMs;
  };
}

/** How long this thread has been on a processor, in milliseconds, as Linux counts it; elsewhere, how long it has run. */
function workedMs() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ', 1)[0]) / NANOSECONDS;
  } catch {
    return performance.eventLoopUtilization().active;
  }
}
