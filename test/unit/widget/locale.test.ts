import { describe, expect, it } from 'vitest';
import { pageTable as ar } from '../../../client-widget/i18n/ar.ts';
import { en } from '../../../client-widget/i18n/en.ts';
import { pageTable as es } from '../../../client-widget/i18n/es.ts';
import { fullName } from '../../../client-widget/i18n/language-names.ts';
import { localeOf, locales } from '../../../client-widget/i18n/locale.ts';

describe('the language of the page', () => {
  it.each([
    ['what was chosen', 'ar', ['es-MX'], 'ar'],
    ['else the first that the browser asks for and the page has', undefined, ['de-DE', 'es-MX', 'en'], 'es'],
    ['else English', undefined, ['de', 'zh-Hant'], 'en'],
    ['not what is no longer there', 'xx', ['ar-EG'], 'ar'],
  ])('is %s', (_rule, chosen, browser, expected) => {
    expect(localeOf(chosen, browser)).toBe(expected);
  });

  it('has a direction', () => {
    expect(locales.ar.direction).toBe('rtl');
  });
});

describe('plural forms', () => {
  it('follow the rules of each language', () => {
    expect([1, 2].map(en.interpreter.listeners)).toEqual(['1 listener', '2 listeners']);
    expect([1, 2].map(es.interpreter.listeners)).toEqual(['1 oyente', '2 oyentes']);
    expect([1, 2, 3, 11, 100].map(ar.interpreter.listeners)).toEqual([
      'مستمع واحد',
      'مستمعان',
      '3 مستمعين',
      '11 مستمعًا',
      '100 مستمع',
    ]);
  });
});

describe('the text for a device problem', () => {
  it('is a sentence in every language, for every device and trouble', () => {
    for (const { device } of [en, es, ar])
      for (const say of Object.values(device.trouble))
        for (const source of ['microphone', 'camera', 'screen'] as const) expect(say(source)).toMatch(/^\p{L}.+\.$/u);
  });
});

describe('the name of a language', () => {
  it.each([
    ['en', 'es', 'Español (Spanish)'],
    ['en', 'en', 'English'],
    ['es', 'es', 'Español'],
    ['es', 'ca', 'Català (catalán)'],
    ['ar', 'ar', 'العربية'],
  ])('on a page in %s is, of %s: %s', (page, code, expected) => {
    expect(fullName(code, page)).toBe(expected);
  });
});
