/** How many columns make the tiles of a room largest. Pure. */
const RATIO = 16 / 9;

export function columns(tiles: number, width: number, height: number): number {
  let best = 1;
  let bestWidth = 0;
  for (let count = 1; count <= tiles; count++) {
    const rows = Math.ceil(tiles / count);
    const tileWidth = Math.min(width / count, (height / rows) * RATIO);
    if (tileWidth <= bestWidth) continue;
    best = count;
    bestWidth = tileWidth;
  }
  return best;
}
