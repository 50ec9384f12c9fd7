/**
 * The way from a channel through a loudspeaker into a microphone: how long it takes and how much of each band it lets through, learnt
 * from what the one played and the other heard. By it, does the channel explain all that the microphone hears? Pure.
 *
 * Hard requirement: `echo` is said only of a microphone that rises and falls with the channel, and hears in no band more than the
 * channel explains: who speaks at the same time is heard.
 */
import { BANDS, SILENT_DB } from './band-levels.ts';

/** Judged together. */
export const BLOCK_FRAMES = 5;
/** Remembered: 1.2 s. */
export const WINDOW_FRAMES = 60;
/** The longest way: 860 ms. */
export const MAX_DELAY_FRAMES = 43;

/** A microphone that only hears the channel is as like it as this, or more; one that hears something else, at most for a moment. */
const LIKE = 0.62;
const UNLIKE = 0.45;
/** So much above the softest of them, over all bands, a frame has something to tell … */
const LIVELY_DB = 10;
/** … and so many of them tell enough. */
const ENOUGH_FRAMES = 25;
/** Within so much of its loudest, a band tells how much of it comes through. */
const LOUD_WITHIN_DB = 20;
const NOISE_MARGIN_DB = 6;
const ECHO_MARGIN_DB = 6;
/** Of one band in one frame. */
const MOST_EXCESS_DB = 15;
/** The mean over all bands of a block that tells of speech. Echo alone has half of it at most, as a rule; a voice as loud, ten times as much. */
const SPEECH_EXCESS_DB = 0.17;
/** The way is looked for anew every half second. */
const SEARCH_EVERY = 5;
/** In blocks: what is unlike the channel for so long is no echo, and was not. */
const TRUSTED_AFTER = 20;

export type EchoVerdict = 'echo' | 'speech' | 'unknown';

interface Way {
  delay: number;
  /** What comes through of each band, in decibels. */
  gains: Float32Array;
  /** What the microphone hears in silence. */
  noise: Float32Array;
}

export class EchoPath {
  #way: Way | undefined;
  /** The delay that was found last. */
  #candidate = Number.NaN;
  #judged = 0;
  #unlike = 0;
  readonly #sorted = new Float32Array(WINDOW_FRAMES);

  /**
   * Of the last block.
   * @param mic the levels of its bands, frame after frame, the last block last; at most `WINDOW_FRAMES`
   * @param played the same of the channel, which begins `MAX_DELAY_FRAMES` earlier
   */
  judge(mic: Float32Array, played: Float32Array): EchoVerdict {
    const wasKnown = this.#way !== undefined;
    const likeness = this.#canTell(mic, played) ? this.#learn(mic, played) : undefined;
    this.#trust(likeness);
    const way = this.#way;
    if (!way)
      return (likeness !== undefined && likeness < LIKE) || this.#unlike >= TRUSTED_AFTER ? 'speech' : 'unknown';
    if (likeness !== undefined && likeness < UNLIKE) return 'speech';
    // What was heard before the way was known is judged now.
    const blocks = wasKnown ? 1 : mic.length / BANDS / BLOCK_FRAMES;
    for (let ago = 1; ago <= blocks; ago++) if (excess(mic, played, way, ago) >= SPEECH_EXCESS_DB) return 'speech';
    return 'echo';
  }

