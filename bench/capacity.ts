/**
 * Measures what one more speaker costs an interpreter's process, and how many it holds: real server, media worker, DTLS and SRTP, people's
 * recorded voices, one audio track for each speaker in each language. The vendor is light and answers 60 % of the time.
 *
 * A speaker counts as held while the event loop of every thread is less than 20 ms late in 99 of 100 turns, beyond that of a process which
 * does next to nothing, and no packet is lost. The
 * processes of the load are pinned to the second core, where `taskset` is there, but for that search: there everybody shares both.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, BenchOptions } from './bench.ts';
import { APART, keptUp, LoadedBooth, type LoadPerson, type Usage } from './support/load/loaded-booth.ts';
import { monotonicMicroseconds, profileShares, profileTable } from './support/load/profile-shares.ts';
import { slope } from './support/load/slope.ts';

const SPEAKERS = [1, 10, 25];
const LANGUAGE_SPEAKERS = 10;
const MORE_LANGUAGES = ['fr', 'de'];
/** Sessions open, code is compiled, and the first translations sound. */
const WARM_UP_MS = 8000;
const WINDOW_S = 10;
/** The search begins here, doubles until it is too many, and then halves the rest to within a tenth. */
const FIRST_GUESS = 16;
const MOST = 256;
const PER_ROOM = 16;
const HELD_WINDOW_S = 10;

export const capacityBench: Bench = {
  key: 'capacity',
  about: 'what one more speaker costs, one more language, and how many an interpreter holds',
  repetitions: 1,
  async run(_repetition, options) {
    const speakers = await pairs(options);
    const languages = await moreLanguages();
    // A profile is of the same minutes; the search would take longer and tell nothing more.
    if (options?.profile !== undefined) return { ...speakers, ...languages };
    return { ...speakers, ...languages, ...(await mostSpeakers(options)) };
  },
};

/** One language, and more and more speakers. */
async function pairs(options: BenchOptions | undefined): Promise<Record<string, number>> {
  const { profile, print } = options ?? {};
  const booth = await LoadedBooth.start({ cores: APART, isolation: 'process', profile });
  const points: { speakers: number; usage: Usage }[] = [];
  let window = { from: 0, to: 0 };
  let interpreters: readonly number[] = [];
  try {
    await booth.listen('one', 'es');
    let there = 0;
    for (const speakers of SPEAKERS) {
      for (; there < speakers; there++) await booth.speak('one');
      await booth.interpreting(speakers);
      await delay(WARM_UP_MS);
      const from = monotonicMicroseconds();
      points.push({ speakers, usage: await booth.measureUndisturbed(WINDOW_S) });
      window = { from, to: monotonicMicroseconds() };
    }
    interpreters = booth.interpreters;
  } finally {
    await booth.close();
  }
  if (profile !== undefined)
    for (const shares of profileShares(profile, interpreters, window))
      print?.(`${SPEAKERS.at(-1)} speakers: ${profileTable(shares)}`);
  const figures: Record<string, number> = {};
  for (const { speakers, usage } of points) figures[`cpu.${speakers}`] = usage.interpreters;
  const last = points.at(-1)?.usage;
  return {
    cpuPerPair: slope(points.map(({ speakers, usage }) => [speakers, usage.interpreters])),
    rss: points[0]?.usage.residentMB ?? 0,
    rssPerPair: slope(points.map(({ speakers, usage }) => [speakers, usage.residentMB])),
    'cpuPerPair.even': slope(points.map(({ speakers, usage }) => [speakers, evenly(usage)])),
    ...figures,
    slowdown: last ? slowdown(last) : 0,
    delay: Math.max(...points.map(({ usage }) => usage.eventLoopDelayMs)),
    'load.cpu': last ? loadOf(last) : 0,
    'load.sent': last?.sentShare ?? 0,
    'load.played': last ? last.playedSeconds / (last.received / 50 || 1) : 0,
  };
}

