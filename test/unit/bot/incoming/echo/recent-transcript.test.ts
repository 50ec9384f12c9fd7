import { beforeEach, describe, expect, it } from 'vitest';
import { RecentTranscript } from '../../../../../bot/incoming/echo/recent-transcript.ts';

describe('RecentTranscript', () => {
  let said: RecentTranscript;
  beforeEach(() => {
    said = new RecentTranscript();
    said.setText('u1', 'Hola a todos, bienvenidos al taller de hoy.');
    said.setText('u2', 'Empezamos con las diapositivas.');
    said.started('u1');
  });

  it.each([
    'hola a todos bienvenidos al taller de hoy',
    'todos bienvenidos al taller',
    'Hola, a todos: ¡bienvenidas al taller de hoy!',
  ])('is repeated by "%s"', (text) => {
    expect(said.isRepeatedBy(text, 1000)).toBe(true);
  });

  it.each([
    ['so few words that it may be chance', 'hola a todos'],
    ['other words', 'gracias por invitarme al taller de hoy'],
    ['the same words in another order', 'hoy de taller al bienvenidos todos a hola'],
    ['what has not sounded yet', 'empezamos con las diapositivas'],
    ['nothing', ''],
  ])('is not repeated by %s', (_, text) => {
    expect(said.isRepeatedBy(text, 1000)).toBe(false);
  });

  it('takes a text for a repetition until five seconds after the utterance ended', () => {
    said.ended('u1', 10_000);
    said.ended('u2', 10_000);
    expect(said.isRepeatedBy('hola a todos bienvenidos', 15_000)).toBe(true);
    expect(said.isRepeatedBy('hola a todos bienvenidos', 15_001)).toBe(false);
    expect(said.isRepeatedBy('empezamos con las diapositivas', 11_000)).toBe(false);
  });

  it('takes a text for a repetition that continues in the next utterance', () => {
    said.ended('u1', 10_000);
    said.started('u2');
    expect(said.isRepeatedBy('al taller de hoy empezamos con las diapositivas', 11_000)).toBe(true);
  });

  it('remembers the last 64 utterances', () => {
    for (let i = 0; i < 64; i++) said.setText(`more-${i}`, 'y más');
    expect(said.isRepeatedBy('hola a todos bienvenidos', 1000)).toBe(false);
  });
});
