import { describe, expect, it } from 'vitest';
import { countsOf, failuresIn, withLater } from '../../../scripts/test/report.mjs';

const file = (name: string, ...statuses: string[]) => ({
  name,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status, i) => ({
    status,
    fullName: `${name} does ${i}`,
    failureMessages: status === 'failed' ? ['AssertionError: expected 2 to be 1\n    at line 7'] : [],
  })),
});

describe('what a run of the tests says at its end', () => {
  it('counts tests, and a file that could not be loaded as one that failed', () => {
    const broken = { name: 'broken.ts', status: 'failed', message: 'Cannot find x\nat y', assertionResults: [] };
    const files = [file('a.ts', 'passed', 'failed', 'pending'), broken];
    expect(countsOf(files)).toBe('1 passed, 2 failed, 1 skipped');
    expect(failuresIn(files)).toEqual([
      { file: 'a.ts', test: 'a.ts does 1', why: 'AssertionError: expected 2 to be 1' },
      { file: 'broken.ts', test: '(the file itself)', why: 'Cannot find x' },
    ]);
  });

  it('takes a file that ran again as it was then, and the others as they were', () => {
    const first = [file('a.ts', 'passed', 'failed'), file('b.ts', 'failed'), file('c.ts', 'passed')];
    const files = withLater(first, [file('a.ts', 'passed', 'passed'), file('b.ts', 'failed')]);
    expect(countsOf(files)).toBe('3 passed, 1 failed');
    expect(failuresIn(files).map(({ file: name }) => name)).toEqual(['b.ts']);
  });

  it('is no success where nothing ran', () => {
    expect(countsOf([])).toBe('0 passed, 0 failed');
  });
});
