/**
 * Has a picture changed, for somebody who has to understand what is said? Judged on small grey copies. Pure.
 *
 * On a screen a cursor that moves and a talking head in a corner are no change, and one more line of text is. In front of a
 * camera somebody else is, or somebody who moved.
 */

/** 0 to 255, row after row. */
export type LumaThumbnail = Uint8Array;
export const THUMBNAIL_WIDTH = 64;
export const THUMBNAIL_HEIGHT = 36;

/** More than the noise of a camera and of an encoder. */
const LEAST_DIFFERENCE = 16;
/** A cursor, a blinking caret, a clock. */
const SMALL = 3;
/** Where a talking head stands: a third of the width and of the height. */
const CORNER_WIDTH = 21;
const CORNER_HEIGHT = 13;
/** A few words: each cell is 20 pixels wide and high on a screen of 1280 × 720. */
const CHANGED_ON_SCREEN = 8;
const CHANGED_IN_CAMERA = 0.03 * THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT;

export function hasChanged(kind: 'screen' | 'camera', before: LumaThumbnail, now: LumaThumbnail): boolean {
  const changed = now.map((value, i) => (Math.abs(value - (before[i] ?? 0)) >= LEAST_DIFFERENCE ? 1 : 0));
  if (kind === 'camera') return count(changed) >= CHANGED_IN_CAMERA;
  const patches = patchesIn(changed).filter((patch) => !isSmall(patch) && !isInCorner(patch));
  return patches.reduce((sum, { cells }) => sum + cells, 0) >= CHANGED_ON_SCREEN;
}

interface Patch {
  cells: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const isSmall = ({ left, right, top, bottom }: Patch): boolean => right - left < SMALL && bottom - top < SMALL;

const isInCorner = ({ left, right, top, bottom }: Patch): boolean =>
  (right < CORNER_WIDTH || left >= THUMBNAIL_WIDTH - CORNER_WIDTH) &&
  (bottom < CORNER_HEIGHT || top >= THUMBNAIL_HEIGHT - CORNER_HEIGHT);

/** Changed cells that touch each other, corners included. */
function patchesIn(changed: Uint8Array): Patch[] {
  const left = changed.slice();
  const patches: Patch[] = [];
  for (let start = left.indexOf(1); start !== -1; start = left.indexOf(1, start)) patches.push(takePatch(left, start));
  return patches;
}

/** Empties its cells. */
function takePatch(cells: Uint8Array, start: number): Patch {
  const patch: Patch = { cells: 0, left: THUMBNAIL_WIDTH, right: 0, top: THUMBNAIL_HEIGHT, bottom: 0 };
  const open = [start];
  cells[start] = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const [x, y] = [at % THUMBNAIL_WIDTH, Math.floor(at / THUMBNAIL_WIDTH)];
    patch.cells++;
    patch.left = Math.min(patch.left, x);
    patch.right = Math.max(patch.right, x);
    patch.top = Math.min(patch.top, y);
    patch.bottom = Math.max(patch.bottom, y);
    for (const near of neighbours(x, y)) {
      if (cells[near] !== 1) continue;
      cells[near] = 0;
      open.push(near);
    }
  }
  return patch;
}

function* neighbours(x: number, y: number): Generator<number> {
  for (let ny = Math.max(0, y - 1); ny <= Math.min(THUMBNAIL_HEIGHT - 1, y + 1); ny++)
    for (let nx = Math.max(0, x - 1); nx <= Math.min(THUMBNAIL_WIDTH - 1, x + 1); nx++) yield ny * THUMBNAIL_WIDTH + nx;
}

const count = (cells: Uint8Array): number => cells.reduce((sum, cell) => sum + cell, 0);
