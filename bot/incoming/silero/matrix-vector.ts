/**
 * Multiplies a matrix by a vector, which is nearly all the work of a neural network, in a WebAssembly function of some 80 instructions. Both
 * are integers of 16 bits: they take half of the memory of floats, which have to be read anew for every speaker, and SIMD multiplies eight at
 * a time.
 *
 * The module is assembled here byte by byte; opcodes and sections have the names of the WebAssembly specification.
 */

/** Rows are multiplied so many at a time, as they share what is loaded of the vector: a matrix must have a multiple of it. */
export const ROW_BLOCK = 4;
/** Columns are multiplied so many at a time: a row must have a multiple of it. */
export const COLUMN_BLOCK = 16;

/**
 * Computes `out[i] = matrix[i] · vector` for each row, in 32 bits: whoever calls it sees to it that no sum is greater. `matrix` (row after row),
 * `vector` and `out` are byte offsets in the memory; `columns` is the length of a row in integers of 16 bits.
 */
export type MatVec = (matrix: number, vector: number, out: number, rows: number, columns: number) => void;

// Value types, and the type of a block without a result.
const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY_BLOCK = 0x40;
const FUNCTION_TYPE = 0x60;

// Opcodes.
const LOOP = 0x03;
const END = 0x0b;
const BR_IF = 0x0d;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_STORE = 0x36;
const I32_CONST = 0x41;
const I32_LT_U = 0x49;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_SHL = 0x74;
const SIMD_PREFIX = 0xfd;
const V128_LOAD = 0;
const V128_CONST = 12;
const I32X4_EXTRACT_LANE = 27;
const I32X4_ADD = 174;
const I32X4_DOT_I16X8_S = 186;

// Section ids, and the kinds of imports and exports.
const TYPE_SECTION = 1;
const IMPORT_SECTION = 2;
const FUNCTION_SECTION = 3;
const EXPORT_SECTION = 7;
const CODE_SECTION = 10;
const FUNCTION_EXPORT = 0;
const MEMORY_IMPORT = 2;
const MAGIC_AND_VERSION = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** Indices of the parameters, then of the local variables: a pointer into each row of a block, the part of the vector, a sum for each row. */
const [MATRIX, VECTOR, OUT, ROWS, COLUMNS, VECTOR_POINTER, VECTOR_END, ROW_BYTES, ROW_POINTER] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;
const PARAMETERS = 5;
const FACTORS = ROW_POINTER + ROW_BLOCK;
const SUM = FACTORS + 1;
const POINTERS = FACTORS - PARAMETERS;
const VECTORS = 1 + ROW_BLOCK;
const VECTOR_BYTES = 16;
const BLOCK_BYTES = 2 * COLUMN_BLOCK;
const SUM_BYTES = 4;
const LANES = 4;
/** Alignment hints of memory instructions, as powers of two: they affect speed at most. */
const UNALIGNED = 0;
const ALIGNED_TO_4_BYTES = 2;

const get = (local: number) => [LOCAL_GET, local];
const set = (local: number) => [LOCAL_SET, local];
/** @param value from 0 to 63, which signed LEB128 writes in one byte */
const i32Const = (value: number) => [I32_CONST, value];
const simd = (opcode: number) => [SIMD_PREFIX, ...unsignedLeb128(opcode)];
const loadVector = (offset: number) => [...simd(V128_LOAD), UNALIGNED, offset];
const storeInteger = (offset: number) => [I32_STORE, ALIGNED_TO_4_BYTES, offset];
const zeroVector = [...simd(V128_CONST), ...Array(VECTOR_BYTES).fill(0)];
const extractLane = (lane: number) => [...simd(I32X4_EXTRACT_LANE), lane];
const loop = (body: number[]) => [LOOP, EMPTY_BLOCK, ...body, END];
/** Continues the innermost loop if the value on the stack is not zero. */
const continueIf = [BR_IF, 0];
const repeat = (count: number, instructions: (i: number) => number[]) =>
  Array.from({ length: count }, (_, i) => instructions(i)).flat();
const forEachRow = (instructions: (row: number) => number[]) => repeat(ROW_BLOCK, instructions);
const advance = (pointer: number, bytes: number) => [...get(pointer), ...i32Const(bytes), I32_ADD, ...set(pointer)];

