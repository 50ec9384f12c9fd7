/** Sample rate conversion by libsamplerate (WASM), mono, 16-bit in and out. */
import libsamplerate from '@alexanderolsen/libsamplerate-js';

const { ConverterType, create } = libsamplerate;

/**
 * Resamples a whole recording. The result is as long as the input times the ratio of the rates, to within 5 ms.
 *
 * @param from samples per second of the input
 * @param to samples per second of the result
 * @example
 * const voice = await resample(recording, 44_100, VOICE_SAMPLE_RATE);
 */
export async function resample(samples: Int16Array, from: number, to: number): Promise<Int16Array> {
  if (from === to) return samples;
  const resampler = await Resampler.create(from, to);
  try {
    return resampler.resampleWhole(samples);
  } finally {
    resampler.close();
  }
}

/** Resamples a stream chunk by chunk, without a seam between chunks. */
export class Resampler {
  readonly #source: Awaited<ReturnType<typeof create>>;

  private constructor(source: Awaited<ReturnType<typeof create>>) {
    this.#source = source;
  }

  static async create(from: number, to: number): Promise<Resampler> {
    return new Resampler(await create(1, from, to, { converterType: ConverterType.SRC_SINC_MEDIUM_QUALITY }));
  }

  /** Resamples the next chunk of the stream; what the filter still holds comes out with the chunks after it. */
  push(samples: Int16Array): Int16Array {
    return samples.length === 0 ? samples : toInt16(this.#source.full(toFloat(samples)));
  }

  /** Resamples a recording that is independent of everything pushed before. */
  resampleWhole(samples: Int16Array): Int16Array {
    return samples.length === 0 ? samples : toInt16(this.#source.simple(toFloat(samples)));
  }

  /** Frees the converter's memory. */
  close(): void {
    this.#source.destroy();
  }
}

const toFloat = (samples: Int16Array): Float32Array => Float32Array.from(samples, (sample) => sample / 32_768);

const toInt16 = (samples: Float32Array): Int16Array =>
  Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
