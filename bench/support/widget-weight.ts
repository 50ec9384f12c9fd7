/** The gzipped size of the built widget in bytes: what captions need, and everything that it can load. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export function widgetWeight(folder: string): { captions: number; full: number } {
  const weight = (name: string) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).byteLength;
  const captions = weight('widget.js');
  const later = readdirSync(join(folder, 'assets')).filter((name) => /^widget-.*\.js$/.test(name));
  return { captions, full: later.reduce((sum, name) => sum + weight(join('assets', name)), captions) };
}
