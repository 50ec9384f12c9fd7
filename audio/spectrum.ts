/**
 * Magnitude spectra of windows of 256 samples: a Hann window, a fast Fourier transform (PFFFT, in WebAssembly with SIMD), and the
 * magnitudes of its 129 bins. Works on preallocated buffers, as it runs for every speaker many times a second.
 */
import createPffft from '@echogarden/pffft-wasm/simd';

/** Samples in a window. */
export const FFT_SIZE = 256;
/** Bins of a spectrum: bin `k` is at `k × rate / FFT_SIZE` Hz. */
export const SPECTRUM_BINS = FFT_SIZE / 2 + 1;

const REAL = 0;
const FORWARD = 0;

const hann = Float32Array.from({ length: FFT_SIZE }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FFT_SIZE));
const pffft = await createPffft();
const setup = pffft._pffft_new_setup(FFT_SIZE, REAL);
const allocate = () => pffft._pffft_aligned_malloc(FFT_SIZE * Float32Array.BYTES_PER_ELEMENT);
const [input, output, work] = [allocate(), allocate(), allocate()];
const floatsAt = (pointer: number) => new Float32Array(pffft.HEAPF32.buffer, pointer, FFT_SIZE);
const windowed = floatsAt(input);
/** Real and imaginary parts in turn, but for the first two: the first and the last bin, which are real. */
const transformed = floatsAt(output);

/**
 * Writes the magnitude spectrum of the window that begins at sample `start`, which must lie within `samples`.
 *
 * @example
 * magnitudeSpectrum(samples, 128, spectrum); // spectrum: SPECTRUM_BINS values
 */
export function magnitudeSpectrum(samples: Float32Array, start: number, spectrum: Float32Array): void {
  for (let i = 0; i < FFT_SIZE; i++) windowed[i] = (hann[i] ?? 0) * (samples[start + i] ?? 0);
  pffft._pffft_transform_ordered(setup, input, output, work, FORWARD);
  const last = SPECTRUM_BINS - 1;
  spectrum[0] = Math.abs(transformed[0] ?? 0);
  spectrum[last] = Math.abs(transformed[1] ?? 0);
  for (let bin = 1; bin < last; bin++) {
    const real = transformed[2 * bin] ?? 0;
    const imaginary = transformed[2 * bin + 1] ?? 0;
    spectrum[bin] = Math.sqrt(real * real + imaginary * imaginary);
  }
}
