import { type CaptionMessage, type PlayoutMessage, TranscriptEntry } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { isRecorded, type TranscriptLine } from '../../../../server/transcript/lines.ts';
import { TranscriptBuilder } from '../../../../server/transcript/transcript.ts';
import { caption, original, playout } from '../../../support/room-messages.ts';

const BEGAN = 1_800_000_000_000;
const part = (zero = BEGAN): TranscriptLine => ({ v: 1, room: 'demo', began: BEGAN, zero });
const said = (message: CaptionMessage | PlayoutMessage, from = 'booth'): TranscriptLine => ({ from, message });
const lines = (...messages: (CaptionMessage | PlayoutMessage)[]): TranscriptLine[] => [
  part(),
  ...messages.map((message) => said(message)),
];

function transcriptOf(some: readonly TranscriptLine[], language: string): TranscriptEntry[] {
  const transcript = new TranscriptBuilder(language);
  for (const line of some) transcript.add(line);
  return [...transcript.entries()].sort((a, b) => a.start - b.start);
}

describe('a transcript', () => {
  it('of a language has its translations and what was said in it, by when they were heard', () => {
    const entries = transcriptOf(
      lines(
        caption('later', { start: 5000, end: 6000 }),
        original('hola', { language: 'es', start: 1000, end: 2000 }),
        original('hello'),
        caption('french', { language: 'fr' }),
      ),
      'es',
    );
    expect(entries.map(({ kind, utterance }) => `${kind} ${utterance}`)).toEqual([
      'original hola',
      'translation later',
    ]);
  });

  it('of the original has what everyone said in their own language, and nothing else', () => {
    const some = lines(caption('uno'), original('one'), original('dos', { language: 'es', start: 500 }));
    expect(transcriptOf(some, 'original').map(({ utterance, language }) => [utterance, language])).toEqual([
      ['dos', 'es'],
      ['one', 'en'],
    ]);
  });

  it('shows a translation with what it translates, where that was written', () => {
    const [with_, without] = transcriptOf(
      lines(
        original('one', { stable: ' Good morning.' }),
        caption('uno', { sourceUtterance: 'one' }),
        caption('dos', { sourceUtterance: 'two' }),
      ),
      'es',
    );
    expect(with_?.original).toEqual({ utterance: 'one', language: 'en', text: 'Good morning.' });
    expect(without?.original).toBeUndefined();
  });

  it('gives a translation the time when it was heard, and the time when it was said', () => {
    const [entry] = transcriptOf(lines(playout('u', 'started', 4000), caption('u'), playout('u', 'ended', 5500)), 'es');
    expect(entry).toMatchObject({ start: 4000, end: 5500, said: { start: 1000, end: 2000 } });
    expect(TranscriptEntry.parse(entry)).toEqual(entry);
  });

  it('takes what was only read by when it was said', () => {
    const [entry] = transcriptOf(lines(caption('u')), 'es');
    expect(entry).toMatchObject({ start: 1000, end: 2000 });
    expect(entry).not.toHaveProperty('said');
  });

  it('marks what was skipped, whether it had begun or not', () => {
    const [whole, half] = transcriptOf(
      lines(
        caption('whole', { start: 0 }),
        playout('whole', 'skipped', 9000),
        caption('half'),
        playout('half', 'started', 4000),
        playout('half', 'skipped', 4700),
      ),
      'es',
    );
    expect(whole).toMatchObject({ utterance: 'whole', start: 0, end: 2000, skipped: true });
    expect(half).toMatchObject({ utterance: 'half', start: 4000, end: 4700, skipped: true });
  });

  it('lets what still sounded when the room was lost last as long as it was said', () => {
    const [entry] = transcriptOf(lines(caption('u'), playout('u', 'started', 4000)), 'es');
    expect(entry).toMatchObject({ start: 4000, end: 5000 });
  });

  it('corrects what was shown, and marks what was refused', () => {
    const [corrected, refused] = transcriptOf(
      lines(
        caption('c', { stable: 'I sea', corrected: 'I see' }),
        caption('r', { stable: '', contentFiltered: true, start: 3000, end: 4000 }),
      ),
      'es',
    );
    expect(corrected).toMatchObject({ text: 'I see', shown: 'I sea' });
    expect(refused).toMatchObject({ text: '', contentFiltered: true });
    expect(corrected).not.toHaveProperty('contentFiltered');
  });

  it('gives what came without an end, or with one before its start, the time that it takes to read', () => {
    const { end: _, ...endless } = caption('a', { stable: 'x'.repeat(50) });
    const [a, b] = transcriptOf(lines(endless, caption('b', { start: 2000, end: 1000, stable: 'x'.repeat(50) })), 'es');
    expect(a).toMatchObject({ start: 1000, end: 4000 });
    expect(b).toMatchObject({ start: 2000, end: 5000 });
  });

  it('has each final once, and those of two interpreters apart', () => {
    const entries = transcriptOf(
      [
        part(),
        said(caption('1', { stable: 'uno' })),
        said(caption('1', { stable: 'again' })),
        said(caption('1', { stable: 'de otro' }), 'other'),
        said(playout('1', 'started', 7000), 'other'),
      ],
      'es',
    );
    expect(entries.map(({ text, start }) => [text, start])).toEqual([
      ['uno', 1000],
      ['de otro', 7000],
    ]);
  });

  it('goes on after a restart, with the time that has passed', () => {
    const some = [part(), said(caption('1')), part(BEGAN + 60_000), said(caption('1', { stable: 'after' }))];
    expect(transcriptOf(some, 'es').map(({ text, start }) => [text, start])).toEqual([
      ['texto 1', 1000],
      ['after', 61_000],
    ]);
  });

  it('keeps the time of what was said where a room opened ahead of its move', () => {
    const some = [part(), said(caption('1', { start: 40_000, end: 46_000 })), part(BEGAN + 35_000)];
    const after = said(caption('2', { start: 16_000, end: 17_000 }));
    expect(transcriptOf([...some, after], 'es').map(({ start }) => start)).toEqual([40_000, 51_000]);
  });

  it('does not go back in time where the clock was', () => {
    const some = [part(), said(caption('1')), part(BEGAN - 60_000), said(caption('2', { start: 10, end: 500 }))];
    expect(transcriptOf(some, 'es').map(({ utterance, start }) => [utterance, start])).toEqual([
      ['1', 1000],
      ['2', 2010],
    ]);
  });

  it('counts from its own beginning where the room began earlier', () => {
    const some = [part(BEGAN - 5000), said(caption('1', { start: 4000, end: 6500 }))];
    expect(transcriptOf(some, 'es')).toMatchObject([{ start: 0, end: 1500 }]);
  });

  it('stays within a month whatever times an interpreter sends', () => {
    const [entry] = transcriptOf(lines(caption('1', { start: 1e300, end: 1e301 })), 'es');
    expect(entry?.start).toBe(30 * 86_400_000);
  });

  it('lists the languages in which it has text', () => {
    const transcript = new TranscriptBuilder('es');
    for (const line of lines(caption('1'), original('1'), playout('2', 'started', 1, { language: 'fr' })))
      transcript.add(line);
    expect(transcript.languages).toEqual(['en', 'es', 'original']);
  });
});

describe('what a transcript is made of', () => {
  it('are finals that say something or were refused, and playout', () => {
    expect(isRecorded(caption('u'))).toBe(true);
    expect(isRecorded(playout('u', 'skipped', 1))).toBe(true);
    expect(isRecorded(caption('u', { stable: '', contentFiltered: true }))).toBe(true);
    expect(isRecorded(caption('u', { stable: '', corrected: 'x' }))).toBe(true);
    expect(isRecorded(caption('u', { final: false }))).toBe(false);
    expect(isRecorded(caption('u', { stable: '' }))).toBe(false);
  });
});
