/**
 * The echo path from the far end (the channels that a participant listens to) through a loudspeaker into the participant's microphone: its
 * delay, and its gain in each band, estimated from the band levels of both. Classifies whether the microphone picks up nothing but the far
 * end's echo. Levels are measured once per frame of 20 ms (`BAND_FRAME_MS`). No timers, no sockets.
 *
 * Hard requirement: double-talk, when somebody speaks while the echo sounds, is not classified as `echo`. A block is `echo` only if the
 * microphone rises and falls with the far end and is hardly louder than the level that the far end's echo is expected to have.
 */
import { BAND_COUNT, SILENCE_LEVEL_DB } from './band-levels.ts';

/** Frames that are classified together: 5 × 20 ms = 100 ms. */
export const BLOCK_FRAMES = 5;
/** Frames that are compared: 60 × 20 ms = 1.2 s. */
export const WINDOW_FRAMES = 60;
/** The longest delay that is searched: 43 × 20 ms = 860 ms. */
export const MAX_DELAY_FRAMES = 43;

/** A microphone that picks up only echo correlates with the far end at least this much; any other sound does so by chance and briefly. */
const ECHO_CORRELATION = 0.62;
/** Below this correlation, the microphone picks up something other than echo. */
const NO_ECHO_CORRELATION = 0.45;
/** A frame is active if it is this much louder than the quietest frame, over all bands. */
const ACTIVE_FRAME_DB = 10;
/** Active frames that it takes for a meaningful correlation. */
const MIN_ACTIVE_FRAMES = 25;
/** The gain of a band is measured over the frames in which the far end is at most this much quieter than its loudest frame. */
const LOUD_RANGE_DB = 20;
/** How far noise may rise above the noise floor and still be taken for noise. */
const NOISE_MARGIN_DB = 6;
/** The margin by which echo may be louder than estimated and still be taken for echo. */
const ECHO_MARGIN_DB = 6;
/** The largest residual that one band adds in one frame. */
const MAX_RESIDUAL_DB = 15;
/** A block whose mean residual over all bands reaches this contains near-end sound. */
const NEAR_END_RESIDUAL_DB = 0.17;
/** Blocks between two searches for the delay: 500 ms. */
const SEARCH_INTERVAL_BLOCKS = 5;
/** Blocks (2 s) without correlation to the far end after which a microphone picks up no echo, and the estimate is discarded. */
const NO_ECHO_AFTER_BLOCKS = 20;
/**
 * How far an estimate may move in one update. It falls faster than it rises, because double-talk makes the gain and the noise look larger
 * than they are, and never smaller.
 */
const MAX_FALL_DB = 3;
const MAX_GAIN_RISE_DB = 1;
const MAX_NOISE_RISE_DB = 0.5;
/** The noise floor of a band is this percentile of its levels. */
const NOISE_PERCENTILE = 5;

/**
 * - `echo`: the microphone picks up the far end's echo and nothing else.
 * - `nearEnd`: it picks up any other sound, alone or together with echo: speech, noise or music.
 * - `unknown`: too little was compared yet to decide.
 */
export type EchoVerdict = 'echo' | 'nearEnd' | 'unknown';

interface PathEstimate {
  /** The delay from the far end to the microphone, in frames. */
  delay: number;
  /** Decibels that each band gains from the far end to the microphone. */
  gains: Float32Array;
  /** The noise floor of each band at the microphone, plus `NOISE_MARGIN_DB`. */
  noise: Float32Array;
}

export class EchoPath {
  #estimate: PathEstimate | undefined;
  /** The delay that was found last; the estimate takes a delay over once two searches in a row have found it. */
  #candidateDelay = Number.NaN;
  #classifiedBlocks = 0;
  #uncorrelatedBlocks = 0;
  readonly #sorted = new Float32Array(WINDOW_FRAMES);

