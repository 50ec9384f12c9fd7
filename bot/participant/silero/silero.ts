/**
 * Silero, a voice activity detector (`LICENSE` beside this file): four convolutions over the spectrum of the last 36 ms, then
 * an LSTM. Run by hand, because a runtime for any network is a hundred times its size: 0.9 ms for 32 ms of sound, synchronous,
 * and half a megabyte in all.
 *
 * Hard requirement: the answers of the original network, but for the rounding of its weights to 16 bits.
 */
import { readFileSync } from 'node:fs';
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

/** `outputs` = matrix · input + bias; the matrix row after row. */
interface Layer {
  matrix: Float32Array;
  bias: Float32Array;
  outputs: Float32Array;
}

/** Over frames that stand one after another between two of zeros, which are what is beyond the edges. */
interface Convolution {
  layer: Layer;
  input: Float32Array;
  inputs: number;
  stride: number;
  steps: number;
}

/** One for all speakers: the weights in the order of the file, and room for the work on one chunk. */
class Network {
  readonly #weights = halfFloats(readFileSync(new URL('silero.weights', import.meta.url)));
  #read = 0;
  readonly sound = new Float32Array(CONTEXT_SAMPLES + CHUNK_SAMPLES + MIRRORED_SAMPLES);
  readonly convolutions: readonly Convolution[] = [
    this.#convolution({ inputs: BINS, frames: FRAMES, outputs: 128, stride: 1 }),
    this.#convolution({ inputs: 128, frames: FRAMES, outputs: 64, stride: 2 }),
    this.#convolution({ inputs: 64, frames: 2, outputs: 64, stride: 2 }),
    this.#convolution({ inputs: 64, frames: 1, outputs: 128, stride: 1 }),
  ];
  readonly lstm = this.#layer(GATES * HIDDEN, 2 * HIDDEN);
  /** What the convolutions made of the chunk, and then what was said of the chunk before. */
  readonly lstmInput = new Float32Array(2 * HIDDEN);
  readonly decision = this.#layer(1, HIDDEN);

  #convolution(shape: { inputs: number; frames: number; outputs: number; stride: number }): Convolution {
    const { inputs, frames, outputs, stride } = shape;
    const layer = this.#layer(outputs, TAPS * inputs);
    return { layer, input: new Float32Array((frames + 2) * inputs), inputs, stride, steps: frames / stride };
  }

  #layer(rows: number, columns: number): Layer {
    return { matrix: this.#next(rows * columns), bias: this.#next(rows), outputs: new Float32Array(rows) };
  }

  #next(count: number): Float32Array {
    this.#read += count;
    return this.#weights.subarray(this.#read - count, this.#read);
  }
}

let network: Network | undefined;

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
    const { decision } = this.#network;
    apply(decision, this.#hidden.map(positive));
    return sigmoid(decision.outputs[0] ?? 0);
  }

  #hear(chunk: Float32Array): void {
    const { sound, convolutions } = this.#network;
    sound.set(this.#context);
    sound.set(chunk, CONTEXT_SAMPLES);
    const end = CONTEXT_SAMPLES + CHUNK_SAMPLES;
    for (let i = 0; i < MIRRORED_SAMPLES; i++) sound[end + i] = sound[end - 2 - i] ?? 0;
    this.#context.set(chunk.subarray(CHUNK_SAMPLES - CONTEXT_SAMPLES));
    const frame = (i: number) => convolutions[0]?.input.subarray((i + 1) * BINS, (i + 2) * BINS) ?? new Float32Array();
    for (let i = 0; i < FRAMES; i += 2)
      magnitudesOfTwo(sound, [i * HOP_SAMPLES, (i + 1) * HOP_SAMPLES], [frame(i), frame(i + 1)]);
  }

  #convolve(): void {
    const { convolutions, lstmInput } = this.#network;
    convolutions.forEach(({ layer, input, inputs, stride, steps }, i) => {
      const following = convolutions[i + 1];
      for (let step = 0; step < steps; step++) {
        apply(layer, input, step * stride * inputs);
        const outputs = layer.outputs.map(positive);
        if (following) following.input.set(outputs, (step + 1) * following.inputs);
        else lstmInput.set(outputs);
      }
    });
  }

  #remember(): void {
    const { lstm, lstmInput } = this.#network;
    const [hidden, cell] = [this.#hidden, this.#cell];
    lstmInput.set(hidden, HIDDEN);
    apply(lstm, lstmInput);
    const gate = (which: number, i: number) => lstm.outputs[which * HIDDEN + i] ?? 0;
    for (let i = 0; i < HIDDEN; i++) {
      const kept = sigmoid(gate(1, i)) * (cell[i] ?? 0);
      const learnt = sigmoid(gate(0, i)) * Math.tanh(gate(2, i));
      cell[i] = kept + learnt;
      hidden[i] = sigmoid(gate(3, i)) * Math.tanh(kept + learnt);
    }
  }
}

/** To the input from `start` on. Four sums at once: additions take time to finish. */
function apply({ matrix, bias, outputs }: Layer, input: Float32Array, start = 0): void {
  const columns = matrix.length / bias.length;
  const rest = columns - (columns % 4);
  for (let row = 0; row < outputs.length; row++) {
    const first = row * columns;
    let [a, b, c, d] = [bias[row] ?? 0, 0, 0, 0];
    for (let i = 0; i < rest; i += 4) {
      a += (matrix[first + i] ?? 0) * (input[start + i] ?? 0);
      b += (matrix[first + i + 1] ?? 0) * (input[start + i + 1] ?? 0);
      c += (matrix[first + i + 2] ?? 0) * (input[start + i + 2] ?? 0);
      d += (matrix[first + i + 3] ?? 0) * (input[start + i + 3] ?? 0);
    }
    for (let i = rest; i < columns; i++) a += (matrix[first + i] ?? 0) * (input[start + i] ?? 0);
    outputs[row] = a + b + c + d;
  }
}

const positive = (x: number): number => Math.max(0, x);

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
