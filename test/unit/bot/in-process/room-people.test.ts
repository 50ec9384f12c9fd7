import { describe, expect, it } from 'vitest';
import { RoomPeople } from '../../../../bot/in-process/room-people.ts';
import { servedLanguages } from '../../../../bot/in-process/served-languages.ts';
import { qwen3 } from '../../../../config/models.ts';

function roomWithAnn() {
  let changes = 0;
  const people = new RoomPeople({
    served: servedLanguages(qwen3, 'auto'),
    isHere: () => true,
    onChanged: () => void changes++,
  });
  people.describe('ann', { name: 'Ann', speaks: 'en', hears: 'fr', reads: ['fr'] });
  return { people, changes: () => changes };
}

describe('what a client chooses', () => {
  it('is what its person hears and reads from then on', () => {
    const { people, changes } = roomWithAnn();
    people.choose('ann', { hears: 'es', reads: ['es', 'original'] });
    expect(people.get('ann')).toMatchObject({ name: 'Ann', hears: 'es', reads: ['es', 'original'] });
    expect(changes()).toBe(2);
    people.choose('ann', { hears: 'original' });
    expect(people.get('ann')).toMatchObject({ hears: 'original', reads: ['es', 'original'] });
  });

  it('is no name, no language that they speak, and nothing that nobody knows', () => {
    const { people } = roomWithAnn();
    people.choose('ann', { name: 'Bea', speaks: 'de', interpret: false, id: 'bea', hears: 'es' });
    expect(people.get('ann')).toMatchObject({ id: 'ann', name: 'Ann', speaks: 'en', interpret: true, hears: 'es' });
  });

  it.each([[undefined], [null], ['es'], [5], [[]]])('is nothing where it is %j', (choice) => {
    const { people } = roomWithAnn();
    people.choose('ann', choice);
    expect(people.get('ann')).toMatchObject({ hears: 'fr', reads: ['fr'] });
  });

  it.each([
    [{ hears: 'tlh' }, 'languageNotServed'],
    [{ hears: 'es', reads: ['tlh'] }, 'languageNotServed'],
    [{ hears: 'es', reads: 'es' }, 'invalid'],
    [{ hears: null }, 'languageNotServed'],
  ])('is refused as a whole: %j', (choice, code) => {
    const { people } = roomWithAnn();
    expect(() => people.choose('ann', choice)).toThrow(expect.objectContaining({ code }));
    expect(people.get('ann')).toMatchObject({ hears: 'fr', reads: ['fr'] });
  });

  it('is refused of who is not there, with what to do', () => {
    const { people } = roomWithAnn();
    const unknown = expect.objectContaining({ code: 'invalid', message: expect.stringContaining('call person()') });
    expect(() => people.choose('bea', { hears: 'es' })).toThrow(unknown);
    expect(people.get('bea')).toBeUndefined();
    people.remove('ann');
    expect(() => people.choose('ann', { hears: 'es' })).toThrow(unknown);
  });
});
