import { describe, expect, it } from 'vitest';
import { isOffered } from '../../../../bot/in-process/offers.ts';
import { changedPerson, newPerson } from '../../../../bot/in-process/people.ts';
import type { OfferedRole, PersonOptions } from '../../../../bot/in-process/room-options.ts';
import { type PersonInRoom, problemsOf } from '../../../../bot/in-process/room-problems.ts';
import { matchLanguage, servedLanguages } from '../../../../bot/in-process/served-languages.ts';
import { offline, qwen3 } from '../../../../config/models.ts';

const served = servedLanguages(qwen3, 'auto');
const person = (id: string, options: PersonOptions = {}) => changedPerson(newPerson(id), options, served);
const inRoom = (id: string, options: PersonOptions, ...microphones: string[]): PersonInRoom => ({
  ...person(id, options),
  microphones,
  isMuted: false,
  isDescribed: true,
});
const OPUS = 'audio/opus';

describe('the language that a code or locale means', () => {
  it.each([
    ['en', 'en'],
    ['en-GB', 'en'],
    ['EN_us', 'en'],
    ['pt-BR', 'pt'],
    ['zh-Hant-TW', 'zh'],
    ['yue', 'yue'],
    ['xx', undefined],
    ['', undefined],
  ])('%s is %s', (wanted, code) => {
    expect(matchLanguage(wanted, served.sources)).toBe(code);
  });

  it('prefers the region where it is served', () => {
    expect(matchLanguage('pt-br', ['pt', 'pt-BR'])).toBe('pt-BR');
  });
});