/** Ten speakers, and two languages more. */
async function moreLanguages(): Promise<Record<string, number>> {
  const booth = await LoadedBooth.start({ cores: APART, isolation: 'process' });
  try {
    await booth.listen('one', 'es');
    for (let i = 0; i < LANGUAGE_SPEAKERS; i++) await booth.speak('one');
    await booth.interpreting(LANGUAGE_SPEAKERS);
    await delay(WARM_UP_MS);
    const one = await booth.measureUndisturbed(WINDOW_S);
    for (const language of MORE_LANGUAGES) await booth.listen('one', language);
    await booth.interpreting(LANGUAGE_SPEAKERS * (MORE_LANGUAGES.length + 1));
    await delay(WARM_UP_MS);
    const more = await booth.measureUndisturbed(WINDOW_S);
    const pairsMore = LANGUAGE_SPEAKERS * MORE_LANGUAGES.length;
    return {
      'languages.delay': Math.max(one.eventLoopDelayMs, more.eventLoopDelayMs),
      'cpuPerLanguage.even': (evenly(more) - evenly(one)) / pairsMore,
      cpuPerLanguage: (more.interpreters - one.interpreters) / pairsMore,
      [`cpu.${LANGUAGE_SPEAKERS}x${MORE_LANGUAGES.length + 1}`]: more.interpreters,
    };
  } finally {
    await booth.close();
  }
}

/** The most speakers that are held on two cores, which the load shares. */
async function mostSpeakers(options: BenchOptions | undefined): Promise<Record<string, number>> {
  const booth = await LoadedBooth.start({ cores: { interpreters: '0,1', others: '0,1' } });
  const speakers: LoadPerson[] = [];
  const rooms = new Set<string>();
  const hold = async (wanted: number): Promise<Usage> => {
    while (speakers.length > wanted) speakers.pop()?.leave();
    while (speakers.length < wanted) {
      const room = `room-${Math.floor(speakers.length / PER_ROOM)}`;
      if (!rooms.has(room)) await booth.listen(room, 'es');
      rooms.add(room);
      speakers.push(await booth.speak(room));
    }
    await booth.interpreting(wanted);
    await delay(WARM_UP_MS);
    return booth.measure(HELD_WINDOW_S);
  };
  try {
    let [held, tooMany]: [number, number | undefined] = [0, undefined];
    let best: Usage | undefined;
    for (let next = FIRST_GUESS; next <= MOST; ) {
      const usage = await hold(next);
      const { interpreters, eventLoopDelayMs, idleDelayMs, lost } = usage;
      options?.print(
        `${next} speakers: ${interpreters.toFixed(2)} cores and ${loadOf(usage).toFixed(2)} for the load, ` +
          `event loop ${eventLoopDelayMs.toFixed(1)} ms late (an idle one ${idleDelayMs.toFixed(1)}), ${lost} packets lost`,
      );
      if (keptUp(usage)) {
        held = next;
        best = usage;
      } else tooMany = next;
      if (tooMany !== undefined && tooMany - held <= Math.max(2, held / 10)) break;
      next = tooMany === undefined ? next * 2 : Math.round((held + tooMany) / 2);
    }
    return {
      speakers: held,
      'speakers.cpu': best?.interpreters ?? 0,
      'speakers.load': best ? loadOf(best) : 0,
      'speakers.delay': best?.eventLoopDelayMs ?? 0,
      'speakers.idleDelay': best?.idleDelayMs ?? 0,
      'speakers.processes': booth.interpreters.length,
    };
  } finally {
    await booth.close();
  }
}

/** How much more time everything took than while the computer did nothing else. */
const slowdown = ({ yardstick }: Usage): number => yardstick.mean / yardstick.least;

/** The CPU that the interpreters would have used then. */
const evenly = (usage: Usage): number => usage.interpreters / slowdown(usage);

/** The CPU that the load itself uses, as a share of a core. */
const loadOf = ({ server, worker, vendor, microphones }: Usage): number => server + worker + vendor + microphones;
