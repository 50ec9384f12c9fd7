/** The widget is small enough for any page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { widgetSize } from '../../bench/widget.ts';
import { pageDir } from '../../scripts/places.mjs';

describe('the gzipped size of the widget', () => {
  const { captions, full } = widgetSize(pageDir);

  it('is at most 15 kB without WebRTC, which it loads only when it is asked to', () => {
    expect(captions).toBeLessThanOrEqual(15_000);
    expect(readFileSync(join(pageDir, 'widget.js'), 'utf8')).not.toMatch(/^import|[;}]import[{"'*]/);
  });

  it('is at most 100 kB with everything', () => {
    expect(full).toBeGreaterThan(captions + 30_000);
    expect(full).toBeLessThanOrEqual(100_000);
  });
});