describe('a person', () => {
  it('keeps what a change leaves out', () => {
    const ann = person('ann', { name: 'Ann', speaks: 'en', hears: 'es', reads: ['es'] });
    expect(changedPerson(ann, {}, served)).toEqual(ann);
    expect(changedPerson(ann, { hears: 'fr', speaks: null }, served)).toEqual({ ...ann, hears: 'fr', speaks: null });
  });

  it('is called by their id without a name, and by no more than 64 characters', () => {
    expect(person('ann').name).toBe('ann');
    expect(person('ann', { name: '  ' }).name).toBe('ann');
    expect(person('ann', { name: 'x'.repeat(99) }).name).toHaveLength(64);
  });

  it('reads each language once, and what is spoken although nothing is translated into it', () => {
    expect(person('ann', { reads: ['es', 'es-MX', 'original'] }).reads).toEqual(['es', 'original']);
    const spanishOnly = servedLanguages(offline, ['es']);
    expect(changedPerson(newPerson('ann'), { reads: ['en'] }, spanishOnly).reads).toEqual(['en']);
    expect(() => changedPerson(newPerson('ann'), { hears: 'en' }, spanishOnly)).toThrow(
      expect.objectContaining({ code: 'languageNotServed' }),
    );
  });

  it('speaks what a client says, as far as that is a language', () => {
    expect(person('ann', { speaks: 'en-US' }).speaks).toBe('en');
    expect(person('ann', { speaks: 'xx' }).speaks).toBe('xx');
    expect(person('ann', { speaks: '' }).speaks).toBeUndefined();
  });

  it.each<[string, object]>([
    ['a name that is no text', { name: 5 }],
    ['a language that is no text', { speaks: 5 }],
    ['no list', { reads: 'es' }],
    ['five languages', { reads: ['es', 'fr', 'de', 'it', 'ru'] }],
    ['a flag that is a text', { interpret: 'no' }],
    ['another flag', { pictures: 1 }],
  ])('cannot have %s', (_, options) => {
    expect(() => person('ann', options)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});

describe('an offer', () => {
  const role = (role: 'channel' | 'captions', speaker?: string): OfferedRole => ({
    role,
    language: 'es',
    interpreter: 'i',
    ...(speaker !== undefined && { speaker }),
  });

  it.each<[PersonOptions, OfferedRole, boolean]>([
    [{ hears: 'es' }, role('channel'), true],
    [{ hears: 'es' }, role('channel', 'bob'), true],
    [{ hears: 'es' }, role('channel', 'ann'), false],
    [{ hears: 'fr' }, role('channel'), false],
    [{ reads: ['es'] }, role('channel'), false],
    [{ reads: ['es'] }, role('captions'), true],
    [{ hears: 'es' }, role('captions'), true],
    [{ reads: ['original'] }, role('captions'), true],
    [{ hears: 'fr', reads: ['de'] }, role('captions'), false],
    [{}, role('captions'), false],
  ])('to who chose %j of %j: %s', (options, it, offered) => {
    expect(isOffered(person('ann', options), it)).toBe(offered);
  });
});

describe('what people lack', () => {
  const everything = { hasOffer: true, hasMessages: true };
  const codes = (...people: PersonInRoom[]) =>
    problemsOf(people, served, everything).map(({ code, person }) => [code, person]);
  const reader = inRoom('bea', { reads: ['es'] });

  it.each([
    [{ hears: 'es' }, { hasOffer: false, hasMessages: true }, /method offer/],
    [{ reads: ['es'] }, { hasOffer: false, hasMessages: true }, undefined],
    [{ reads: ['es'] }, { hasOffer: false, hasMessages: false }, /send.*"message"/],
    [{ hears: 'es', reads: ['es'] }, everything, undefined],
  ])('is a way to hand it over, for who chose %j where there is %j', (options, means, remedy) => {
    const people = [inRoom('bea', options), inRoom('ann', { speaks: 'en' }, OPUS)];
    const messages = problemsOf(people, served, means).map(({ message }) => message);
    expect(messages).toEqual(remedy ? [expect.stringMatching(remedy)] : []);
  });

  it('is nothing while nobody wants a translation, but for a codec that can never be heard', () => {
    expect(codes(inRoom('ann', {}, OPUS))).toEqual([]);
    expect(codes(inRoom('ann', {}, 'audio/PCMU'))).toEqual([['notOpus', 'ann']]);
  });

  it('is nothing where somebody who speaks has a microphone', () => {
    expect(codes(reader, inRoom('ann', { speaks: 'en' }, OPUS), inRoom('cem', { speaks: null }, OPUS))).toEqual([]);
  });

  it('is a language of anybody, a microphone, or their own language', () => {
    expect(codes(reader, inRoom('ann', {}, OPUS))).toEqual([['nobodySpeaks', undefined]]);
    expect(codes(reader, inRoom('ann', { speaks: 'en' }))).toEqual([['noMicrophone', undefined]]);
    expect(codes(reader, inRoom('ann', { speaks: 'en' }, OPUS), inRoom('cem', {}, OPUS))).toEqual([
      ['speaksUnknown', 'cem'],
    ]);
    expect(codes(reader, inRoom('ann', { speaks: 'eu' }, OPUS))).toEqual([['notUnderstood', 'ann']]);
  });

  it('is a language that the engine does not understand, where somebody wants to have it translated and it may be spoken', () => {
    const basque = inRoom('eva', { speaks: 'eu', hears: 'es', reads: ['es'] }, OPUS);
    const ann = inRoom('ann', { speaks: 'en' }, OPUS);
    expect(codes(basque, ann)).toEqual([]);
    expect(codes(basque, ann, reader)).toEqual([['notUnderstood', 'eva']]);
    expect(codes({ ...basque, isMuted: true }, ann, reader)).toEqual([]);
    expect(codes(basque, ann, inRoom('ben', { reads: ['es'], interpret: false }))).toEqual([['notUnderstood', 'eva']]);
  });

  it('that was never described, and has a microphone, is told before anybody wants anything', () => {
    const unknown = { ...inRoom('ann', {}, OPUS), isDescribed: false };
    expect(codes(unknown)).toEqual([['notDescribed', 'ann']]);
    expect(codes(reader, unknown, inRoom('cem', { speaks: 'en' }, OPUS))).toEqual([['notDescribed', 'ann']]);
  });

  it('is nothing of who refuses to be interpreted', () => {
    expect(
      codes(reader, inRoom('ann', { interpret: false }, 'audio/PCMU'), inRoom('cem', { speaks: 'en' }, OPUS)),
    ).toEqual([]);
  });
});
