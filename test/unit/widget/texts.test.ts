import { describe, expect, it } from 'vitest';
import * as ar from '../../../client-widget/i18n/ar.ts';
import * as es from '../../../client-widget/i18n/es.ts';

describe.each(Object.entries({ ar, es }))('the texts of the widgets in %s', (_locale, { widgetTexts, reasons }) => {
  const all = Object.entries(widgetTexts);

  it('have the same placeholders as in English', () => {
    const holes = (text: string) => text.split('%').length;
    for (const [english, text] of all) expect([english, holes(text)]).toEqual([english, holes(english)]);
  });

  it('end with the same punctuation as in English', () => {
    for (const [english, text] of all)
      expect(text.at(-1)).toBe(/[.…:]$/.exec(english)?.[0] ?? text.match(/\p{L}$/u)?.[0]);
  });

  it('have no text that is also an error code', () => {
    expect(all.filter(([english]) => Object.hasOwn(reasons, english))).toEqual([]);
  });
});
