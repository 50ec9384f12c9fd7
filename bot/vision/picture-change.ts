/**
 * Decides by luma thumbnails whether a picture has changed in a way that matters for understanding what is said.
 *
 * On a screen, a moving cursor or a talking head in a corner is no change, but one more line of text is. In front of a camera, another
 * person is a change, and so is somebody who has moved.
 */
import type { FrameSize } from './key-frame/key-frame.ts';
import { loadSharp } from './sharp.ts';
import type { PictureSource } from './video-target.ts';

/** A small greyscale copy of a picture: values from 0 to 255, row after row. */
export type LumaThumbnail = Uint8Array;
export const THUMBNAIL_WIDTH = 64;
export const THUMBNAIL_HEIGHT = 36;

/** A cell has changed if it differs by more than the noise of a camera and an encoder. */
const LEAST_DIFFERENCE = 16;
/** Width and height, in cells, up to which a changed patch is taken for a cursor, a blinking caret or a clock. */
const SMALL_PATCH_CELLS = 3;
/** A talking head is shown within a third of the width and height, in a corner. */
const CORNER_WIDTH = 21;
const CORNER_HEIGHT = 13;
/** Cells that a few words change; a cell is 20 × 20 pixels of a screen of 1280 × 720. */
const CHANGED_ON_SCREEN = 8;
const CHANGED_IN_CAMERA = 0.03 * THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT;

/**
 * Makes the thumbnail of a picture, whatever its shape.
 *
 * @param pixels the size, where the picture is bare pixels (red, green, blue)
 * @throws where the bytes are not a picture
 */
export async function lumaThumbnailOf(picture: Uint8Array, pixels?: FrameSize): Promise<LumaThumbnail> {
  const sharp = await loadSharp();
  const options = pixels && { raw: { width: pixels.width, height: pixels.height, channels: 3 as const } };
  const small = sharp(picture, options).greyscale().resize(THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT, { fit: 'fill' });
  return new Uint8Array(await small.raw().toBuffer());
}

/**
 * Whether a picture has changed. Pure.
 *
 * @example
 * hasChanged('screen', await lumaThumbnailOf(lastJpeg), await lumaThumbnailOf(jpeg));
 */
export function hasChanged(source: PictureSource, before: LumaThumbnail, now: LumaThumbnail): boolean {
  const changed = now.map((value, i) => (Math.abs(value - (before[i] ?? 0)) >= LEAST_DIFFERENCE ? 1 : 0));
  if (source === 'camera') return count(changed) >= CHANGED_IN_CAMERA;
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

const isSmall = ({ left, right, top, bottom }: Patch): boolean =>
  right - left < SMALL_PATCH_CELLS && bottom - top < SMALL_PATCH_CELLS;

const isInCorner = ({ left, right, top, bottom }: Patch): boolean =>
  (right < CORNER_WIDTH || left >= THUMBNAIL_WIDTH - CORNER_WIDTH) &&
  (bottom < CORNER_HEIGHT || top >= THUMBNAIL_HEIGHT - CORNER_HEIGHT);

/** Groups changed cells that touch each other, also at corners. */
function patchesIn(changed: Uint8Array): Patch[] {
  const left = changed.slice();
  const patches: Patch[] = [];
  for (let start = left.indexOf(1); start !== -1; start = left.indexOf(1, start)) patches.push(takePatch(left, start));
  return patches;
}

/** Collects the patch around `start`, and clears its cells. */
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