  /**
   * Classifies the last block of `microphone`.
   *
   * @param microphone band levels, frame after frame, at most `WINDOW_FRAMES`
   * @param farEnd band levels of the far end, which begin `MAX_DELAY_FRAMES` earlier and end with those of the microphone
   */
  classify(microphone: Float32Array, farEnd: Float32Array): EchoVerdict {
    const wasKnown = this.#estimate !== undefined;
    const correlation = this.#isInformative(microphone, farEnd) ? this.#learn(microphone, farEnd) : undefined;
    this.#countUncorrelated(correlation);
    const estimate = this.#estimate;
    if (!estimate)
      return (correlation !== undefined && correlation < ECHO_CORRELATION) ||
        this.#uncorrelatedBlocks >= NO_ECHO_AFTER_BLOCKS
        ? 'nearEnd'
        : 'unknown';
    if (correlation !== undefined && correlation < NO_ECHO_CORRELATION) return 'nearEnd';
    // The blocks before the path was known are classified together with this one.
    const blocks = wasKnown ? 1 : microphone.length / BAND_COUNT / BLOCK_FRAMES;
    for (let ago = 1; ago <= blocks; ago++)
      if (blockResidual(microphone, farEnd, estimate, ago) >= NEAR_END_RESIDUAL_DB) return 'nearEnd';
    return 'echo';
  }

