/** Names as others see them: nothing invisible, nothing that turns the text around it, and nobody poses as the interpreter or a host. */

import { Claims, cleanDisplayName, DisplayName, markedName } from '@mediasoup-booth/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownName } from '../../../server/room/participant.ts';

const nobody = new Set<never>();
/** Characters that are not seen, or that change the direction of what follows. */
const hidden = fc.constantFrom(
  ...['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u3164', '\u2800', '\ufe0f', '\u{e0041}'],
  ...['\u202a', '\u202d', '\u202e', '\u2066', '\u2067', '\u2069', '\u200e', '\u200f', '\u061c'],
  ...['\0', '\u0007', '\u001b', '\u007f', '\u0085', '\ud800', '\udc00', '\ue000'],
);
const visible = fc.constantFrom(
  'A',
  'n',
  'é',
  '李',
  'م',
  'ی',
  'क',
  '्',
  'ष',
  '🙂',
  '👩',
  '🏽',
  '❤',
  ' ',
  '-',
  '1',
  '\u0301',
);
const anyName = fc
  .array(fc.oneof(hidden, visible, fc.string({ unit: 'binary', maxLength: 3 })))
  .map((all) => all.join(''));

describe('cleanDisplayName', () => {
  it('gives a name that cleaning leaves as it is', () => {
    fc.assert(fc.property(anyName, (name) => cleanDisplayName(cleanDisplayName(name)) === cleanDisplayName(name)));
  });

  it('leaves no control character, no override of direction and no lone surrogate', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const cleaned = cleanDisplayName(name);
        expect(cleaned).not.toMatch(/[\p{Cc}\p{Cs}\p{Co}\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/u);
        expect(cleaned).not.toMatch(/^\s|\s$|\s\s|[^\S ]/u);
        expect(cleaned.normalize('NFC')).toBe(cleaned);
      }),
    );
  });

  it('makes two Latin names equal that differ in what is not seen', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('A', 'n', 'b', 'é'), hidden)), (pairs) => {
        const plain = pairs.map(([letter]) => letter).join('');
        expect(cleanDisplayName(pairs.flat().join(''))).toBe(plain);
      }),
    );
  });

  it.each([
    ['\u200b\u200b', ''],
    ['\u202eecilA', 'ecilA'],
    ['\u2067Ann\u2069', 'Ann'],
    ['Ann\u001b[31m\n Lee\t', 'Ann[31m Lee'],
    ['Zoe\u0308', 'Zo\u00eb'],
    ['Z\u0335\u0336\u0337\u0338\u0334\u0335\u0336', 'Z\u0335\u0336\u0337\u0338'],
    ['\u3164', ''],
    ['J\u200do', 'Jo'],
  ])('makes %j %j', (name, cleaned) => {
    expect(cleanDisplayName(name)).toBe(cleaned);
  });

  it.each([
    ['a Persian name', 'می\u200cخواهم'],
    ['a conjunct of Devanagari', 'क्\u200dष'],
    ['a family', '👩\u200d👩\u200d👧'],
    ['a technologist with a skin', '👩🏽\u200d💻'],
    ['a heart', '❤\ufe0f'],
    ['a heart on fire', '❤\ufe0f\u200d🔥'],
    ['a key cap', '1\ufe0f\u20e3'],
    ['Vietnamese', 'Nguyễn Thị Ánh'],
    ['Thai', 'น้ำ'],
  ])('leaves %s as it is', (_what, name) => {
    expect(cleanDisplayName(name)).toBe(name);
  });

  it('cleans 512 characters of the worst kind within 50 ms', () => {
    const worst = '❤\u200d\ufe0f'.repeat(170);
    const sinceMs = performance.now();
    cleanDisplayName(worst);
    expect(performance.now() - sinceMs).toBeLessThan(50);
  });
});

