import type { ParticipantView } from '@mediasoup-booth/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listener, microphone, person } from '../../../../bench/support/views.ts';
import { type Demand, demand, type InterpreterOffer } from '../../../../bot/demand/demand.ts';
import { type Model, offline, qwen3 } from '../../../../config/models.ts';

const cloud: InterpreterOffer = { model: qwen3, languages: 'auto' };
const local: InterpreterOffer = { model: offline, languages: 'auto' };

/** `ann: en → es, said, originals` */
const summary = ({ wanted, unavailable }: Demand): string[] => [
  ...wanted.map(
    ({ speaker, source, target, audio, originals }) =>
      `${speaker}: ${source} → ${target}${audio ? ', said' : ''}${originals ? ', originals' : ''}`,
  ),
  ...unavailable.map(({ speaker, source, target }) => `${speaker}: ${source} → ${target} unavailable`),
];

interface Case {
  what: string;
  people: ParticipantView[];
  offer?: InterpreterOffer;
  wants: string[];
}

const cases: Case[] = [
  { what: 'nothing where nobody hears or reads another language', people: [person('ann'), person('bob')], wants: [] },
  { what: 'nothing in an empty room', people: [], wants: [] },
  {
    what: 'sound and text for who hears, of everyone else',
    people: [person('ann'), listener('eva', { hears: 'es' })],
    wants: ['ann: en → es, said'],
  },
  {
    what: 'text alone of a language that is to be written only',
    people: [person('ann'), listener('eva', { hears: 'es' }), listener('leo', { hears: 'fr' })],
    offer: { ...cloud, languageSettings: { es: { audio: false } } },
    wants: ['ann: en → es', 'ann: en → fr, said'],
  },
  {
    what: 'text alone for who only reads',
    people: [person('ann'), listener('eva', { reads: ['es'] })],
    wants: ['ann: en → es'],
  },
  {
    what: 'one translation for many who want the same',
    people: [person('ann'), listener('eva', { hears: 'es' }), listener('leo', { hears: 'es', reads: ['es'] })],
    wants: ['ann: en → es, said'],
  },
  {
    what: 'no sound for who hears what they say themselves',
    people: [person('ann', { hears: 'es' })],
    wants: [],
  },
  {
    what: 'the text of their own words for who reads along',
    people: [person('ann', { hears: 'es', reads: ['es'] })],
    wants: ['ann: en → es'],
  },
  {
    what: 'both ways between two languages, each without their own',
    people: [person('ann', { hears: 'en' }), person('eva', { speaks: 'es', hears: 'es' })],
    wants: ['ann: en → es, said', 'eva: es → en, said'],
  },
  {
    what: 'what hidden listeners want, though nobody sees them',
    people: [person('ann'), listener('eva', { hears: 'es', hidden: true })],
    wants: ['ann: en → es, said'],
  },
  {
    what: 'several languages, in a steady order, the originals with the first',
    people: [person('ann'), listener('eva', { hears: 'es', reads: ['fr', 'en'] })],
    wants: ['ann: en → es, said, originals', 'ann: en → fr'],
  },
  {
    what: 'a transcript alone where somebody reads what is spoken and nobody wants more',
    people: [person('ann'), listener('leo', { reads: ['en'] })],
    wants: ['ann: en → en, originals'],
  },
  {
    what: 'a transcript in whatever is spoken, for readers of the original',
    people: [person('ann'), person('eva', { speaks: 'es' }), listener('leo', { reads: ['original'] })],
    wants: ['ann: en → en, originals', 'eva: es → es, originals'],
  },
  {
    what: 'captions of an English reader in an English conversation, their own included',
    people: [person('ann', { reads: ['en'] }), person('bob')],
    wants: ['ann: en → en, originals', 'bob: en → en, originals'],
  },
  {
    what: 'nothing of who does not want to be interpreted',
    people: [person('ann', { interpret: false }), listener('eva', { hears: 'es', reads: ['original'] })],
    wants: [],
  },
  {
    what: 'nothing of who did not say what they speak',
    people: [person('ann', { speaks: null }), listener('eva', { hears: 'es' })],
    wants: [],
  },
  {
    what: 'nothing of who has no microphone, be there a camera',
    people: [
      person('ann', { producers: [{ id: 'cam', kind: 'video', source: 'camera', paused: false }] }),
      listener('eva', { hears: 'es' }),
    ],
    wants: [],
  },
  {
    what: 'nothing of what an interpreter says',
    people: [person('bot', { kind: 'interpreter' }), listener('eva', { hears: 'es', reads: ['original'] })],
    wants: [],
  },
  {
    what: 'nothing of a track that has a role, whoever has it',
    people: [
      person('ann', {
        producers: [{ ...microphone('ann'), booth: { role: 'channel', language: 'es', interpreter: 'x' } }],
      }),
      listener('eva', { hears: 'fr' }),
    ],
    wants: [],
  },
  {
    what: 'nothing that an interpreter hears or reads',
    people: [person('ann'), listener('bot', { kind: 'interpreter', hears: 'es', reads: ['fr', 'original'] })],
    wants: [],
  },
  {
    what: 'the microphone of a muted one too, who may speak any moment',
    people: [person('ann', { producers: [{ ...microphone('ann'), paused: true }] }), listener('eva', { hears: 'es' })],
    wants: ['ann: en → es, said'],
  },
  {
    what: 'text where the model has no voice',
    people: [person('ann'), listener('eva', { hears: 'tr' })],
    wants: ['ann: en → tr'],
  },
  {
    what: 'only the languages that the interpreter was sent for',
    people: [person('ann'), listener('eva', { hears: 'es' }), listener('zoe', { hears: 'fr' })],
    offer: { model: qwen3, languages: ['fr'] },
    wants: ['ann: en → fr, said'],
  },
  {
    what: 'word of what the model cannot do',
    people: [person('ann'), listener('zoe', { hears: 'fr' })],
    offer: local,
    wants: ['ann: en → fr unavailable'],
  },
  {
    what: 'what the model can do beside what it cannot, originals with it',
    people: [person('ann'), listener('zoe', { hears: 'fr', reads: ['es', 'en'] })],
    offer: local,
    wants: ['ann: en → es, originals', 'ann: en → fr unavailable'],
  },
  {
    what: 'the transcript where no wanted translation can be had',
    people: [person('ann'), listener('zoe', { hears: 'fr', reads: ['original'] })],
    offer: local,
    wants: ['ann: en → en, originals', 'ann: en → fr unavailable'],
  },
  {
    what: 'word of a language that the model does not understand',
    people: [person('eva', { speaks: 'es' }), listener('ann', { hears: 'en', reads: ['original'] })],
    offer: local,
    wants: ['eva: es → en unavailable', 'eva: es → es unavailable'],
  },
  {
    what: 'word of a language that does not exist',
    people: [person('ann'), listener('zoe', { hears: 'xx' })],
    wants: ['ann: en → xx unavailable'],
  },
];

