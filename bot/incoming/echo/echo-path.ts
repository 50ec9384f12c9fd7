/**
 * The echo path from a channel through a loudspeaker into a microphone: its delay, and its gain in each band, estimated from the band
 * levels of both. Classifies whether the channel alone explains what the microphone picks up. No timers, no sockets.
 *
 * Hard requirement: a block is classified as `echo` only if the microphone rises and falls with the channel and is in no band louder
 * than the channel explains, so that somebody who speaks at the same time is not taken for echo.
 */
import { BAND_COUNT, SILENCE_LEVEL_DB } from './band-levels.ts';

/** Frames that are classified together: 100 ms. */
export const BLOCK_FRAMES = 5;
/** Frames that are compared: 1.2 s. */
export const WINDOW_FRAMES = 60;
/** The longest delay that is searched: 860 ms. */
export const MAX_DELAY_FRAMES = 43;

/** A microphone that picks up only the channel correlates with it at least this much; another one does so for a moment at most. */
const ECHO_CORRELATION = 0.62;
const NO_ECHO_CORRELATION = 0.45;
/** A frame is active if it is this much louder than the quietest frame, over all bands. */
const ACTIVE_FRAME_DB = 10;
/** Active frames that it takes for a meaningful correlation. */
const MIN_ACTIVE_FRAMES = 25;
/** The gain of a band is measured where the channel is within this range of its loudest. */
const LOUD_RANGE_DB = 20;
const NOISE_MARGIN_DB = 6;
const ECHO_MARGIN_DB = 6;
/** Limit for one band in one frame. */
const MAX_EXCESS_DB = 15;
/** Mean excess of a block, over all bands, from which on it is speech. Echo alone reaches half of it as a rule, an equally loud voice ten times as much. */
const SPEECH_EXCESS_DB = 0.17;
/** The delay is searched again every half second. */
const SEARCH_INTERVAL_BLOCKS = 5;
/** A microphone that does not correlate with the channel for so many blocks picks up no echo; the estimate is discarded. */
const NO_ECHO_AFTER_BLOCKS = 20;

export type EchoVerdict = 'echo' | 'speech' | 'unknown';

interface PathEstimate {
  /** In frames. */
  delay: number;
  /** Decibels that each band gains from the channel to the microphone. */
  gains: Float32Array;
  /** Level of each band at the microphone in silence, with a margin. */
  noise: Float32Array;
}

export class EchoPath {
  #estimate: PathEstimate | undefined;
  /** The delay that was found last; it has to be found twice to be believed. */
  #candidateDelay = Number.NaN;
  #classifiedBlocks = 0;
  #uncorrelatedBlocks = 0;
  readonly #sorted = new Float32Array(WINDOW_FRAMES);

  /**
   * Classifies the last block of `microphone`.
   *
   * @param microphone band levels, frame after frame, at most `WINDOW_FRAMES`
   * @param farEnd band levels of the channel, which begin `MAX_DELAY_FRAMES` earlier and end with those of the microphone
   */
  classify(microphone: Float32Array, farEnd: Float32Array): EchoVerdict {
    const wasKnown = this.#estimate !== undefined;
    const correlation = this.#isInformative(microphone, farEnd) ? this.#learn(microphone, farEnd) : undefined;
    this.#countUncorrelated(correlation);
    const estimate = this.#estimate;
    if (!estimate)
      return (correlation !== undefined && correlation < ECHO_CORRELATION) ||
        this.#uncorrelatedBlocks >= NO_ECHO_AFTER_BLOCKS
        ? 'speech'
        : 'unknown';
    if (correlation !== undefined && correlation < NO_ECHO_CORRELATION) return 'speech';
    // The blocks before the path was known are classified together with this one.
    const blocks = wasKnown ? 1 : microphone.length / BAND_COUNT / BLOCK_FRAMES;
    for (let ago = 1; ago <= blocks; ago++)
      if (blockExcess(microphone, farEnd, estimate, ago) >= SPEECH_EXCESS_DB) return 'speech';
    return 'echo';
  }

