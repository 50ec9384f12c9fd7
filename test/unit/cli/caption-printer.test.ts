import { stripVTControlCharacters } from 'node:util';
import type { CaptionMessage, StatusMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { CaptionPrinter } from '../../../cli/caption-printer.ts';

const envelope = { v: 1, seq: 1, language: 'es', speaker: { id: 'jane', name: 'Jane' } } as const;

const caption = (change: Partial<CaptionMessage>): CaptionMessage => ({
  ...envelope,
  type: 'caption',
  utterance: 'u',
  kind: 'translation',
  stable: 'Hola',
  final: true,
  start: 0,
  ...change,
});
const status = (state: StatusMessage['state'], message?: string): StatusMessage => ({
  ...envelope,
  type: 'status',
  state,
  ...(message && { message }),
  queueMs: 0,
  listeners: 1,
});

function printed(...messages: (CaptionMessage | StatusMessage)[]): string[] {
  const lines: string[] = [];
  const printer = new CaptionPrinter((line) => lines.push(stripVTControlCharacters(line)));
  for (const message of messages) printer.push(message);
  return lines;
}

describe('captions on a terminal', () => {
  it('are printed when they are final, the translation below the original', () => {
    const lines = printed(
      caption({ kind: 'original', language: 'en', stable: 'Hello', final: false }),
      caption({ kind: 'original', language: 'en', stable: 'Hello' }),
      caption({ stable: 'Ola', corrected: 'Hola' }),
    );
    expect(lines).toEqual(['Jane: Hello', '  es: Hola']);
  });

  it('say that the service refused to translate, after the words that came before', () => {
    const words = '(not translated: refused by the service)';
    expect(printed(caption({ stable: '', contentFiltered: true }))).toEqual([`  es: ${words}`]);
    expect(printed(caption({ stable: 'Hola', contentFiltered: true }))).toEqual([`  es: Hola ${words}`]);
  });

  it('come with a message about trouble once, and again when the trouble returns', () => {
    const lines = printed(
      status('listening'),
      status('waiting', 'It waits.'),
      status('waiting', 'It waits.'),
      status('listening'),
      status('waiting', 'It waits.'),
      status('unavailable', 'Check the key.'),
    );
    expect(lines).toEqual(['(Jane, es: It waits.)', '(Jane, es: It waits.)', '(Jane, es: Check the key.)']);
  });
});
