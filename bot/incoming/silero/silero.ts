/**
 * Silero, a voice activity detector (`LICENSE` beside this file): four convolutions over the spectrum of the last 36 ms, then
 * an LSTM, run by hand: a hundred people may speak in one process. 0.14 ms for 32 ms of sound, half of what ONNX's native
 * runtime takes and a sixth of the same loops in JavaScript; synchronous; half a megabyte in all.
 *
 * Hard requirement: the answers of the original network, but for the rounding of its weights to 16 bits.
 */
import { readFileSync } from 'node:fs';
import { type DotProducts, dotProductsIn } from './dot-products.ts';
import { BINS, magnitudesOfTwo } from './spectrum.ts';

/** What it judges at a time: 32 ms at 16 kHz. */
export const CHUNK_SAMPLES = 512;
/** Of the chunk before. */
const CONTEXT_SAMPLES = 64;
/** Behind the last sample the sound is mirrored. */
const MIRRORED_SAMPLES = 64;
const HOP_SAMPLES = 128;
const FRAMES = 4;
const TAPS = 3;
const HIDDEN = 128;
const GATES = 4;
/** What the dot products ask of a row. */
const ROW = 16;
const FLOAT_BYTES = 4;
const PAGE_BYTES = 65_536;
const MEMORY_BYTES = 20 * PAGE_BYTES;

/** A matrix and what is added to its products. */
interface Layer {
  matrix: number;
  bias: Float32Array;
  rows: number;
  columns: number;
}

/** A stretch of the memory, by its place in bytes and by its values. */
interface Room {
  place: number;
  values: Float32Array;
}

/** Frames of `width` values between two of zeros, which stand for what is beyond the edges. */
interface Frames extends Room {
  width: number;
}

interface Convolution extends Layer {
  stride: number;
  outputs: number;
  input: Frames;
}

