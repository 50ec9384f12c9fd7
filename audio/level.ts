/** How loud 16-bit PCM is. Pure. */

const FULL_SCALE = 32_768;
const SILENCE_DB = -96;

/**
 * The root mean square of the samples, from 0 to 32 768; 0 where there are none.
 *
 * @example
 * rms(Int16Array.of(300, -300)); // 300
 */
export function rms(samples: Int16Array): number {
  if (samples.length === 0) return 0;
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return Math.sqrt(energy / samples.length);
}

/**
 * The level of the samples in decibels relative to full scale, from −96 (silence, or no samples) to 0 (a square wave at full scale).
 *
 * @example
 * levelDb(Int16Array.of(16_384, -16_384)); // −6.02
 */
export function levelDb(samples: Int16Array): number {
  return Math.max(SILENCE_DB, 20 * Math.log10(rms(samples) / FULL_SCALE || Number.MIN_VALUE));
}

/**
 * The largest magnitude among the samples, from 0 to 32 768; 0 where there are none.
 *
 * @example
 * peakOf(Int16Array.of(5, -300)); // 300
 */
export function peakOf(samples: Int16Array): number {
  let peak = 0;
  for (let i = 0; i < samples.length; i++) {
    const magnitude = Math.abs(samples[i] ?? 0);
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}
