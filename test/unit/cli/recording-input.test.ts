/** The channels of a recording, as people name them. */
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { channelNumber } from '../../../cli/recording-input.ts';

describe('--channel', () => {
  it.each([
    ['left', 1],
    ['right', 2],
    ['center', 3],
    ['1', 1],
    ['64', 64],
  ])('takes %s', (name, number) => {
    expect(channelNumber(name)).toBe(number);
  });

  it.each(['', 'Left', 'middle', '0', '-1', '1.5', '65', '1e1', 'toString'])('refuses %j in one line', (name) => {
    let refusal: unknown;
    try {
      channelNumber(name);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(InvalidArgumentError);
    expect((refusal as InvalidArgumentError).message).toMatch(/^[^\n]+\.$/);
  });
});
