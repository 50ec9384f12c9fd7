/**
 * The server of somebody's application with mediasoup, which has its room interpreted in process, and measures its own event loop. Its people
 * speak from another process, over UDP. It is given the engine and the number of speakers, and answers with what it has measured.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { createWorker } from 'mediasoup';

/** What the parent sends. @typedef {{ engine: { url: string, model: string, key: string }, speakers: number, seconds: number }} Order */

const FIRST_SSRC = 1000;
const PAYLOAD_TYPE = 100;
const SETTLE_MS = 3000;
const NANOSECONDS = 1e6;

// Whoever has started it is gone, and wants no figures any more.
process.once('disconnect', () => process.exit());
process.once('message', (order) => {
  void measure(/** @type {Order} */ (order)).then((figures) => process.send?.({ figures }, () => process.exit()));
});

async function measure(/** @type {Order} */ { engine, speakers, seconds }) {
  const worker = await createWorker({ logLevel: 'none' });
  const router = await worker.createRouter({
    mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
  });
  const producers = [];
  for (let n = 0; n < speakers; n++) producers.push(await microphone(router, n));
  await delay(SETTLE_MS);
  const aloneBusy = await busy(seconds);

  const importing = longestTurn();
  const { Booth } = await import('@mediasoup-booth/interpreter');
  await delay(SETTLE_MS);
  const importTurn = importing();

  const starting = longestTurn();
  const booth = new Booth({ engine });
  const room = await booth.interpret(router, { offer() {}, withdraw() {} });
  const firstCaption = new Promise((resolve) => room.on('message', ({ type }) => type === 'caption' && resolve(0)));
  room.person('listener', { hears: 'es', reads: ['es'] });
  room.person('speaker0', { speaks: 'en' });
  room.microphone('speaker0', /** @type {import('mediasoup/types').Producer} */ (producers[0]));
  await firstCaption;
  const firstTurn = starting();

  for (const [n, producer] of producers.entries()) {
    room.person(`speaker${n}`, { speaks: 'en' });
    room.microphone(`speaker${n}`, producer);
  }
  // The account opens eight connections a minute, a second apart.
  await delay(SETTLE_MS + 1000 * speakers);
  const allBusy = await busy(seconds);
  const lost = packetsMissed(room, speakers);
  await booth.close();
  worker.close();
  return {
    'hold.import': importTurn,
    'hold.first': firstTurn,
    busy: (allBusy - aloneBusy) / speakers,
    lost,
  };
}

/** How many packets of the microphones the interpreter has missed, as it says itself. */
function packetsMissed(
  /** @type {import('@mediasoup-booth/interpreter').InterpretedRoom} */ room,
  /** @type {number} */ speakers,
) {
  const heard = room.stats().interpreter?.speakers.filter(({ packets }) => packets.received > 0) ?? [];
  if (heard.length < speakers) throw new Error(`${heard.length} of ${speakers} speakers were heard`);
  return heard.reduce((sum, { packets }) => sum + packets.lost, 0);
}

/** A microphone whose packets come over UDP; the parent is told where to send them. */
async function microphone(/** @type {import('mediasoup/types').Router} */ router, /** @type {number} */ n) {
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

/** The share of the time for which the event loop's thread was on a processor. */
async function busy(/** @type {number} */ seconds) {
  const [beforeMs, sinceMs] = [workedMs(), performance.now()];
  await delay(seconds * 1000);
  return (workedMs() - beforeMs) / (performance.now() - sinceMs);
}

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
