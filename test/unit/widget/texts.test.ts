import { describe, expect, it } from 'vitest';
import * as ar from '../../../client-widget/i18n/ar.ts';
import * as es from '../../../client-widget/i18n/es.ts';

describe.each(Object.entries({ ar, es }))('what the widgets say in %s', (_locale, { widgetTexts, reasons }) => {
  const all = Object.entries(widgetTexts);

  it('has room for the same name or number as in English', () => {
    const holes = (text: string) => text.split('%').length;
    for (const [english, text] of all) expect([english, holes(text)]).toEqual([english, holes(english)]);
  });

  it('waits and ends as it does in English', () => {
    for (const [english, text] of all)
      expect(text.at(-1)).toBe(/[.…:]$/.exec(english)?.[0] ?? text.match(/\p{L}$/u)?.[0]);
  });

  it('takes no text for a code', () => {
    expect(all.filter(([english]) => Object.hasOwn(reasons, english))).toEqual([]);
  });
});
