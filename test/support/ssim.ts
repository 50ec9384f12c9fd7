/** How alike two pictures of the same size look, 1 being equal: the mean SSIM of their brightness (Wang et al. 2004), in blocks of 8 × 8. */
import sharp from 'sharp';

const BLOCK = 8;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** @param b is brought to the size of `a` */
export async function ssim(a: Uint8Array, b: Uint8Array): Promise<number> {
  const { data: one, info } = await sharp(a).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const other = await sharp(b).resize(width, height, { fit: 'fill' }).greyscale().raw().toBuffer();
  let [sum, blocks] = [0, 0];
  for (let y = 0; y + BLOCK <= height; y += BLOCK / 2) {
    for (let x = 0; x + BLOCK <= width; x += BLOCK / 2) {
      sum += ofBlock(one, other, y * width + x, width);
      blocks++;
    }
  }
  return sum / blocks;
}

function ofBlock(one: Buffer, other: Buffer, at: number, width: number): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let y = 0; y < BLOCK; y++) {
    for (let x = 0; x < BLOCK; x++) {
      const p = one[at + y * width + x] ?? 0;
      const q = other[at + y * width + x] ?? 0;
      a += p;
      b += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
    }
  }
  const n = BLOCK * BLOCK;
  const [meanA, meanB] = [a / n, b / n];
  const [varA, varB, covariance] = [aa / n - meanA ** 2, bb / n - meanB ** 2, ab / n - meanA * meanB];
  return ((2 * meanA * meanB + C1) * (2 * covariance + C2)) / ((meanA ** 2 + meanB ** 2 + C1) * (varA + varB + C2));
}
