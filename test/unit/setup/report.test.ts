import { describe, expect, it } from 'vitest';
import { countsOf, failuresIn } from '../../../scripts/test/report.mjs';

const file = (name: string, ...statuses: string[]) => ({
  name,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status, i) => ({
    status,
    fullName: `${name} does ${i}`,
    failureMessages: status === 'failed' ? ['AssertionError: expected 2 to be 1\n    at line 7'] : [],
  })),
});

describe('the report of a test run', () => {
  it('counts tests, and a file that could not be loaded as one that failed', () => {
    const broken = { name: 'broken.ts', status: 'failed', message: 'Cannot find x\nat y', assertionResults: [] };
    const files = [file('a.ts', 'passed', 'failed', 'pending'), broken];
    expect(countsOf(files)).toBe('1 passed, 2 failed, 1 skipped');
    expect(failuresIn(files)).toEqual([
      { file: 'a.ts', test: 'a.ts does 1', why: 'AssertionError: expected 2 to be 1' },
      { file: 'broken.ts', test: '(the file itself)', why: 'Cannot find x' },
    ]);
  });

  it('counts nothing where nothing ran', () => {
    expect(countsOf([])).toBe('0 passed, 0 failed');
  });
});
