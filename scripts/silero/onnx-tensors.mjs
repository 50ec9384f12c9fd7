/**
 * Reads the float tensors of an ONNX model, which is a protocol buffer (https://onnx.ai/onnx/repo-docs/IR.html). No more of the format
 * is read than that: initialisers, and constants in nodes, of the main graph and of the graphs within its nodes.
 *
 * @typedef {{ name: string, dimensions: number[], values: Float32Array }} Tensor
 */

/** Field numbers of ONNX's messages. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5 };
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE = { tensor: 5, graph: 6 };
const TENSOR = { dimensions: 1, type: 2, name: 8, rawData: 9 };
const FLOAT = 1;

/** Wire types of protocol buffers. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/**
 * The named float tensors of a model, by name, one map for each graph.
 *
 * @param {Uint8Array} model
 * @returns {Map<string, Tensor>[]}
 * @throws {Error} where the file is not a protocol buffer
 * @example
 * const [main] = tensorsByGraph(await readFile('model.onnx'));
 */
export function tensorsByGraph(model) {
  return messages(model, MODEL_GRAPH).flatMap(graphTensors);
}

/** @returns {Map<string, Tensor>[]} */
function graphTensors(/** @type {Uint8Array} */ graph) {
  const attributes = messages(graph, GRAPH.node).flatMap((node) => messages(node, NODE_ATTRIBUTE));
  const constants = attributes.flatMap((attribute) => messages(attribute, ATTRIBUTE.tensor));
  const tensors = [...messages(graph, GRAPH.initializer), ...constants].flatMap((bytes) => floatTensor(bytes) ?? []);
  const inner = attributes.flatMap((attribute) => messages(attribute, ATTRIBUTE.graph)).flatMap(graphTensors);
  return [new Map(tensors.map((tensor) => [tensor.name, tensor])), ...inner];
}

/** @returns {Tensor | undefined} undefined where it has no name, or holds no floats as raw data */
function floatTensor(/** @type {Uint8Array} */ bytes) {
  const all = [...fields(bytes)];
  const type = all.find(({ number }) => number === TENSOR.type)?.value;
  const name = all.find(({ number }) => number === TENSOR.name)?.value;
  const raw = all.find(({ number }) => number === TENSOR.rawData)?.value;
  if (type !== FLOAT || !(name instanceof Uint8Array) || !(raw instanceof Uint8Array)) return undefined;
  const dimensions = all.flatMap(({ number, value }) =>
    number === TENSOR.dimensions && typeof value === 'number' ? [value] : [],
  );
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const values = Float32Array.from({ length: raw.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  return { name: Buffer.from(name).toString(), dimensions, values };
}

/** The embedded messages in one field of a message. */
function messages(/** @type {Uint8Array} */ bytes, /** @type {number} */ field) {
  return [...fields(bytes)].flatMap(({ number, value }) =>
    number === field && value instanceof Uint8Array ? [value] : [],
  );
}

/** @returns {Generator<{ number: number, value: number | Uint8Array }>} */
function* fields(/** @type {Uint8Array} */ bytes) {
  let at = 0;
  while (at < bytes.length) {
    const key = varint();
    const wireType = key & 7;
    const number = Math.floor(key / 8);
    if (wireType === VARINT) yield { number, value: varint() };
    else yield { number, value: take(lengthOf(wireType)) };
  }

  /** @returns {number} exact up to 2^53; negative numbers, which have ten bytes, are not needed */
  function varint() {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the ONNX file is truncated');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  function lengthOf(/** @type {number} */ wireType) {
    if (wireType === LENGTH_DELIMITED) return varint();
    if (wireType === FIXED_32) return 4;
    if (wireType === FIXED_64) return 8;
    throw new Error('the file is not an ONNX model: it is no protocol buffer');
  }

  function take(/** @type {number} */ length) {
    if (at + length > bytes.length) throw new Error('the ONNX file is truncated');
    at += length;
    return bytes.subarray(at - length, at);
  }
}
