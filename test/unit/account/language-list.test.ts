import { LanguagesResponse, LONGEST_TERM } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { modelLanguages } from '../../../account/language-list.ts';
import { engineLabel } from '../../../config/engine-label.ts';
import { models } from '../../../config/models.ts';
import { pricingOf } from '../../../config/prices.ts';

describe('the list of languages', () => {
  it.each(models.map((model) => [model.id, model] as const))('of %s is what the protocol says it is', (_, model) => {
    const engine = { model: model.id, kind: model.kind, label: engineLabel(model, model.url) };
    const list = modelLanguages({ model, engine, pricing: pricingOf(model, model.url), transcriptHours: 0 });
    expect(LanguagesResponse.parse(list)).toEqual(list);
    expect(list.hotwords?.characters ?? LONGEST_TERM).toBe(LONGEST_TERM);
  });
});
