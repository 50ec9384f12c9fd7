/** Measures the size of the built widget in bytes: without WebRTC, and in full. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pageDir } from '../scripts/places.mjs';
import type { Bench } from './bench.ts';

export const widgetBench: Bench = {
  key: 'widget',
  about: 'gzipped bytes of the widget for other pages',
  repetitions: 1,
  run: async () => ({ ...widgetSize(pageDir) }),
};

/** The gzipped size of the built widget in bytes: what captions need, and everything that it can load. */
export function widgetSize(folder: string): { captions: number; full: number } {
  const gzippedSize = (name: string) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).byteLength;
  const captions = gzippedSize('widget.js');
  const lazyChunks = readdirSync(join(folder, 'assets')).filter((name) => /^widget-.*\.js$/.test(name));
  return { captions, full: lazyChunks.reduce((sum, name) => sum + gzippedSize(join('assets', name)), captions) };
}
