/** The gzipped size of the built widget in bytes: what captions need, and everything that it can load. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export function widgetSize(folder: string): { captions: number; full: number } {
  const gzippedSize = (name: string) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).byteLength;
  const captions = gzippedSize('widget.js');
  const lazyChunks = readdirSync(join(folder, 'assets')).filter((name) => /^widget-.*\.js$/.test(name));
  return { captions, full: lazyChunks.reduce((sum, name) => sum + gzippedSize(join('assets', name)), captions) };
}
