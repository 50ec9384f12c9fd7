/** What is printed of a session on a terminal, whose last line is overwritten. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { printLine, subtitles, writeStatusLine } from '../../../cli/subtitles.ts';

const ERASE = '\r\u001b[K';
let screen = '';
const wasTerminal = process.stderr.isTTY;
beforeEach(() => {
  screen = '';
  process.stderr.isTTY = true;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    screen += String(text);
    return true;
  });
  for (const method of ['log', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((text: string) => {
      screen += `${text}\n`;
    });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = wasTerminal;
});

const changing = { segment: 's', confirmed: 'Good ', tentative: 'mor', final: false };
const final = { segment: 's', confirmed: 'Good morning.', tentative: '', final: true };

it('a text that changes is overwritten by its final one', () => {
  const { translation } = subtitles('en', 'es', true);
  translation(changing);
  translation(final);
  expect(screen).toBe(`${ERASE}es: Good mor${ERASE}es: Good morning.\n`);
});

it('beneath a progress bar only final texts are printed, each in a line of its own', () => {
  const { translation } = subtitles('en', 'es', false);
  writeStatusLine('[===   ] 1:00');
  translation(changing);
  translation(final);
  writeStatusLine('[===   ] 1:01');
  printLine('The next attempt is in 1 s.');
  expect(screen).toBe(
    `${ERASE}[===   ] 1:00${ERASE}es: Good morning.\n${ERASE}[===   ] 1:01${ERASE}The next attempt is in 1 s.\n`,
  );
});
