import { describe, expect, it } from 'vitest';
import { RecognitionScheduler } from '../../../engine/offline/recognition-scheduler.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

const promises = () => new Promise((resolve) => setImmediate(resolve));

/** Sessions that always have speech to be recognised, and note when it was their turn. */
function speakers(threads: number) {
  const clock = new FakeClock();
  const scheduler = new RecognitionScheduler({ threads, clock });
  const turns: string[] = [];
  const enter = (name: string) => {
    const notices: number[] = [];
    const place = scheduler.enter(() => notices.push(place.ahead));
    const asks = async () => {
      await place.turn();
      turns.push(name);
    };
    return {
      notices,
      place,
      speaks: () => {
        place.speechArrived();
        void asks();
      },
      ends: () => place.rest(),
    };
  };
  return { clock, turns, enter };
}

describe('the order of recognition', () => {
  it('is that in which people began to speak, however often they ask', async () => {
    const { turns, enter } = speakers(1);
    const [ann, ben, cem] = [enter('ann'), enter('ben'), enter('cem')];
    for (const one of [ben, ann, cem]) one.speaks();
    await promises();
    expect(turns).toEqual(['ben']);
    ben.ends();
    await promises();
    expect(turns).toEqual(['ben', 'ann']);
    ben.speaks();
    ann.ends();
    await promises();
    expect(turns, 'before who began later and waits for longer').toEqual(['ben', 'ann', 'ben']);
    ben.ends();
    await promises();
    expect(turns).toEqual(['ben', 'ann', 'ben', 'cem']);
  });

  it('lets who comes first go on from turn to turn', async () => {
    const { turns, enter } = speakers(1);
    const [ann, ben] = [enter('ann'), enter('ben')];
    for (const one of [ann, ben, ann, ann]) {
      one.speaks();
      await promises();
    }
    expect(turns).toEqual(['ann', 'ann', 'ann']);
    ann.ends();
    await promises();
    expect(turns.at(-1)).toBe('ben');
  });

  it('gives as many turns at the same time as there are threads', async () => {
    const { turns, enter } = speakers(2);
    const all = ['ann', 'ben', 'cem'].map(enter);
    for (const one of all) one.speaks();
    await promises();
    expect(turns).toEqual(['ann', 'ben']);
    all[1]?.ends();
    all[1]?.ends();
    await promises();
    expect(turns, 'an end counts once').toEqual(['ann', 'ben', 'cem']);
  });

  it('puts somebody who was silent for over two seconds behind the others', async () => {
    const { clock, turns, enter } = speakers(1);
    const [ann, ben] = [enter('ann'), enter('ben')];
    ann.speaks();
    await promises();
    ann.ends();
    clock.advance(1000);
    ben.speaks();
    await promises();
    clock.advance(1001);
    ann.speaks();
    expect([ann.place.ahead, ben.place.ahead]).toEqual([1, 0]);
    await promises();
    ben.speaks();
    await promises();
    expect(turns).toEqual(['ann', 'ben', 'ben']);
  });

  it('keeps the precedence of whoever pauses for less', async () => {
    const { clock, enter } = speakers(1);
    const [ann, ben] = [enter('ann'), enter('ben')];
    ann.speaks();
    await promises();
    ann.ends();
    clock.advance(1000);
    ben.speaks();
    clock.advance(900);
    ann.speaks();
    expect([ann.place.ahead, ben.place.ahead]).toEqual([0, 1]);
  });

  it('goes on where a session leaves while it waits, and where it leaves during its turn', async () => {
    const { clock, turns, enter } = speakers(1);
    const [ann, ben, cem] = [enter('ann'), enter('ben'), enter('cem')];
    for (const one of [ann, ben, cem]) one.speaks();
    await promises();
    ben.place.leave();
    ann.place.leave();
    ann.ends();
    await promises();
    expect(turns).toEqual(['ann', 'ben', 'cem']);
    cem.ends();
    expect(clock.pending).toBe(0);
  });
});

describe('who waits', () => {
  it('is called every second, and knows for how many, until it is their turn', async () => {
    const { clock, enter } = speakers(2);
    const all = ['ann', 'ben', 'cem', 'dan'].map(enter);
    for (const one of all) one.speaks();
    await promises();
    clock.advance(1000);
    clock.advance(1000);
    expect(all.map(({ notices }) => notices)).toEqual([[], [], [2, 2], [3, 3]]);
    for (const one of all.slice(0, 2)) one.ends();
    await promises();
    expect(clock.pending).toBe(0);
  });

  it('waits for nobody where fewer began earlier than there are threads', async () => {
    const { enter } = speakers(2);
    const all = ['ann', 'ben', 'cem'].map(enter);
    for (const one of all) one.speaks();
    expect(all.map(({ place }) => place.ahead)).toEqual([0, 0, 2]);
  });
});
