import type { CaptionMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { CaptionScreen, type ScreenOptions } from '../../../client-widget/captions/caption-screen.ts';

const jane = { id: 'jane', name: 'Jane' };
const luis = { id: 'luis', name: 'Luis' };
const base = {
  v: 1,
  type: 'caption',
  seq: 1,
  language: 'en',
  speaker: jane,
  kind: 'original',
  final: false,
  start: 0,
} as const;
const caption = (utterance: string, stable: string, change: Partial<CaptionMessage> = {}): CaptionMessage => ({
  ...base,
  utterance,
  stable,
  ...change,
});
const translation = (utterance: string, stable: string, change: Partial<CaptionMessage> = {}): CaptionMessage =>
  caption(utterance, stable, { kind: 'translation', language: 'es', ...change });
const final = { final: true };

const options: ScreenOptions = { reads: ['original'], lines: 2, tentative: true, history: false, fits: () => true };

/** Everything that is shown at a moment: `name: line / line`. */
function read(screen: CaptionScreen, nowMs: number, change: Partial<ScreenOptions> = {}): string[] {
  return screen.show(nowMs, { ...options, ...change }).utterances.flatMap(({ speaker, first, blocks: strands }) =>
    strands.map(({ lines, small }, index) => {
      const name = first && index === 0 ? `${speaker.name}: ` : '';
      const text = lines.map(
        ({ certain, tentative }) => certain.trimEnd() + (tentative.trim() && `(${tentative.trim()})`),
      );
      return `${name}${small ? 'small ' : ''}${text.join(' / ')}`;
    }),
  );
}

/** All of it is on the screen when this has passed. */
const LATER = 1_000;
const line = (letter: string) => letter.repeat(40);

describe('CaptionScreen with two lines', () => {
  it('scrolls the oldest line off when a new one appears', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u', `${line('a')} ${line('b')} `), 0);
    expect(read(screen, LATER)).toEqual([`Jane: ${line('a')} / ${line('b')}`]);
    screen.add(caption('u', `${line('a')} ${line('b')} ${line('c')}`), LATER);
    expect(read(screen, 2 * LATER)).toEqual([`Jane: ${line('b')} / ${line('c')}`]);
  });

  it('drops an utterance whose words were all taken back, and keeps the place of a translation beside its original', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u1', '', { tentative: 'Perhaps' }), 0);
    expect(read(screen, LATER)).toEqual(['Jane: (Perhaps)']);
    screen.add(caption('u1', '', final), LATER);
    expect(read(screen, LATER)).toEqual([]);
    expect(read(screen, LATER, { history: true })).toEqual([]);
    screen.add(caption('u2', 'Well.', final), LATER);
    screen.add(translation('t2', '', { sourceUtterance: 'u2', ...final }), LATER);
    expect(read(screen, 2 * LATER, { reads: ['original', 'es'] })).toEqual(['Jane: small Well.', '']);
  });

  it('adds the next utterance below, and names a speaker who is not the one above', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u1', 'First.', final), 0);
    screen.add(caption('u2', 'Second.', final), 0);
    expect(read(screen, LATER)).toEqual(['Jane: First.', 'Second.']);
    screen.add(caption('u3', 'Third.', { speaker: luis }), LATER);
    expect(read(screen, LATER)).toEqual(['Jane: Second.', 'Luis: Third.']);
  });

  it('gives two people who speak at once a row each', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u1', `${line('a')} ${line('b')}`), 0);
    screen.add(caption('u2', `${line('c')} ${line('d')}`, { speaker: luis }), 0);
    expect(read(screen, LATER)).toEqual([`Jane: ${line('b')}`, `Luis: ${line('d')}`]);
  });

  it('does not bring a scrolled-off line back when there is room again', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u1', `${line('a')} ${line('b')}`), 0);
    screen.add(caption('u2', 'Yes.', { speaker: luis, ...final }), 0);
    expect(read(screen, LATER)).toEqual([`Jane: ${line('b')}`, 'Luis: Yes.']);
    screen.add(caption('u1', `${line('a')} ${line('b')}.`), 15_000);
    expect(read(screen, 15_000)).toEqual([`Jane: ${line('b')}.`]);
  });

  it('does not bring a scrolled-off utterance back when a newer one is over', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u1', `${line('a')} ${line('b')}`, final), 0);
    screen.add(caption('u2', 'Yes.', { speaker: luis, ...final }), 0);
    screen.add(caption('u3', 'Go on', final), 0);
    expect(read(screen, LATER)).toEqual(['Luis: Yes.', 'Jane: Go on']);
    expect(read(screen, 6_500)).toEqual([]);
  });

  it('brings a scrolled-off utterance back when more of it arrives', () => {
    const screen = new CaptionScreen();
    const both = { reads: ['original', 'es'] };
    screen.add(caption('u1', 'One.', final), 0);
    screen.add(caption('u2', `${line('a')} ${line('b')}`, { speaker: luis, ...final }), 0);
    expect(read(screen, LATER, both)).toEqual([`Luis: small ${line('a')} / ${line('b')}`]);
    screen.add(translation('t1', 'Uno, y nada más', { sourceUtterance: 'u1' }), 2 * LATER);
    expect(read(screen, 3 * LATER, both)).toEqual(['Jane: small One.', 'Uno, y nada más', `Luis: small ${line('b')}`]);
  });

  it('keeps a finished utterance for as long as it takes to read', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u', 'Done.', final), 0);
    const { nextMs = 0 } = screen.show(0, options);
    expect(nextMs).toBeGreaterThan(3_000);
    expect(read(screen, nextMs - 1)).toEqual(['Jane: Done.']);
    expect(read(screen, nextMs)).toEqual([]);
    expect(screen.show(nextMs, options).nextMs).toBeUndefined();
  });

  it('removes an utterance that is never finished', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u', 'And then'), 0);
    expect(read(screen, 19_999)).toEqual(['Jane: And then']);
    expect(read(screen, 20_000)).toEqual([]);
  });

  it('keeps its lines when the final text is shorter than the tentative one', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u', line('a'), { tentative: ` ${line('b')}` }), 0);
    expect(read(screen, LATER)).toEqual([`Jane: ${line('a')} / (${line('b')})`]);
    screen.add(caption('u', `${line('a')}.`, final), LATER);
    expect(read(screen, LATER)).toEqual([`Jane: ${line('a')}. / `]);
  });
});

