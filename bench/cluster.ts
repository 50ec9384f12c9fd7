/**
 * Measures what many machines are planned by: what one more listener costs a media worker, and a track that is brought to another; what
 * rooms cost the server that has them and its media worker, and how often a room has something done in Redis. What speakers cost an
 * interpreter is `capacity`.
 *
 * CPU is counted as time that processes have used, for each packet or each second of sound, so that other load changes it little.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { findRedis } from '../scripts/setup/redis.mjs';
import type { Bench, BenchOptions } from './bench.ts';
import { Lecture } from './support/load/lecture.ts';
import { LoadedBooth, type LoadSpeaker, type Usage } from './support/load/loaded-booth.ts';
import { pipeCost } from './support/load/piped-tracks.ts';
import { callsBetween, MeasuredRedis } from './support/load/redis.ts';
import { slope } from './support/load/slope.ts';

const LISTENERS = [50, 100, 200, 400];
const LISTENERS_SETTLE_MS = 1500;
const LISTENERS_WINDOW_MS = 8000;
const PACKETS_PER_SECOND = 50;
/** The share of a core up to which a media worker is planned to be busy: the rest is for people who come, and for lost packets. */
const PLANNED = 0.7;

const ROOMS = 10;
const WARM_UP_MS = 10_000;
const WINDOW_S = 20;
const MINUTE_S = 60;

export const clusterBench: Bench = {
  key: 'cluster',
  about: 'what listeners, rooms and Redis cost, by which many machines are planned',
  repetitions: 1,
  missing: () => (findRedis(process.env) === undefined ? 'the parts of a Redis server' : undefined),
  async run(_repetition, options) {
    return { ...(await listeners(options)), ...(await pipes()), ...(await rooms(options)) };
  },
};

/** One speaker, and more and more listeners, whose tracks are encrypted each by itself. */
async function listeners(options: BenchOptions | undefined): Promise<Record<string, number>> {
  const lecture = await Lecture.start();
  try {
    const points: (readonly [listeners: number, microseconds: number])[] = [];
    let [arrived, receiving] = [1, 0];
    for (const count of LISTENERS) {
      await lecture.fill(count);
      await delay(LISTENERS_SETTLE_MS);
      const cost = await lecture.costOf(() => delay(LISTENERS_WINDOW_MS));
      options?.print(
        `${count} listeners: ${(cost.workerMicroseconds / count).toFixed(1)} µs of the worker for each packet, ` +
          `${cost.listenersMicroseconds.toFixed(1)} µs to receive it, ${(cost.arrived * 100).toFixed(2)} % arrived`,
      );
      points.push([count, cost.workerMicroseconds]);
      arrived = Math.min(arrived, cost.arrived);
      receiving = cost.listenersMicroseconds;
    }
    const perPacketUs = slope(points);
    const cpuPerListener = (perPacketUs * PACKETS_PER_SECOND) / 1e6;
    return {
      'listeners.us': perPacketUs,
      cpuPerListener,
      'listeners.perWorker': PLANNED / cpuPerListener,
      'listeners.arrived': arrived,
      'listeners.load': receiving / perPacketUs,
    };
  } finally {
    await lecture.close();
  }
}

/** A track that is brought to another media worker, in microseconds for each packet. */
async function pipes(): Promise<Record<string, number>> {
  const [pipe, edge] = [await pipeCost({ toOtherMachine: false }), await pipeCost({ toOtherMachine: true })];
  return {
    'pipe.sender.us': pipe.sender,
    'pipe.receiver.us': pipe.receiver,
    'edge.sender.us': edge.sender,
    'edge.receiver.us': edge.receiver,
  };
}

interface RoomsMoment {
  usage: Usage;
  /** Commands of Redis in a minute. */
  commands: number;
  /** CPU time of Redis, as a share of a core. */
  redisCpu: number;
}

/**
 * A server that shares everything in Redis: without rooms, with rooms in which somebody is, with somebody who wants an interpreter in each,
 * and with somebody who speaks in each.
 */
async function rooms(options: BenchOptions | undefined): Promise<Record<string, number>> {
  const redis = await MeasuredRedis.start(findRedis(process.env) ?? '');
  let booth: LoadedBooth | undefined;
  try {
    booth = await LoadedBooth.start({ redis: redis.url });
    const running = booth;
    const moment = async (name: string): Promise<RoomsMoment> => {
      await delay(WARM_UP_MS);
      const before = await redis.use();
      const startedMs = performance.now();
      const usage = await running.measure(WINDOW_S);
      const after = await redis.use();
      const elapsedS = (performance.now() - startedMs) / 1000;
      const commands = (callsBetween(before, after) / elapsedS) * MINUTE_S;
      options?.print(`${name}: ${commands.toFixed(0)} commands of Redis a minute`);
      const redisCpu = (after.cpuSeconds - before.cpuSeconds) / elapsedS;
      return { usage, commands, redisCpu };
    };
    const empty = await moment('no room');
    const speakers: LoadSpeaker[] = [];
    for (let i = 0; i < ROOMS; i++) speakers.push(await running.attend(`room-${i}`));
    const open = await moment(`${ROOMS} rooms without an interpreter`);
    for (let i = 0; i < ROOMS; i++) await running.listen(`room-${i}`, 'es');
    const idle = await moment(`${ROOMS} rooms with an interpreter`);
    for (const speaker of speakers) speaker.speak();
    await running.interpreting(ROOMS);
    const active = await moment(`${ROOMS} rooms with a speaker`);
    const each = (of: (at: RoomsMoment) => number, at: RoomsMoment) => (of(at) - of(empty)) / ROOMS;
    const nodeCpu = ({ usage }: RoomsMoment) => usage.server + usage.worker;
    return {
      'redis.node': empty.commands,
      'redis.open': each(({ commands }) => commands, open),
      'redis.idle': each(({ commands }) => commands, idle),
      'redis.active': each(({ commands }) => commands, active),
      'redis.us': (active.redisCpu * MINUTE_S * 1e6) / active.commands,
      'rooms.cpuOpen': each(nodeCpu, open),
      'rooms.cpuIdle': each(nodeCpu, idle),
      'rooms.cpuActive': each(nodeCpu, active),
      'rooms.serverActive': each(({ usage }) => usage.server, active),
      'rooms.sent': active.usage.sentShare,
    };
  } finally {
    await booth?.close();
    await redis.close();
  }
}
