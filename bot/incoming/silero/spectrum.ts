/** How strong each of 129 frequencies is in 256 samples: a Hann window, a Fourier transform, and the magnitudes. */

export const WINDOW = 256;
export const BINS = WINDOW / 2 + 1;
const BITS = 8;

const hann = Float64Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW));
const cosine = Float64Array.from({ length: WINDOW / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / WINDOW));
const sine = Float64Array.from({ length: WINDOW / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / WINDOW));
const reversed = Uint8Array.from({ length: WINDOW }, (_, i) =>
  Number.parseInt([...i.toString(2).padStart(BITS, '0')].reverse().join(''), 2),
);
const re = new Float64Array(WINDOW);
const im = new Float64Array(WINDOW);

/** Of the windows at `first` and `second`: two real transforms for the price of one complex one. */
export function magnitudesOfTwo(
  samples: Float32Array,
  [first, second]: readonly [number, number],
  [outFirst, outSecond]: readonly [Float32Array, Float32Array],
): void {
  for (let i = 0; i < WINDOW; i++) {
    const at = reversed[i] ?? 0;
    const weight = hann[i] ?? 0;
    re[at] = weight * (samples[first + i] ?? 0);
    im[at] = weight * (samples[second + i] ?? 0);
  }
  transform();
  for (let k = 0; k < BINS; k++) {
    const mirrored = (WINDOW - k) % WINDOW;
    const [a, b, c, d] = [re[k] ?? 0, im[k] ?? 0, re[mirrored] ?? 0, im[mirrored] ?? 0];
    outFirst[k] = Math.sqrt((a + c) ** 2 + (b - d) ** 2) / 2;
    outSecond[k] = Math.sqrt((a - c) ** 2 + (b + d) ** 2) / 2;
  }
}

/** In place, from bit-reversed order. */
function transform(): void {
  for (let half = 1; half < WINDOW; half *= 2) {
    const stride = WINDOW / 2 / half;
    for (let block = 0; block < WINDOW; block += 2 * half) {
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
