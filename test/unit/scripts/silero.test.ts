import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tensorsByGraph } from '../../../scripts/silero/onnx-tensors.mjs';
import { halfFloats, SOURCE, sileroWeights } from '../../../scripts/silero/weights.mjs';

const FLOAT = 1;
const SHAPES = {
  'encoder.0.reparam_conv.weight': [128, 129, 3],
  'encoder.0.reparam_conv.bias': [128],
  'encoder.1.reparam_conv.weight': [64, 128, 3],
  'encoder.1.reparam_conv.bias': [64],
  'encoder.2.reparam_conv.weight': [64, 64, 3],
  'encoder.2.reparam_conv.bias': [64],
  'encoder.3.reparam_conv.weight': [128, 64, 3],
  'encoder.3.reparam_conv.bias': [128],
  'decoder.rnn.weight_ih': [512, 128],
  'decoder.rnn.weight_hh': [512, 128],
  'decoder.rnn.bias_ih': [512],
  'decoder.rnn.bias_hh': [512],
  'decoder.decoder.2.weight': [1, 128, 1],
  'decoder.decoder.2.bias': [1],
};

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
const message = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);
const number = (field: number, value: number): Buffer => Buffer.from([...varint(field * 8), ...varint(value)]);

function tensor(name: string, dimensions: readonly number[], values: Float32Array): Buffer {
  return Buffer.concat([
    ...dimensions.map((dimension) => number(1, dimension)),
    number(2, FLOAT),
    message(8, Buffer.from(name)),
    message(9, new Uint8Array(values.buffer)),
  ]);
}

/** A model whose 16 kHz network is in a branch of an `If` node, as constants, next to one of another size. */
function modelOf(shapes: Record<string, readonly number[]>, valueAt: (name: string, i: number) => number): Buffer {
  const constants = Object.entries(shapes).map(([name, dimensions]) => {
    const values = Float32Array.from({ length: dimensions.reduce((a, b) => a * b) }, (_, i) => valueAt(name, i));
    return message(1, message(5, message(5, tensor(`branch.${name}`, dimensions, values))));
  });
  const other = tensor('encoder.0.reparam_conv.weight', [1, 65, 3], new Float32Array(65 * 3));
  const branch = message(6, Buffer.concat(constants));
  return message(7, Buffer.concat([message(5, other), message(1, message(5, branch))]));
}

describe('the weights of Silero VAD', () => {
  it('are the recorded ones', () => {
    const weights = readFileSync(new URL('../../../bot/incoming/silero/silero.weights', import.meta.url));
    expect(createHash('sha256').update(weights).digest('hex')).toBe(SOURCE.weightsSha256);
  });

  it('have the taps of a convolution before its inputs, and the two biases of the LSTM added up', () => {
    const model = modelOf(SHAPES, (name, i) => {
      if (name === 'encoder.0.reparam_conv.weight') return i < 129 * 3 ? i : 0;
      if (name === 'decoder.rnn.bias_ih') return 2;
      return name === 'decoder.rnn.bias_hh' ? 3 : 0;
    });
    const weights = sileroWeights(model);
    expect(weights).toHaveLength(2 * 243_073);
    expect(weights.subarray(0, 6)).toEqual(halfFloats([0, 3, 6]));
    expect(weights.subarray(2 * 129, 2 * 129 + 4)).toEqual(halfFloats([1, 4]));
    const biases = 2 * (243_073 - 129 - 512);
    expect(weights.subarray(biases, biases + 4)).toEqual(halfFloats([5, 5]));
  });

  it('are not made of a model without a 16 kHz network', () => {
    expect(() => sileroWeights(modelOf({ ...SHAPES, 'encoder.0.reparam_conv.weight': [128, 65, 3] }, () => 0))).toThrow(
      'no 16 kHz network',
    );
  });

  it('are not made of a model that lacks a tensor', () => {
    const { 'decoder.rnn.weight_hh': _, ...shapes } = SHAPES;
    expect(() => sileroWeights(modelOf(shapes, () => 0))).toThrow('decoder.rnn.weight_hh');
  });
});

describe('tensorsByGraph', () => {
  it.each([
    { of: 'a truncated file', bytes: modelOf({ weight: [4] }, () => 1).subarray(0, -3) },
    { of: 'a file that is no protocol buffer', bytes: Buffer.from([0x0f]) },
  ])('rejects $of', ({ bytes }) => {
    expect(() => tensorsByGraph(bytes)).toThrow(/ONNX/);
  });
});

describe('halfFloats', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [2 ** -24, 0x0001],
    [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000],
  ])('encodes %f as IEEE 754 half precision, rounded to the nearest, ties to even', (value, expected) => {
    expect(new DataView(halfFloats([value]).buffer).getUint16(0, true)).toBe(expected);
  });
});
