import { expect, it } from 'vitest';
import { isRightKey } from '../../../engine/wire/key-check.ts';

it.each<[readonly string[], string | undefined, boolean]>([
  [['sk-1'], 'sk-1', true],
  [['sk-1', 'sk-2'], 'sk-2', true],
  [['sk-1', 'sk-2'], 'sk-3', false],
  [['sk-1'], 'sk-', false],
  [['sk-1'], '', false],
  [['sk-1'], undefined, false],
  [[], 'sk-1', false],
  [[''], undefined, false],
])('of the keys %j, %j is right: %s', (keys, given, right) => {
  expect(isRightKey(keys, given)).toBe(right);
});