  /** By a known way, a channel that speaks while the microphone is silent tells as much. */
  #canTell(mic: Float32Array, played: Float32Array): boolean {
    if (!this.#way) return isLively(mic) && isLively(played);
    const first = (MAX_DELAY_FRAMES - this.#way.delay) * BANDS;
    return isLively(played.subarray(first, first + mic.length));
  }

  /** How like the channel the microphone is, at best. */
  #learn(mic: Float32Array, played: Float32Array): number {
    const known = this.#way && likenessAt(mic, played, this.#way.delay);
    const searches = known === undefined || known < LIKE || this.#judged++ % SEARCH_EVERY === 0;
    const best = searches ? mostAlike(mic, played) : { delay: this.#way?.delay ?? 0, likeness: known };
    // Once may be chance.
    const isSure = best.likeness >= LIKE && Math.abs(best.delay - this.#candidate) <= 1;
    this.#candidate = best.likeness >= LIKE ? best.delay : Number.NaN;
    if (isSure) this.#follow(mic, played, best.delay);
    return best.likeness;
  }

  #trust(likeness: number | undefined): void {
    if (likeness === undefined) return;
    this.#unlike = likeness < UNLIKE ? this.#unlike + 1 : likeness >= LIKE ? 0 : this.#unlike;
    if (this.#unlike >= TRUSTED_AFTER) this.#way = undefined;
  }

  #follow(mic: Float32Array, played: Float32Array, delay: number): void {
    const [gains, noise] = [new Float32Array(BANDS), new Float32Array(BANDS)];
    for (let band = 0; band < BANDS; band++) {
      gains[band] = this.#gain(mic, played, delay, band);
      noise[band] = this.#softest(mic, band) + NOISE_MARGIN_DB;
    }
    if (this.#way) {
      approach(this.#way.gains, gains, 1);
      approach(this.#way.noise, noise, 0.5);
      this.#way.delay = delay;
    } else this.#way = { delay, gains, noise };
  }

  /** The median of where the channel is loud. */
  #gain(mic: Float32Array, played: Float32Array, delay: number, band: number): number {
    const shift = (MAX_DELAY_FRAMES - delay) * BANDS;
    let loudest = SILENT_DB;
    for (let i = band; i < mic.length; i += BANDS) loudest = Math.max(loudest, played[i + shift] ?? 0);
    let count = 0;
    for (let i = band; i < mic.length; i += BANDS) {
      const level = played[i + shift] ?? 0;
      if (level > loudest - LOUD_WITHIN_DB) this.#sorted[count++] = (mic[i] ?? 0) - level;
    }
    return this.#sorted.subarray(0, count).sort()[count >> 1] ?? 0;
  }

  #softest(mic: Float32Array, band: number): number {
    let count = 0;
    for (let i = band; i < mic.length; i += BANDS) this.#sorted[count++] = mic[i] ?? 0;
    return this.#sorted.subarray(0, count).sort()[Math.floor(count / 20)] ?? 0;
  }
}

/** Downwards fast and upwards slowly: somebody who speaks meanwhile is not taken for the channel. */
function approach(values: Float32Array, goal: Float32Array, upDb: number): void {
  for (const [i, value] of values.entries()) values[i] = value + Math.max(-3, Math.min(upDb, (goal[i] ?? 0) - value));
}

/**
 * By how much a block, counted from the end, is louder than the channel and the noise explain, over all bands. Its loudest frame does
 * not count: a voice lasts, a click does not, nor a beginning that came a little sooner than the way takes.
 */
function excess(mic: Float32Array, played: Float32Array, way: Way, blocksAgo: number): number {
  const first = mic.length / BANDS - blocksAgo * BLOCK_FRAMES;
  let [sum, most] = [0, 0];
  for (let frame = first; frame < first + BLOCK_FRAMES; frame++) {
    const here = excessOfFrame(mic, played, way, frame * BANDS);
    sum += here;
    most = Math.max(most, here);
  }
  return (sum - most) / ((BLOCK_FRAMES - 1) * BANDS);
}

function excessOfFrame(mic: Float32Array, played: Float32Array, { delay, gains, noise }: Way, first: number): number {
  const shift = (MAX_DELAY_FRAMES - delay) * BANDS;
  let sum = 0;
  for (let band = 0; band < BANDS; band++) {
    const i = first + band;
    // The frame before and the one after too: the way may take half a frame more or less.
    const at = i + shift;
    const level = Math.max(played[at - BANDS] ?? SILENT_DB, played[at] ?? SILENT_DB, played[at + BANDS] ?? SILENT_DB);
    const explained = Math.max(level + (gains[band] ?? 0), noise[band] ?? 0) + ECHO_MARGIN_DB;
    sum += Math.max(0, Math.min(MOST_EXCESS_DB, (mic[i] ?? 0) - explained));
  }
  return sum;
}

function isLively(levels: Float32Array): boolean {
  const frames = Array.from({ length: levels.length / BANDS }, (_, i) => meanOf(levels, i * BANDS));
  const softest = frames.reduce((least, level) => Math.min(least, level), 0);
  return frames.filter((level) => level > softest + LIVELY_DB).length >= ENOUGH_FRAMES;
}

function meanOf(levels: Float32Array, at: number): number {
  let sum = 0;
  for (let i = at; i < at + BANDS; i++) sum += levels[i] ?? 0;
  return sum / BANDS;
}

function mostAlike(mic: Float32Array, played: Float32Array): { delay: number; likeness: number } {
  let best = { delay: 0, likeness: -1 };
  for (let delay = 0; delay <= MAX_DELAY_FRAMES; delay++) {
    const likeness = likenessAt(mic, played, delay);
    if (likeness > best.likeness) best = { delay, likeness };
  }
  return best;
}

/** Pearson's correlation of the levels, each band against its own mean: how loud a band is says nothing. */
function likenessAt(mic: Float32Array, played: Float32Array, delay: number): number {
  const shift = (MAX_DELAY_FRAMES - delay) * BANDS;
  const frames = mic.length / BANDS;
  let [xy, xx, yy] = [0, 0, 1];
  for (let band = 0; band < BANDS; band++) {
    let [sumX, sumY, sumXY, sumXX, sumYY] = [0, 0, 0, 0, 0];
    for (let i = band; i < mic.length; i += BANDS) {
      const x = mic[i] ?? 0;
      const y = played[i + shift] ?? 0;
      sumX += x;
      sumY += y;
      sumXY += x * y;
      sumXX += x * x;
      sumYY += y * y;
    }
    xy += sumXY - (sumX * sumY) / frames;
    xx += sumXX - (sumX * sumX) / frames;
    yy += sumYY - (sumY * sumY) / frames;
  }
  return xy / Math.sqrt(xx * yy + 1);
}
