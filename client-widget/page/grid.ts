/** How many columns make the tiles of a room largest, with few empty places. Pure. */
const RATIO = 16 / 9;

export function bestColumnCount(tiles: number, width: number, height: number): number {
  let best = 1;
  let bestScore = 0;
  for (let count = 1; count <= tiles; count++) {
    const rows = Math.ceil(tiles / count);
    const tileWidth = Math.min(width / count, (height / rows) * RATIO);
    const score = (tileWidth * tiles) / (count * rows);
    if (score <= bestScore) continue;
    best = count;
    bestScore = score;
  }
  return best;
}
