/** Measures the size of the built widget in bytes: without WebRTC, and in full. */
import { pageDir } from '../scripts/places.mjs';
import type { Bench } from './bench.ts';
import { widgetSize } from './support/widget-size.ts';

export const widgetBench: Bench = {
  key: 'widget',
  about: 'gzipped bytes of the widget for other pages',
  repetitions: 1,
  run: async () => ({ ...widgetSize(pageDir) }),
};
