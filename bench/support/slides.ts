/** Draws slides as SVG, 1280 × 720: words as strokes, a cursor, and a talking head in a corner. */
import sharp from 'sharp';

const WIDTH = 1280;
const HEIGHT = 720;

export const rect = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`;

/** A line of words, drawn as strokes with gaps. */
export const line = (y: number, words: number, height = 18): string =>
  Array.from({ length: words * 8 }, (_, i) => rect(120 + i * 11 + Math.floor(i / 8) * 14, y, 6, height, '#222')).join(
    '',
  );

export const background = (fill: string): string => rect(0, 0, WIDTH, HEIGHT, fill);
export const slide = (...lines: string[]): string => [background('#fff'), ...lines].join('');

export const cursor = (x: number, y: number): string => `<path d="M${x} ${y} l0 26 l7 -6 l10 0 z" fill="#000"/>`;

/** @param offset how far the head is beside the middle, in pixels; its mouth is open by as much */
export const head = (x: number, y: number, offset: number): string =>
  rect(x, y, 320, 180, '#345') +
  `<ellipse cx="${x + 160 + offset}" cy="${y + 90}" rx="50" ry="65" fill="#dba"/>` +
  `<ellipse cx="${x + 160 + offset}" cy="${y + 120}" rx="20" ry="${4 + Math.abs(offset)}" fill="#822"/>`;

/** Renders a picture as JPEG, by default with a low quality as of a video encoder. */
export const jpegOf = (picture: string, quality = 50): Promise<Buffer> =>
  sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${picture}</svg>`))
    .jpeg({ quality })
    .toBuffer();
