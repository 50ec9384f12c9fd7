import { expect, it } from 'vitest';
import { allocateLines, type LineClaim } from '../../../client-widget/captions/caption-screen.ts';

const live = (lines: number): LineClaim => ({ live: true, lines });
const ended = (lines: number): LineClaim => ({ live: false, lines });

it.each<[string, LineClaim[], number, number[]]>([
  ['one who speaks has all lines', [live(9)], 2, [2]],
  ['no one has more than they fill', [live(1)], 4, [1]],
  ['two who speak at once have a row each', [live(3), live(3)], 2, [1, 1]],
  ['what is left goes to the newest', [live(3), live(3)], 4, [1, 3]],
  ['and then to who spoke before', [live(3), live(1)], 4, [3, 1]],
  ['what has ended keeps what nobody needs', [ended(2), live(1)], 2, [1, 1]],
  ['and goes line by line', [ended(2), live(2)], 2, [0, 2]],
  ['of more who speak than there are lines, the newest are shown', [live(1), live(1), live(1)], 2, [0, 1, 1]],
])('%s', (_, claims, lines, expected) => {
  expect(allocateLines(claims, lines)).toEqual(expected);
});