describe('markedName', () => {
  it.each([
    ['Interpreter', 'Interpreter (person)'],
    ['the INTERPRETER', 'the INTERPRETER (person)'],
    ['Ιnterpretеr', 'Ιnterpretеr (person)'],
    ['lnterpreter', 'lnterpreter (person)'],
    ['𝐈𝐧𝐭𝐞𝐫𝐩𝐫𝐞𝐭𝐞𝐫', '𝐈𝐧𝐭𝐞𝐫𝐩𝐫𝐞𝐭𝐞𝐫 (person)'],
    ['I.n.t.e.r.p.r.e.t.e.r', 'I.n.t.e.r.p.r.e.t.e.r (person)'],
    ['🤖 Interpreter', '🤖 Interpreter (person)'],
    ['Intérprete', 'Intérprete (persona)'],
    ['interprete', 'interprete (persona)'],
    ['المترجم', 'المترجم (شخص)'],
    ['المُتَرجِم', 'المُتَرجِم (شخص)'],
    ['Host', 'Host (guest)'],
    ['H0st', 'H0st (guest)'],
    ...[
      'Ηost',
      'հօst',
      'ꓧost',
      'Ꮋost',
      'ʜᴏꜱᴛ',
      '🅗🅞🅢🅣',
      '🅷🅾🆂🆃',
      '🄷🄾🅂🅃',
      'Host1',
      'Host 2',
      'Hosts',
      'H0st5',
      'Host_1',
      'Hosts42',
    ].map((name) => [name, `${name} (guest)`]),
    ...['IΝTERPRETER', 'Intєrprєtєr', 'ɪɴᴛᴇʀᴘʀᴇᴛᴇʀ', 'Interpreters', 'ʙooth', 'Interpreter1'].map((name) => [
      name,
      `${name} (person)`,
    ]),
    ['Ann (host)', 'Ann (host) (guest)'],
    ['Anfitriona', 'Anfitriona (invitado)'],
    ['المضيف', 'المضيف (ضيف)'],
  ])('shows %s as %s where its bearer is neither', (name, shown) => {
    expect(markedName(name, nobody)).toBe(shown);
    expect(markedName(shown, nobody)).toBe(shown);
  });

  it('leaves who is it, and who is called something else', () => {
    expect(markedName('Interpreter', new Set(['interpreter'] as const))).toBe('Interpreter');
    expect(markedName('Host', new Set(['host'] as const))).toBe('Host');
    for (const name of [
      'Hostert',
      'Ann',
      'Josh Ostler',
      'Hostas',
      'Ann 1',
      'Νίκος',
      'Ηλίας',
      'Jess',
      'مترجمون',
      'Guest',
    ])
      expect(markedName(name, nobody)).toBe(name);
  });

  it('never shows a reserved word alone, nor more than 64 characters', () => {
    const word = fc.constantFrom('interpreter', 'Host', 'intérprete', 'المترجم');
    fc.assert(
      fc.property(fc.tuple(anyName, word, anyName), ([before, word, after]) => {
        const name = cleanDisplayName(`${before.slice(0, 20)} ${word} ${after.slice(0, 20)}`).slice(0, 64);
        const shown = markedName(name, nobody);
        expect(shown.length).toBeLessThanOrEqual(64);
        if (name.includes(word)) expect(shown).toMatch(/\((person|guest|persona|invitado|شخص|ضيف)\)$/);
      }),
    );
  });
});

describe('a participant', () => {
  it('may not ask for a name of which nothing can be seen', () => {
    expect(DisplayName.safeParse('\u200b\u202e').success).toBe(false);
    expect(DisplayName.safeParse('x'.repeat(10_000)).success).toBe(false);
    expect(DisplayName.parse(' Ann\u200b ')).toBe('Ann');
  });

  it('is called by what their token says next where nothing of its name can be seen', () => {
    const claims = {
      ...{ sub: 'jane', jti: 'a token', iat: 1_999_999_000, exp: 2_000_000_000 },
      booth: { room: 'hall', name: '\u200b', grants: ['publish'] },
    };
    const { booth, sub } = Claims.parse(claims);
    expect(shownName([booth.name, undefined, sub], booth.grants)).toBe('jane');
    expect(shownName(['\u200b', '\u202e'], booth.grants)).toBe('?');
    expect(shownName(['Host'], ['publish', 'host'])).toBe('Host');
    expect(shownName(['Interpreter'], ['interpret', 'subscribe'])).toBe('Interpreter');
    expect(shownName(['Interpreter'], ['publish', 'host'])).toBe('Interpreter (person)');
  });
});
