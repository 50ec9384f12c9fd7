/** The conversation that costs are measured on, and the measure of what it lost. */
import { describe, expect, it } from 'vitest';
import { conversation } from '../../../bench/conversation.ts';
import { moneyOf } from '../../../bench/cost.ts';
import { holdMeeting, missing } from '../../../bench/meeting.ts';
import { WORD_MS } from '../../../engine/scripted/tone-words.ts';

describe('a conversation', () => {
  const half = conversation({ people: 8, minutes: 30, seed: 1 });

  it('is the same for the same seed, and another for another', () => {
    expect(conversation({ people: 8, minutes: 30, seed: 1 })).toEqual(half);
    expect(conversation({ people: 8, minutes: 30, seed: 2 })).not.toEqual(half);
  });

  it('has everybody in it, in order, over all of its time', () => {
    expect(new Set(half.map(({ speaker }) => speaker)).size).toBe(8);
    expect(half.map(({ atMs }) => atMs)).toEqual(half.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(half.at(-1)?.atMs).toBeGreaterThan(29.5 * 60_000);
  });

  it('is of people who pause, and who speak at the same time', () => {
    const spokenMs = half.reduce((sum, { words }) => sum + words * WORD_MS, 0);
    expect(spokenMs / (30 * 60_000)).toBeGreaterThan(0.5);
    expect(spokenMs / (30 * 60_000)).toBeLessThan(0.9);
    const overlapping = half.filter(({ atMs, speaker }) =>
      half.some((one) => one.speaker !== speaker && one.atMs < atMs && atMs < one.atMs + one.words * WORD_MS),
    );
    expect(overlapping.length / half.length).toBeGreaterThan(0.1);
    expect(half.filter(({ words }) => words <= 2).length / half.length).toBeGreaterThan(0.05);
  });
});

it('counts each word that is missing as often as it is', () => {
  expect(missing(['a', 'b', 'a'], ['b', 'a', 'a'])).toBe(0);
  expect(missing(['a', 'b', 'a'], ['a', 'c', 'c'])).toBe(2);
});

it('eight people in four languages lose no word, for little more than they must pay', {
  timeout: 120_000,
}, async () => {
  const held = await holdMeeting({ minutes: 3, seed: 3 });
  expect(held.words.said).toBeGreaterThan(1000);
  expect(held.words).toMatchObject({ unheard: 0, unread: 0 });
  expect(moneyOf(held).ratio).toBeLessThanOrEqual(1.25);
  expect(held.connections.perMinute).toBeLessThanOrEqual(8);
});
