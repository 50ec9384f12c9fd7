/**
 * Magnitude spectra of windows of 256 samples: a Hann window, a fast Fourier transform, and the magnitudes of its 129 bins. Works on
 * preallocated buffers, as it runs for every speaker many times a second.
 */

/** Samples in a window. */
export const FFT_SIZE = 256;
/** Bins of a spectrum: bin `k` is at `k × rate / FFT_SIZE` Hz. */
export const SPECTRUM_BINS = FFT_SIZE / 2 + 1;
const FFT_SIZE_BITS = 8;

const hann = Float64Array.from({ length: FFT_SIZE }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FFT_SIZE));
const cosine = Float64Array.from({ length: FFT_SIZE / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / FFT_SIZE));
const sine = Float64Array.from({ length: FFT_SIZE / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / FFT_SIZE));
const reversed = Uint8Array.from({ length: FFT_SIZE }, (_, i) =>
  Number.parseInt([...i.toString(2).padStart(FFT_SIZE_BITS, '0')].reverse().join(''), 2),
);
const re = new Float64Array(FFT_SIZE);
const im = new Float64Array(FFT_SIZE);

/**
 * Writes the magnitude spectra of the windows that start at `first` and at `second`: two real transforms for the price of one complex
 * transform. Samples beyond the end count as zero.
 *
 * @example
 * magnitudeSpectraOfTwo(samples, [0, 128], [spectrumA, spectrumB]);
 */
export function magnitudeSpectraOfTwo(
  samples: Float32Array,
  [first, second]: readonly [number, number],
  [outFirst, outSecond]: readonly [Float32Array, Float32Array],
): void {
  for (let i = 0; i < FFT_SIZE; i++) {
    const at = reversed[i] ?? 0;
    const weight = hann[i] ?? 0;
    re[at] = weight * (samples[first + i] ?? 0);
    im[at] = weight * (samples[second + i] ?? 0);
  }
  fftInPlace();
  for (let k = 0; k < SPECTRUM_BINS; k++) {
    const mirrored = (FFT_SIZE - k) % FFT_SIZE;
    const [a, b, c, d] = [re[k] ?? 0, im[k] ?? 0, re[mirrored] ?? 0, im[mirrored] ?? 0];
    outFirst[k] = Math.sqrt((a + c) ** 2 + (b - d) ** 2) / 2;
    outSecond[k] = Math.sqrt((a - c) ** 2 + (b + d) ** 2) / 2;
  }
}

/** Transforms `re` and `im` in place; they are in bit-reversed order. */
function fftInPlace(): void {
  for (let half = 1; half < FFT_SIZE; half *= 2) {
    const stride = FFT_SIZE / 2 / half;
    for (let block = 0; block < FFT_SIZE; block += 2 * half) {
      for (let j = 0; j < half; j++) {
        const wr = cosine[j * stride] ?? 0;
        const wi = -(sine[j * stride] ?? 0);
        const a = block + j;
        const b = a + half;
        const br = re[b] ?? 0;
        const bi = im[b] ?? 0;
        const tr = wr * br - wi * bi;
        const ti = wr * bi + wi * br;
        const ar = re[a] ?? 0;
        const ai = im[a] ?? 0;
        re[a] = ar + tr;
        im[a] = ai + ti;
        re[b] = ar - tr;
        im[b] = ai - ti;
      }
    }
  }
}
