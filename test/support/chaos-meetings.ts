/** What is promised of a meeting in which everything goes wrong that can, as tests. */
import { expect, it } from 'vitest';
import { Chaos } from './chaos.ts';

/** Of a service's model, over meetings of `ms` in fake time. */
export function holdsInChaos(model: string, ms: number): void {
  it.each([
    { what: 'loses nothing where only sessions are lost', seed: 1, loses: false, paraphrases: false },
    { what: 'loses next to nothing where each session says it otherwise', seed: 2, loses: false, paraphrases: true },
    { what: 'ends what it began, and itself, whatever the service does', seed: 3, loses: true, paraphrases: true },
    { what: 'does so, too, where it is closed in the middle of it all', seed: 7, loses: true, paraphrases: false },
  ])('$what', async ({ seed, loses, paraphrases }) => {
    const chaos = await Chaos.begin({ model, seed, ms, loses, paraphrases });
    await chaos.run();
    await chaos.judge();
    expect(chaos.problems).toEqual([]);
  });
}