  /** Once the path is known, a channel that is active while the microphone is silent is informative too. */
  #isInformative(microphone: Float32Array, farEnd: Float32Array): boolean {
    if (!this.#estimate) return isActive(microphone) && isActive(farEnd);
    const first = (MAX_DELAY_FRAMES - this.#estimate.delay) * BAND_COUNT;
    return isActive(farEnd.subarray(first, first + microphone.length));
  }

  /** Returns the best correlation between microphone and channel, and updates the estimate where it is echo. */
  #learn(microphone: Float32Array, farEnd: Float32Array): number {
    const known = this.#estimate && correlationAt(microphone, farEnd, this.#estimate.delay);
    const searches =
      known === undefined || known < ECHO_CORRELATION || this.#classifiedBlocks++ % SEARCH_INTERVAL_BLOCKS === 0;
    const best = searches ? bestDelay(microphone, farEnd) : { delay: this.#estimate?.delay ?? 0, correlation: known };
    // A delay that is found once may be chance.
    const isSure = best.correlation >= ECHO_CORRELATION && Math.abs(best.delay - this.#candidateDelay) <= 1;
    this.#candidateDelay = best.correlation >= ECHO_CORRELATION ? best.delay : Number.NaN;
    if (isSure) this.#updateEstimate(microphone, farEnd, best.delay);
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
      moveTowards(this.#estimate.gains, gains, 1);
      moveTowards(this.#estimate.noise, noise, 0.5);
      this.#estimate.delay = delay;
    } else this.#estimate = { delay, gains, noise };
  }

  /** The median gain of a band over the frames in which the channel is loud. */
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

  #noiseFloor(microphone: Float32Array, band: number): number {
    let count = 0;
    for (let i = band; i < microphone.length; i += BAND_COUNT) this.#sorted[count++] = microphone[i] ?? 0;
    return this.#sorted.subarray(0, count).sort()[Math.floor(count / 20)] ?? 0;
  }
}

/** Moves fast downwards and slowly upwards, so that somebody who speaks meanwhile does not count as the channel's gain. */
function moveTowards(values: Float32Array, goal: Float32Array, upDb: number): void {
  for (const [i, value] of values.entries()) values[i] = value + Math.max(-3, Math.min(upDb, (goal[i] ?? 0) - value));
}

/**
 * By how many decibels a block, counted from the end, is louder than the channel and the noise explain, on average over all bands. The
 * frame with the largest excess is left out: a voice lasts longer, unlike a click, or an onset that comes earlier than the delay says.
 */
function blockExcess(
  microphone: Float32Array,
  farEnd: Float32Array,
  estimate: PathEstimate,
  blocksAgo: number,
): number {
  const first = microphone.length / BAND_COUNT - blocksAgo * BLOCK_FRAMES;
  let [sum, most] = [0, 0];
  for (let frame = first; frame < first + BLOCK_FRAMES; frame++) {
    const here = frameExcess(microphone, farEnd, estimate, frame * BAND_COUNT);
    sum += here;
    most = Math.max(most, here);
  }
  return (sum - most) / ((BLOCK_FRAMES - 1) * BAND_COUNT);
}

function frameExcess(
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
    const explained = Math.max(level + (gains[band] ?? 0), noise[band] ?? 0) + ECHO_MARGIN_DB;
    sum += Math.max(0, Math.min(MAX_EXCESS_DB, (microphone[i] ?? 0) - explained));
  }
  return sum;
}

function isActive(levels: Float32Array): boolean {
  const frames = Array.from({ length: levels.length / BAND_COUNT }, (_, i) => meanLevel(levels, i * BAND_COUNT));
  const softest = frames.reduce((least, level) => Math.min(least, level), 0);
  return frames.filter((level) => level > softest + ACTIVE_FRAME_DB).length >= MIN_ACTIVE_FRAMES;
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
    if (correlation > best.correlation) best = { delay, correlation: correlation };
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