  /** Once the path is known, a far end that is active while the microphone is silent is informative too. */
  #isInformative(microphone: Float32Array, farEnd: Float32Array): boolean {
    if (!this.#estimate) return isActive(microphone) && isActive(farEnd);
    const first = (MAX_DELAY_FRAMES - this.#estimate.delay) * BAND_COUNT;
    return isActive(farEnd.subarray(first, first + microphone.length));
  }

  /** Returns the best correlation between microphone and far end, and updates the estimate where it is echo. */
  #learn(microphone: Float32Array, farEnd: Float32Array): number {
    const known = this.#estimate && correlationAt(microphone, farEnd, this.#estimate.delay);
    const searches =
      known === undefined || known < ECHO_CORRELATION || this.#classifiedBlocks++ % SEARCH_INTERVAL_BLOCKS === 0;
    const best = searches ? bestDelay(microphone, farEnd) : { delay: this.#estimate?.delay ?? 0, correlation: known };
    const isConfirmed = best.correlation >= ECHO_CORRELATION && Math.abs(best.delay - this.#candidateDelay) <= 1;
    this.#candidateDelay = best.correlation >= ECHO_CORRELATION ? best.delay : Number.NaN;
    if (isConfirmed) this.#updateEstimate(microphone, farEnd, best.delay);
    return best.correlation;
  }

  #countUncorrelated(correlation: number | undefined): void {
    if (correlation === undefined) return;
    this.#uncorrelatedBlocks =
      correlation < NO_ECHO_CORRELATION
        ? this.#uncorrelatedBlocks + 1
        : correlation >= ECHO_CORRELATION
          ? 0
          : this.#uncorrelatedBlocks;
    if (this.#uncorrelatedBlocks >= NO_ECHO_AFTER_BLOCKS) this.#estimate = undefined;
  }

  #updateEstimate(microphone: Float32Array, farEnd: Float32Array, delay: number): void {
    const [gains, noise] = [new Float32Array(BAND_COUNT), new Float32Array(BAND_COUNT)];
    for (let band = 0; band < BAND_COUNT; band++) {
      gains[band] = this.#bandGain(microphone, farEnd, delay, band);
      noise[band] = this.#noiseFloor(microphone, band) + NOISE_MARGIN_DB;
    }
    if (this.#estimate) {
      limitSlew(this.#estimate.gains, gains, MAX_GAIN_RISE_DB);
      limitSlew(this.#estimate.noise, noise, MAX_NOISE_RISE_DB);
      this.#estimate.delay = delay;
    } else this.#estimate = { delay, gains, noise };
  }

  /** The median gain of a band over the frames in which the far end is loud. */
  #bandGain(microphone: Float32Array, farEnd: Float32Array, delay: number, band: number): number {
    const shift = (MAX_DELAY_FRAMES - delay) * BAND_COUNT;
    let loudest = SILENCE_LEVEL_DB;
    for (let i = band; i < microphone.length; i += BAND_COUNT) loudest = Math.max(loudest, farEnd[i + shift] ?? 0);
    let count = 0;
    for (let i = band; i < microphone.length; i += BAND_COUNT) {
      const level = farEnd[i + shift] ?? 0;
      if (level > loudest - LOUD_RANGE_DB) this.#sorted[count++] = (microphone[i] ?? 0) - level;
    }
    return this.#sorted.subarray(0, count).sort()[count >> 1] ?? 0;
  }

  /** The level of a band at the microphone when nobody speaks and nothing plays: a low percentile of its levels. */
  #noiseFloor(microphone: Float32Array, band: number): number {
    let count = 0;
    for (let i = band; i < microphone.length; i += BAND_COUNT) this.#sorted[count++] = microphone[i] ?? 0;
    return this.#sorted.subarray(0, count).sort()[Math.floor((count * NOISE_PERCENTILE) / 100)] ?? 0;
  }
}

/** Moves `values` towards `measured` by at most `MAX_FALL_DB` downwards and `maxRiseDb` upwards: an asymmetric slew limiter. */
function limitSlew(values: Float32Array, measured: Float32Array, maxRiseDb: number): void {
  for (const [i, value] of values.entries())
    values[i] = value + Math.max(-MAX_FALL_DB, Math.min(maxRiseDb, (measured[i] ?? 0) - value));
}

/**
 * The residual of a block, counted from the end: by how many decibels it is louder than the expected level of echo and noise, on average
 * over all bands. The frame with the largest residual is left out, because a click or an onset that comes a little earlier than the delay
 * says is in one frame only; a voice is in several.
 */
function blockResidual(
  microphone: Float32Array,
  farEnd: Float32Array,
  estimate: PathEstimate,
  blocksAgo: number,
): number {
  const first = microphone.length / BAND_COUNT - blocksAgo * BLOCK_FRAMES;
  let [sum, largest] = [0, 0];
  for (let frame = first; frame < first + BLOCK_FRAMES; frame++) {
    const residual = frameResidual(microphone, farEnd, estimate, frame * BAND_COUNT);
    sum += residual;
    largest = Math.max(largest, residual);
  }
  return (sum - largest) / ((BLOCK_FRAMES - 1) * BAND_COUNT);
}

function frameResidual(
  microphone: Float32Array,
  farEnd: Float32Array,
  { delay, gains, noise }: PathEstimate,
  first: number,
): number {
  const shift = (MAX_DELAY_FRAMES - delay) * BAND_COUNT;
  let sum = 0;
  for (let band = 0; band < BAND_COUNT; band++) {
    const i = first + band;
    // The frames before and after count too, as the true delay may be half a frame longer or shorter.
    const at = i + shift;
    const level = Math.max(
      farEnd[at - BAND_COUNT] ?? SILENCE_LEVEL_DB,
      farEnd[at] ?? SILENCE_LEVEL_DB,
      farEnd[at + BAND_COUNT] ?? SILENCE_LEVEL_DB,
    );
    const expected = Math.max(level + (gains[band] ?? 0), noise[band] ?? 0) + ECHO_MARGIN_DB;
    sum += Math.max(0, Math.min(MAX_RESIDUAL_DB, (microphone[i] ?? 0) - expected));
  }
  return sum;
}

function isActive(levels: Float32Array): boolean {
  const frames = Array.from({ length: levels.length / BAND_COUNT }, (_, i) => meanLevel(levels, i * BAND_COUNT));
  const quietest = frames.reduce((least, level) => Math.min(least, level), 0);
  return frames.filter((level) => level > quietest + ACTIVE_FRAME_DB).length >= MIN_ACTIVE_FRAMES;
}

function meanLevel(levels: Float32Array, at: number): number {
  let sum = 0;
  for (let i = at; i < at + BAND_COUNT; i++) sum += levels[i] ?? 0;
  return sum / BAND_COUNT;
}

function bestDelay(microphone: Float32Array, farEnd: Float32Array): { delay: number; correlation: number } {
  let best = { delay: 0, correlation: -1 };
  for (let delay = 0; delay <= MAX_DELAY_FRAMES; delay++) {
    const correlation = correlationAt(microphone, farEnd, delay);
    if (correlation > best.correlation) best = { delay, correlation };
  }
  return best;
}

/** Pearson's correlation of the levels, each band relative to its own mean, so that the loudness of a band does not matter. */
function correlationAt(microphone: Float32Array, farEnd: Float32Array, delay: number): number {
  const shift = (MAX_DELAY_FRAMES - delay) * BAND_COUNT;
  const frames = microphone.length / BAND_COUNT;
  let [xy, xx, yy] = [0, 0, 1];
  for (let band = 0; band < BAND_COUNT; band++) {
    let [sumX, sumY, sumXY, sumXX, sumYY] = [0, 0, 0, 0, 0];
    for (let i = band; i < microphone.length; i += BAND_COUNT) {
      const x = microphone[i] ?? 0;
      const y = farEnd[i + shift] ?? 0;
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
