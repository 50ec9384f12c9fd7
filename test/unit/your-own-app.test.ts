/** The guide for other applications, and the example that it is taken from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../../scripts/places.mjs';

const read = (file: string): string => readFileSync(join(repository, file), 'utf8');

/** The pieces of the guide that stand in a file of the example, with that file's name. */
const pieces = [...read('docs/your-own-app.md').matchAll(/<!-- (examples\/\S+) -->\n```\w+\n(.*?)```/gs)].map(
  ([, file = '', code = '']) => ({ file, code }),
);

/** The lines that `changed` has and `original` has not, without blank lines and comments. */
function added(original: string, changed: string): string[] {
  const rest = read(original).split('\n');
  return read(changed)
    .split('\n')
    .filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(at, 1);
      return at < 0 && /^\s*[^\s/]/.test(line);
    });
}

describe('docs/your-own-app.md', () => {
  it.each(pieces)('shows what stands in $file: $code', ({ file, code }) => {
    expect(read(file)).toContain(code);
  });

  it('shows every line that the example needs for an interpreter', () => {
    const shown = pieces.map(({ code }) => code).join('');
    for (const file of ['server.js', 'page.js', 'index.html']) {
      const lines = added(`examples/meeting/plain/${file}`, `examples/meeting/interpreted/${file}`);
      expect(lines.filter((line) => !shown.includes(line))).toEqual([]);
    }
  });
});

describe('the example with an interpreter', () => {
  it.each([
    ['server.js', 35],
    ['page.js', 30],
    ['index.html', 2],
  ])('adds to %s at most %i lines', (file, most) => {
    const lines = added(`examples/meeting/plain/${file}`, `examples/meeting/interpreted/${file}`);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(most);
  });
});
