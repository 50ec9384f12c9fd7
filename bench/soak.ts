/**
 * Measures whether memory grows: a quarter of an hour, or as long as is wanted, of a meeting in which every ten seconds one speaker and one listener leave and others
 * come. What is there after the warm-up is compared with what is there at the end, and a line is drawn through all that lies between.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, type BenchOptions, percentile } from './bench.ts';
import { LoadedBooth, type LoadPerson } from './support/load/loaded-booth.ts';
import { slope } from './support/load/slope.ts';

const SPEAKERS = 4;
const LANGUAGES = ['es', 'fr'];
const WARM_UP_S = 180;
const SOAK_S = 720;
const CHANGE_EVERY_S = 10;
/** Medians of a minute are compared, as memory rises until garbage is collected. */
const COMPARED = 60 / CHANGE_EVERY_S;

export const soakBench: Bench = {
  key: 'soak',
  about: `whether memory grows: ${(WARM_UP_S + SOAK_S) / 60} min, people coming and going every ${CHANGE_EVERY_S} s`,
  repetitions: 1,
  onlyByName: true,
  run: (_repetition, options) => soak(SOAK_S, options?.print),
};

/**
 * Holds the meeting for the warm-up of three minutes and `seconds` more. The figures are megabytes, and megabytes an hour.
 *
 * @example
 * const { grown, rssSlope } = await soak(7200, console.log);
 */
export async function soak(
  seconds: number,
  print: BenchOptions['print'] = () => {},
): Promise<Record<'grown' | 'rssSlope' | 'server.grown' | 'server.rssSlope', number>> {
  const booth = await LoadedBooth.start();
  try {
    const speakers: LoadPerson[] = [];
    const listeners: LoadPerson[] = [];
    for (const language of LANGUAGES) listeners.push(await booth.listen('soak', language));
    for (let i = 0; i < SPEAKERS; i++) speakers.push(await booth.speak('soak'));
    const points: { atS: number; interpreters: number; server: number }[] = [];
    for (let atS = 0, turn = 0; atS < WARM_UP_S + seconds; atS += CHANGE_EVERY_S, turn++) {
      await delay(CHANGE_EVERY_S * 1000);
      const { interpreters, server } = booth.residentMB;
      if (atS >= WARM_UP_S) points.push({ atS, interpreters, server });
      if (turn % COMPARED === 0)
        print(`${atS} s: interpreter ${interpreters.toFixed(0)} MB, server ${server.toFixed(0)} MB`);
      speakers.shift()?.leave();
      speakers.push(await booth.speak('soak'));
      // The next one has come before the one before goes, so that the language goes on being heard.
      listeners.push(await booth.listen('soak', LANGUAGES[turn % LANGUAGES.length] ?? ''));
      listeners.shift()?.leave();
    }
    const grown = (part: 'interpreters' | 'server') => {
      const values = points.map((point) => point[part]);
      return percentile(values.slice(-COMPARED), 0.5) - percentile(values.slice(0, COMPARED), 0.5);
    };
    return {
      grown: grown('interpreters'),
      rssSlope: slope(points.map(({ atS, interpreters }) => [atS / 3600, interpreters])),
      'server.grown': grown('server'),
      'server.rssSlope': slope(points.map(({ atS, server }) => [atS / 3600, server])),
    };
  } finally {
    await booth.close();
  }
}
