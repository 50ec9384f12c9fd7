import { describe, expect, it } from 'vitest';
import { pipelineOf, translationIn } from '../../../engine/offline/apertium.ts';
import { configured } from '../../../engine/offline/vosk-model.ts';

describe('Apertium’s pipeline', () => {
  it('is the last line of the mode, flushed by every stage, and ends as one', () => {
    const mode = `#!/bin/sh\nlt-proc 'a b.bin' | apertium-tagger -g $2 'p' | lt-proc $1 'g.bin' | lt-proc -p 'x'\n`;
    expect(pipelineOf(mode)).toBe(
      `lt-proc -z 'a b.bin' | apertium-tagger -z -g  'p' | lt-proc -z -n 'g.bin' | { lt-proc -z -p 'x'; kill -KILL 0; }`,
    );
  });

  it('answers without marks, with single blanks and closed punctuation', () => {
    expect(translationIn(' Es un  día *bueno , #no es @lo ?[]\n')).toBe('Es un día bueno, no es lo?');
  });
});

describe('a model’s configuration', () => {
  it('has our options in the place of its own, and keeps the rest', () => {
    expect(
      configured('--beam=10.0\n--acoustic-scale=1.0\n\n  --max-active=3000\n', {
        beam: '13',
        'max-active': '7000',
        x: '1',
      }),
    ).toBe('--acoustic-scale=1.0\n--beam=13\n--max-active=7000\n--x=1\n');
  });
});