it('lets the interpretation that publishes what a speaker says go on doing so when another language is wanted', () => {
  const ann = person('ann');
  const readers = (...languages: string[]) => listener('eva', { reads: ['original', ...languages] });
  const publishers = (view: ParticipantView, originalsFrom?: ReadonlyMap<string, string>): string[] =>
    demand([ann, view], { ...cloud, ...(originalsFrom && { originalsFrom }) })
      .wanted.filter(({ originals }) => originals)
      .map(({ target }) => target);
  expect(publishers(readers('es'))).toEqual(['es']);
  expect(publishers(readers('de', 'es'), new Map([['ann', 'es']]))).toEqual(['es']);
  expect(publishers(readers('de'), new Map([['ann', 'es']]))).toEqual(['de']);
});

describe('demand', () => {
  it.each(cases)('wants $what', ({ people, offer = cloud, wants }) => {
    expect(summary(demand(people, offer))).toEqual(wants);
  });

  it('names the microphone to receive', () => {
    const { wanted } = demand([person('ann'), listener('eva', { hears: 'es' })], cloud);
    expect(wanted).toEqual([
      {
        speaker: 'ann',
        producerId: 'mic-ann',
        source: 'en',
        target: 'es',
        audio: true,
        originals: false,
        hasCaptionSubscribers: false,
      },
    ]);
  });

  it.each([
    ['who reads the translation', [listener('eva', { hears: 'es' }), listener('leo', { reads: ['es'] })], ['es']],
    ['nobody, where all only listen', [listener('eva', { hears: 'es' }), listener('leo', { hears: 'fr' })], []],
    [
      'who reads what was spoken, in the one that says it',
      [listener('eva', { hears: 'es' }), listener('leo', { hears: 'fr', reads: ['en'] })],
      ['es'],
    ],
    ['who reads a transcript alone', [listener('leo', { reads: ['original'] })], ['en']],
  ])('knows of %s', (_, listeners, read) => {
    const { wanted } = demand([person('ann'), ...listeners], cloud);
    expect(wanted.filter((one) => one.hasCaptionSubscribers).map(({ target }) => target)).toEqual(read);
  });

  it('counts each person who hears or reads a language once, hidden people too, and no interpreter', () => {
    const { listeners } = demand(
      [
        person('ann', { hears: 'es', reads: ['es', 'original'] }),
        listener('eva', { reads: ['es', 'fr'] }),
        listener('ghost', { hears: 'fr', hidden: true }),
        listener('bot', { kind: 'interpreter', hears: 'es' }),
      ],
      cloud,
    );
    expect(Object.fromEntries(listeners)).toEqual({ es: 2, fr: 2 });
  });

  describe('in any room', () => {
    const language = fc.constantFrom('en', 'es', 'fr', 'tr', 'xx');
    const anyone = fc.record({
      kind: fc.constantFrom('person' as const, 'interpreter' as const),
      hidden: fc.boolean(),
      speaks: fc.option(language),
      hears: fc.oneof(fc.constant('original' as const), language),
      reads: fc.uniqueArray(fc.oneof(fc.constant('original' as const), language), { maxLength: 4 }),
      interpret: fc.boolean(),
      hasMicrophone: fc.boolean(),
    });
    const room = fc
      .array(anyone, { maxLength: 8 })
      .map((all) =>
        all.map(({ hasMicrophone, ...one }, i) =>
          person(`p${i}`, { ...one, producers: hasMicrophone ? [microphone(`p${i}`)] : [] }),
        ),
      );
    const offer = fc.record({
      model: fc.constantFrom<Model>(qwen3, offline),
      languages: fc.oneof(fc.constant('auto' as const), fc.uniqueArray(language, { minLength: 1 })),
    });

    it('wants nothing twice, nothing of interpreters, and nothing that nobody hears or reads', () => {
      fc.assert(
        fc.property(room, offer, (people, offered) => {
          const { wanted, unavailable } = demand(people, offered);
          const keys = [...wanted, ...unavailable].map(({ speaker, target }) => `${speaker} ${target}`);
          expect(new Set(keys).size).toBe(keys.length);
          for (const { speaker, source, target, audio, originals, hasCaptionSubscribers: isRead } of wanted) {
            const of = people.find(({ id }) => id === speaker);
            expect(of).toMatchObject({ kind: 'person', interpret: true, speaks: source });
            const others = people.filter(({ kind }) => kind === 'person');
            const heard = others.some(({ id, hears }) => id !== speaker && hears === target);
            const read = others.some(({ reads }) => reads.includes(target));
            const readInSource = others.some(({ reads }) => reads.includes(source) || reads.includes('original'));
            if (audio) expect(heard).toBe(true);
            if (originals) expect(readInSource).toBe(true);
            expect(isRead).toBe(read || originals);
            expect(heard || read || (target === source && originals)).toBe(true);
          }
        }),
      );
    });

    it('publishes originals exactly once for whoever reads them', () => {
      fc.assert(
        fc.property(room, offer, (people, offered) => {
          const { wanted } = demand(people, offered);
          for (const of of Map.groupBy(wanted, ({ speaker }) => speaker).values()) {
            expect(of.filter(({ originals }) => originals).length).toBeLessThanOrEqual(1);
            expect(of.filter(({ source, target }) => source === target).every(({ originals }) => originals)).toBe(true);
          }
          const persons = people.filter(({ kind }) => kind === 'person');
          for (const speaker of persons) {
            const { speaks } = speaker;
            if (!speaks || !speaker.interpret || speaker.producers.length === 0) continue;
            if (!offered.model.sources.includes(speaks)) continue;
            const isRead = persons.some(({ reads }) => reads.includes(speaks) || reads.includes('original'));
            expect(wanted.some((one) => one.speaker === speaker.id && one.originals)).toBe(isRead);
          }
        }),
      );
    });
  });
});
