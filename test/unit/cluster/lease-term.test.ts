import { describe, expect, it } from 'vitest';
import { LeaseTerm } from '../../../cluster/lease-term.ts';

describe('the time for which an interpreter may speak', () => {
  it('ends before the lease does, counted from when the lease was asked for', () => {
    const term = new LeaseTerm(6000, 1000);
    expect(term.isOver(5999)).toBe(false);
    expect(term.isOver(6000)).toBe(true);
    expect(term.renewEveryMs).toBe(2000);
  });

  it('is longer from each question on that was answered well', () => {
    const term = new LeaseTerm(6000, 0);
    term.confirm(2000);
    expect(term.leftMs(2000)).toBe(5000);
    expect(term.isOver(6999)).toBe(false);
    expect(term.isOver(7000)).toBe(true);
  });

  it('is not shortened by an answer that comes after that to a later question', () => {
    const term = new LeaseTerm(6000, 0);
    term.confirm(4000);
    term.confirm(2000);
    expect(term.leftMs(4000)).toBe(5000);
  });

  it('is over at once for whoever has slept longer than the lease', () => {
    const term = new LeaseTerm(6000, 0);
    expect(term.leftMs(100_000)).toBe(0);
  });
});
