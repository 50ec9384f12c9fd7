/**
 * Loads `sharp`, which decodes and encodes pictures, when the first picture is made: it is installed only where pictures are wanted, and
 * whoever wants none does not wait for it.
 */
import type { Sharp, SharpInput, SharpOptions } from 'sharp';

/** Makes an image that is decoded when its output is asked for. */
export type OpenImage = (input: SharpInput | SharpInput[], options?: SharpOptions) => Sharp;

let loading: Promise<OpenImage> | undefined;

/** @throws what `import` throws, where `sharp` is not installed */
export function loadSharp(): Promise<OpenImage> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // No picture is decoded twice, so a cache would only cost memory.
    sharp.cache(false);
    return sharp;
  });
  return loading;
}
