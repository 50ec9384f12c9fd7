/**
 * Mixes channels to one voice so that nobody who speaks is lost. No timers, no I/O.
 *
 * Hard requirement: the mix is as loud as the loudest channel, whoever speaks on which. So a voice on one side keeps its level, two
 * voices on two sides keep theirs, the same voice on both sides is not doubled, and channels of opposite phase do not cancel out.
 */
import type { ChannelRoles } from './channel-layout.ts';

const BLOCK_SECONDS = 0.02;
/** Loudness and phase are measured over about this long. */
const MEMORY_SECONDS = 0.3;
/** Channels that correlate less than this, either way, keep the phase that was found before. */
const CLEAR_CORRELATION = 0.3;
const MAX_GAIN = 2;
/** Below this mean square nothing is heard, and gains stay as they are. */
const SILENCE = 1e-9;

/** What is around a centre, which has the dialogue. */
const AROUND_CENTRE = 0.6;

const weightOf = (channel: number, { centre, lowFrequency }: ChannelRoles): number => {
  if (channel === lowFrequency) return 0;
  return centre === undefined || channel === centre ? 1 : AROUND_CENTRE;
};

/**
 * @example
 * const mixer = new MonoMixer(2, 48_000);
 * const mono = mixer.push([left, right]);
 */
export class MonoMixer {
  readonly #weights: readonly number[];
  readonly #blockSamples: number;
  readonly #memorySamples: number;
  /** Smoothed mean products of each pair of weighted channels. */
  readonly #covariance: Float64Array;
  readonly #phases: number[];
  #gains: number[] | undefined;

  /** @param roles of surround sound: effects are left out, and dialogue stands out. Default: all channels are alike */
  constructor(channels: number, sampleRate: number, roles: ChannelRoles = {}) {
    this.#weights = Array.from({ length: channels }, (_, channel) => weightOf(channel, roles));
    this.#blockSamples = Math.max(1, Math.round(BLOCK_SECONDS * sampleRate));
    this.#memorySamples = MEMORY_SECONDS * sampleRate;
    this.#covariance = new Float64Array(channels * channels);
    this.#phases = new Array<number>(channels).fill(1);
  }

  /** Mixes the next samples of the stream. */
  push(channels: readonly Float32Array[]): Float32Array {
    const [first = new Float32Array(0)] = channels;
    if (channels.length === 1) return first;
    const mono = new Float32Array(first.length);
    for (let at = 0; at < first.length; at += this.#blockSamples) {
      const end = Math.min(first.length, at + this.#blockSamples);
      this.#measure(channels, at, end);
      this.#mix(channels, mono, at, end);
    }
    return mono;
  }

  #measure(channels: readonly Float32Array[], at: number, end: number): void {
    const count = channels.length;
    const keep = this.#gains ? Math.exp(-(end - at) / this.#memorySamples) : 0;
    for (const [i, one] of channels.entries()) {
      for (let j = i; j < count; j++) {
        const other = channels[j] ?? one;
        let sum = 0;
        for (let k = at; k < end; k++) sum += (one[k] ?? 0) * (other[k] ?? 0);
        const mean = (sum / (end - at)) * (this.#weights[i] ?? 0) * (this.#weights[j] ?? 0);
        const smoothed = keep * this.#product(i, j) + (1 - keep) * mean;
        this.#covariance[i * count + j] = smoothed;
        this.#covariance[j * count + i] = smoothed;
      }
    }
  }

  #product(i: number, j: number): number {
    return this.#covariance[i * this.#weights.length + j] ?? 0;
  }

  #mix(channels: readonly Float32Array[], mono: Float32Array, at: number, end: number): void {
    const before = this.#gains;
    const gains = this.#nextGains();
    this.#gains = gains;
    for (const [channel, samples] of channels.entries()) {
      const to = gains[channel] ?? 0;
      const from = before?.[channel] ?? to;
      const step = (to - from) / (end - at);
      for (let k = at; k < end; k++) mono[k] = (mono[k] ?? 0) + (samples[k] ?? 0) * (from + step * (k - at + 1));
    }
  }

  #nextGains(): number[] {
    const powers = this.#weights.map((_, channel) => this.#product(channel, channel));
    const loudest = powers.indexOf(Math.max(...powers));
    const loudness = powers[loudest] ?? 0;
    if (loudness < SILENCE && this.#gains) return this.#gains;
    this.#alignPhases(loudest, powers);
    let mixed = 0;
    for (const [i, phase] of this.#phases.entries())
      for (const [j, other] of this.#phases.entries()) mixed += phase * other * this.#product(i, j);
    const gain = mixed > SILENCE ? Math.min(MAX_GAIN, Math.sqrt(loudness / mixed)) : 1;
    return this.#weights.map((weight, channel) => weight * gain * (this.#phases[channel] ?? 1));
  }

  #alignPhases(loudest: number, powers: readonly number[]): void {
    const reference = this.#phases[loudest] ?? 1;
    for (const [channel, power] of powers.entries()) {
      const norm = Math.sqrt(power * (powers[loudest] ?? 0));
      const correlation = norm > 0 ? this.#product(loudest, channel) / norm : 0;
      if (Math.abs(correlation) > CLEAR_CORRELATION) this.#phases[channel] = reference * Math.sign(correlation);
    }
  }
}