/** Adds the products of a block of columns to the sum of each row, and advances all pointers, until the end of the rows. */
const multiplyRows = loop([
  ...repeat(BLOCK_BYTES / VECTOR_BYTES, (part) => [
    ...[...get(VECTOR_POINTER), ...loadVector(part * VECTOR_BYTES), ...set(FACTORS)],
    ...forEachRow((row) => [
      ...[...get(ROW_POINTER + row), ...loadVector(part * VECTOR_BYTES)],
      ...[...get(FACTORS), ...simd(I32X4_DOT_I16X8_S)],
      ...[...get(SUM + row), ...simd(I32X4_ADD), ...set(SUM + row)],
    ]),
  ]),
  ...forEachRow((row) => advance(ROW_POINTER + row, BLOCK_BYTES)),
  ...advance(VECTOR_POINTER, BLOCK_BYTES),
  // Continue while vectorPointer < vectorEnd.
  ...[...get(VECTOR_POINTER), ...get(VECTOR_END), I32_LT_U, ...continueIf],
]);

const storeSum = (row: number) => [
  ...get(OUT),
  ...repeat(LANES, (lane) => [...get(SUM + row), ...extractLane(lane), ...(lane === 0 ? [] : [I32_ADD])]),
  ...storeInteger(row * SUM_BYTES),
];

const functionBody = [
  // rowBytes = 2 · columns; vectorEnd = vector + rowBytes
  ...[...get(COLUMNS), ...i32Const(1), I32_SHL, ...set(ROW_BYTES)],
  ...[...get(VECTOR), ...get(ROW_BYTES), I32_ADD, ...set(VECTOR_END)],
  ...loop([
    ...forEachRow((row) => [...zeroVector, ...set(SUM + row)]),
    // Each row begins where the one before it ends.
    ...[...get(MATRIX), ...set(ROW_POINTER)],
    ...repeat(ROW_BLOCK - 1, (row) => [
      ...[...get(ROW_POINTER + row), ...get(ROW_BYTES), I32_ADD, ...set(ROW_POINTER + row + 1)],
    ]),
    ...[...get(VECTOR), ...set(VECTOR_POINTER)],
    ...multiplyRows,
    // The last pointer is now behind the block.
    ...[...get(ROW_POINTER + ROW_BLOCK - 1), ...set(MATRIX)],
    ...forEachRow(storeSum),
    ...advance(OUT, ROW_BLOCK * SUM_BYTES),
    // rows = rows − ROW_BLOCK; continue while rows > 0.
    ...[...get(ROWS), ...i32Const(ROW_BLOCK), I32_SUB, LOCAL_TEE, ROWS, ...continueIf],
  ]),
  END,
];

function unsignedLeb128(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsignedLeb128(value >> 7)];
}

const section = (id: number, content: number[]) => [id, ...unsignedLeb128(content.length), ...content];
const name = (value: string) => [value.length, ...Buffer.from(value)];

function moduleBytes(): Uint8Array<ArrayBuffer> {
  // Two groups of local variables: pointers and lengths, then vectors.
  const locals = [2, POINTERS, I32, VECTORS, V128];
  const code = [...locals, ...functionBody];
  // Each section starts with the number of its entries, here 1.
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(TYPE_SECTION, [1, FUNCTION_TYPE, PARAMETERS, ...Array(PARAMETERS).fill(I32), 0]),
    // The memory has no maximum size, and at least one page.
    ...section(IMPORT_SECTION, [1, ...name('env'), ...name('memory'), MEMORY_IMPORT, 0, 1]),
    ...section(FUNCTION_SECTION, [1, 0]),
    ...section(EXPORT_SECTION, [1, ...name('matVec'), FUNCTION_EXPORT, 0]),
    ...section(CODE_SECTION, [1, ...unsignedLeb128(code.length), ...code]),
  ]);
}

/** Compiles the function for a memory, of which it needs at least one page. */
export function compileMatVec(memory: WebAssembly.Memory): MatVec {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { env: { memory } });
  return instance.exports.matVec as MatVec;
}
