/**
 * JSON text of a large value in pieces of about 64 kB, so that nothing else waits while it is made. Each piece is made when it is asked
 * for: of a value that changes meanwhile, elements that come later are as they are then.
 */

const PIECE_CHARACTERS = 65_536;
/** Arrays up to this depth are made element by element. */
const DEPTH = 4;

/**
 * @example
 * await writeFile(path, jsonPieces(value));
 */
export function* jsonPieces(value: unknown): Generator<string> {
  let text = '';
  for (const part of partsOf(value, DEPTH)) {
    text += part;
    if (text.length < PIECE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield text;
}

function* partsOf(value: unknown, depth: number): Generator<string> {
  if (depth > 0 && Array.isArray(value)) {
    let separator = '[';
    for (const element of value) {
      yield separator;
      yield* partsOf(element ?? null, depth - 1);
      separator = ',';
    }
    yield separator === '[' ? '[]' : ']';
  } else if (depth > 0 && isObjectWithArray(value)) {
    let separator = '{';
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      yield `${separator}${JSON.stringify(key)}:`;
      yield* partsOf(member, depth - 1);
      separator = ',';
    }
    yield separator === '{' ? '{}' : '}';
  } else {
    yield JSON.stringify(value);
  }
}

const isObjectWithArray = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.values(value).some(Array.isArray);