/** One for all speakers: the weights, and room for the work on one chunk. */
class Network {
  readonly #memory = new WebAssembly.Memory({ initial: MEMORY_BYTES / PAGE_BYTES });
  readonly #weights = halfFloats(readFileSync(new URL('silero.weights', import.meta.url)));
  #used = 0;
  #read = 0;
  readonly dotProducts: DotProducts = dotProductsIn(this.#memory);
  readonly convolutions: readonly Convolution[] = [
    this.#convolution({ inputs: BINS, frames: FRAMES, rows: 128, stride: 1 }),
    this.#convolution({ inputs: 128, frames: FRAMES, rows: 64, stride: 2 }),
    this.#convolution({ inputs: 64, frames: 2, rows: 64, stride: 2 }),
    this.#convolution({ inputs: 64, frames: 1, rows: 128, stride: 1 }),
  ];
  readonly lstm = this.#layer(GATES * HIDDEN, 2 * HIDDEN);
  /** What the convolutions made of the chunk, and then what was said of the chunk before. */
  readonly lstmInput = this.#room(2 * HIDDEN);
  readonly products = this.#room(GATES * HIDDEN);
  readonly output = this.#next(HIDDEN);
  readonly outputBias = this.#next(1)[0] ?? 0;

  #convolution(shape: { inputs: number; frames: number; rows: number; stride: number }): Convolution {
    const { inputs, frames, rows, stride } = shape;
    const layer = this.#layer(rows, TAPS * inputs);
    const input = { ...this.#room((frames + 2) * inputs + ROW), width: inputs };
    return { ...layer, stride, outputs: frames / stride, input };
  }

  #layer(rows: number, inputs: number): Layer {
    const columns = Math.ceil(inputs / ROW) * ROW;
    const { place, values } = this.#room(rows * columns);
    for (let row = 0; row < rows; row++) values.set(this.#next(inputs), row * columns);
    return { matrix: place, bias: this.#next(rows), rows, columns };
  }

  #next(count: number): Float32Array {
    this.#read += count;
    return this.#weights.subarray(this.#read - count, this.#read);
  }

  #room(floats: number): Room {
    const place = this.#used;
    this.#used += floats * FLOAT_BYTES;
    return { place, values: new Float32Array(this.#memory.buffer, place, floats) };
  }
}

let network: Network | undefined;
const sound = new Float32Array(CONTEXT_SAMPLES + CHUNK_SAMPLES + MIRRORED_SAMPLES);

/** What is kept of one speaker: 1.3 kB. */
export class Silero {
  readonly #network: Network;
  readonly #context = new Float32Array(CONTEXT_SAMPLES);
  readonly #hidden = new Float32Array(HIDDEN);
  readonly #cell = new Float32Array(HIDDEN);

  constructor() {
    network ??= new Network();
    this.#network = network;
  }

  /** How likely it is that somebody speaks in these 32 ms, from 0 to 1. Samples from −1 to 1. */
  judge(chunk: Float32Array): number {
    this.#hear(chunk);
    this.#convolve();
    this.#remember();
    const { output, outputBias } = this.#network;
    let sum = outputBias;
    for (let i = 0; i < HIDDEN; i++) sum += Math.max(0, this.#hidden[i] ?? 0) * (output[i] ?? 0);
    return sigmoid(sum);
  }

  #hear(chunk: Float32Array): void {
    sound.set(this.#context);
    sound.set(chunk, CONTEXT_SAMPLES);
    const end = CONTEXT_SAMPLES + CHUNK_SAMPLES;
    for (let i = 0; i < MIRRORED_SAMPLES; i++) sound[end + i] = sound[end - 2 - i] ?? 0;
    this.#context.set(chunk.subarray(CHUNK_SAMPLES - CONTEXT_SAMPLES));
    const [spectra] = this.#network.convolutions;
    if (!spectra) return;
    const frame = (i: number) => spectra.input.values.subarray((i + 1) * BINS, (i + 2) * BINS);
    for (let i = 0; i < FRAMES; i += 2)
      magnitudesOfTwo(sound, [i * HOP_SAMPLES, (i + 1) * HOP_SAMPLES], [frame(i), frame(i + 1)]);
  }

  #convolve(): void {
    const { dotProducts, convolutions, products, lstmInput } = this.#network;
    convolutions.forEach(({ matrix, bias, rows, columns, stride, outputs, input }, i) => {
      const following = convolutions[i + 1]?.input;
      for (let t = 0; t < outputs; t++) {
        dotProducts(matrix, input.place + t * stride * input.width * FLOAT_BYTES, products.place, rows, columns);
        const { values } = following ?? lstmInput;
        const at = following ? (t + 1) * following.width : 0;
        for (let row = 0; row < rows; row++)
          values[at + row] = Math.max(0, (products.values[row] ?? 0) + (bias[row] ?? 0));
      }
    });
  }

  #remember(): void {
    const { dotProducts, lstm, lstmInput, products } = this.#network;
    const [hidden, cell] = [this.#hidden, this.#cell];
    lstmInput.values.set(hidden, HIDDEN);
    dotProducts(lstm.matrix, lstmInput.place, products.place, lstm.rows, lstm.columns);
    const { bias } = lstm;
    const gate = (which: number, i: number) =>
      (products.values[which * HIDDEN + i] ?? 0) + (bias[which * HIDDEN + i] ?? 0);
    for (let i = 0; i < HIDDEN; i++) {
      const kept = sigmoid(gate(1, i)) * (cell[i] ?? 0);
      const learnt = sigmoid(gate(0, i)) * Math.tanh(gate(2, i));
      cell[i] = kept + learnt;
      hidden[i] = sigmoid(gate(3, i)) * Math.tanh(kept + learnt);
    }
  }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** IEEE 754 halves, little-endian; none of the weights is infinite. */
function halfFloats(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const half = bytes.readUInt16LE(2 * i);
    const exponent = (half >> 10) & 31;
    const magnitude = exponent === 0 ? (half & 1023) * 2 ** -24 : (1024 + (half & 1023)) * 2 ** (exponent - 25);
    return half & 0x8000 ? -magnitude : magnitude;
  });
}