describe('CaptionScreen for a viewer who joins late', () => {
  it('shows the last utterance at once', () => {
    const screen = new CaptionScreen();
    for (const n of [1, 2, 3]) screen.add(caption(`u${n}`, `It was number ${n}.`, final), 0, true);
    expect(read(screen, 0)).toEqual(['Jane: It was number 2.', 'It was number 3.']);
  });

  it('shows everything in the history', () => {
    const screen = new CaptionScreen();
    for (const n of [1, 2, 3]) screen.add(caption(`u${n}`, `It was number ${n}.`, final), 0, true);
    const all = ['Jane: It was number 1.', 'It was number 2.', 'It was number 3.'];
    expect(read(screen, 0, { history: true })).toEqual(all);
    expect(read(screen, 60_000, { history: true })).toEqual(all);
  });
});

describe('an original beside its translation', () => {
  const both = { reads: ['original', 'es'] };

  it('stands above it in small type', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u', 'We need it.', final), 0);
    screen.add(translation('t', 'Lo necesitamos.', { sourceUtterance: 'u' }), 0);
    expect(read(screen, LATER, both)).toEqual(['Jane: small We need it.', 'Lo necesitamos.']);
  });

  it('keeps a place for the translation of a speaker who was translated before', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u1', 'One.', final), 0);
    expect(read(screen, LATER, both)).toEqual(['Jane: small One.']);
    screen.add(translation('t1', 'Uno.', { sourceUtterance: 'u1', ...final }), LATER);
    screen.add(caption('u2', 'Two.', final), 20_000);
    expect(read(screen, 21_000, both)).toEqual(['Jane: small Two.', '']);
  });

  it('is large where its language is the one that is read', () => {
    const screen = new CaptionScreen();
    screen.add(caption('u', 'Ya está.', { language: 'es' }), 0);
    expect(read(screen, LATER, both)).toEqual(['Jane: Ya está.']);
  });
});

it('shows only stable text without tentative words', () => {
  const screen = new CaptionScreen();
  screen.add(caption('u', 'We need', { tentative: ' to finnish' }), 0);
  expect(read(screen, LATER)).toEqual(['Jane: We need(to finnish)']);
  expect(read(screen, LATER, { tentative: false })).toEqual(['Jane: We need']);
});

it('breaks lines where the screen is narrower than a line', () => {
  const screen = new CaptionScreen();
  screen.add(caption('u', 'one two three', final), 0);
  const fits = (text: string) => text.length <= 8;
  expect(read(screen, LATER, { fits })).toEqual(['Jane: one two / three']);
});
