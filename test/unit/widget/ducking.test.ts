import { describe, expect, it } from 'vitest';
import { boundedBalance, gainsOf } from '../../../client-widget/media/balance.ts';
import { Ducking, faded, ramped } from '../../../client-widget/media/ducking.ts';

const listener = { id: 'me', hears: 'es' };
const speaks = (id: string) => ({ jane: 'en', luis: 'es', me: 'en' })[id];

function playout(ducking: Ducking, speaker: string, state: 'started' | 'ended' | 'skipped', atMs: number) {
  ducking.push({ utterance: `of ${speaker}`, state, speaker: { id: speaker, name: speaker } }, atMs);
}
const at = (ducking: Ducking, ms: number) => {
  const { lowered, channelMuted } = ducking.at(ms, listener, speaks);
  return { lowered: [...lowered], channelMuted };
};

describe('Ducking while a translation plays', () => {
  it('lowers its original until a second after its end', () => {
    const ducking = new Ducking();
    expect(at(ducking, 0).lowered).toEqual([]);
    playout(ducking, 'jane', 'started', 100);
    expect(at(ducking, 100).lowered).toEqual(['jane']);
    playout(ducking, 'jane', 'ended', 4_000);
    expect(at(ducking, 4_999).lowered).toEqual(['jane']);
    expect(at(ducking, 5_000).lowered).toEqual([]);
  });

  it('keeps the original low from one sentence to the next', () => {
    const ducking = new Ducking();
    playout(ducking, 'jane', 'started', 0);
    playout(ducking, 'jane', 'ended', 1_000);
    playout(ducking, 'jane', 'started', 1_500);
    expect(at(ducking, 10_000).lowered).toEqual(['jane']);
  });

  it('lowers nobody else, and no original in the selected language', () => {
    const ducking = new Ducking();
    playout(ducking, 'luis', 'started', 0);
    expect(at(ducking, 10).lowered).toEqual([]);
  });

  it('lowers nothing for a skipped translation', () => {
    const ducking = new Ducking();
    playout(ducking, 'jane', 'skipped', 0);
    expect(at(ducking, 0).lowered).toEqual([]);
  });

  it('mutes the translation of my own words to the end of its tail', () => {
    const ducking = new Ducking();
    playout(ducking, 'me', 'started', 0);
    expect(at(ducking, 500).channelMuted).toBe(true);
    playout(ducking, 'me', 'ended', 1_000);
    expect(at(ducking, 1_200).channelMuted).toBe(true);
    expect(at(ducking, 1_400).channelMuted).toBe(false);
  });

  it('unmutes the channel at once when somebody else follows on it', () => {
    const ducking = new Ducking();
    playout(ducking, 'me', 'started', 0);
    playout(ducking, 'me', 'ended', 1_000);
    playout(ducking, 'jane', 'started', 1_010);
    expect(at(ducking, 1_020)).toEqual({ lowered: ['jane', 'me'], channelMuted: false });
  });

  it('lowers nobody for longer than a minute when no end is announced and nobody knows whether the channel sounds', () => {
    const ducking = new Ducking();
    playout(ducking, 'jane', 'started', 0);
    expect(at(ducking, 59_000).lowered).toEqual(['jane']);
    expect(at(ducking, 60_000).lowered).toEqual([]);
  });

  it('lowers nobody three seconds after the channel fell silent, and lowers them again when it sounds on', () => {
    const ducking = new Ducking();
    playout(ducking, 'jane', 'started', 0);
    for (let ms = 0; ms <= 2_000; ms += 250) ducking.setChannelActivity(true, ms);
    for (let ms = 2_250; ms <= 4_750; ms += 250) ducking.setChannelActivity(false, ms);
    expect(at(ducking, 4_999).lowered).toEqual(['jane']);
    expect(at(ducking, 5_000).lowered).toEqual([]);
    ducking.setChannelActivity(true, 6_000);
    expect(at(ducking, 6_000).lowered).toEqual(['jane']);
  });

  it('waits three seconds for the first sound of a translation, however long the channel was silent before', () => {
    const ducking = new Ducking();
    ducking.setChannelActivity(true, 0);
    ducking.setChannelActivity(false, 60_000);
    playout(ducking, 'jane', 'started', 60_000);
    expect(at(ducking, 62_999).lowered).toEqual(['jane']);
    expect(at(ducking, 63_000).lowered).toEqual([]);
  });

  it('lowers nobody a second after their channel is gone', () => {
    const ducking = new Ducking();
    playout(ducking, 'jane', 'started', 0);
    ducking.end(2_000);
    expect(at(ducking, 2_999).lowered).toEqual(['jane']);
    expect(at(ducking, 3_000).lowered).toEqual([]);
    expect(ducking.isSounding).toBe(false);
  });

  it('lowers nobody for what the listener does not have, and does from when the channel plays', () => {
    const ducking = new Ducking();
    ducking.setPlaying(false, 0);
    playout(ducking, 'jane', 'started', 100);
    expect(at(ducking, 100).lowered).toEqual([]);
    playout(ducking, 'jane', 'ended', 2_000);
    expect(at(ducking, 2_000).lowered).toEqual([]);
    playout(ducking, 'jane', 'started', 3_000);
    ducking.setPlaying(true, 3_500);
    expect(at(ducking, 3_500).lowered).toEqual(['jane']);
    ducking.setPlaying(false, 4_000);
    expect(at(ducking, 4_999).lowered).toEqual(['jane']);
    expect(at(ducking, 5_000).lowered).toEqual([]);
  });

  it('says when its state changes next', () => {
    const ducking = new Ducking();
    expect(ducking.at(0, listener, speaks).nextAtMs).toBeUndefined();
    playout(ducking, 'jane', 'started', 0);
    playout(ducking, 'jane', 'ended', 2_000);
    expect(ducking.at(2_000, listener, speaks).nextAtMs).toBe(3_000);
  });
});

describe('the volume of a ducked original', () => {
  const LOWERED = gainsOf(15).lowered;

  it('goes down by 15 dB within 50 ms', () => {
    expect(20 * Math.log10(LOWERED)).toBeCloseTo(-15);
    expect(ramped(1, LOWERED, 20)).toBeGreaterThan(LOWERED);
    expect(ramped(1, LOWERED, 50)).toBe(LOWERED);
  });

  it('comes up within 400 ms, gently', () => {
    expect(ramped(LOWERED, 1, 100)).toBeLessThan(0.5);
    expect(ramped(LOWERED, 1, 400)).toBe(1);
  });

  it('of a channel fades within 50 ms', () => {
    expect([faded(0, 1, 25), faded(0, 1, 50), faded(1, 0, 25), faded(1, 0, 50)]).toEqual([0.5, 1, 0.5, 0]);
  });
});

describe('the balance', () => {
  it.each([
    { db: 15, lowered: -15, translation: 0 },
    { db: 0, lowered: 0, translation: 0 },
    { db: -10, lowered: 0, translation: -10 },
  ])('of $db dB has the original at $lowered dB and the translation at $translation dB', (expected) => {
    const { lowered, original, translation } = gainsOf(expected.db);
    expect(20 * Math.log10(lowered)).toBeCloseTo(expected.lowered);
    expect(20 * Math.log10(translation)).toBeCloseTo(expected.translation);
    expect(original).toBe(1);
  });

  it('plays only one of the two at either end', () => {
    expect(gainsOf(40)).toEqual({ lowered: 0, original: 0, translation: 1 });
    expect(gainsOf(-40)).toEqual({ lowered: 1, original: 1, translation: 0 });
  });

  it.each([
    [15, 15],
    [999, 40],
    [-999, -40],
    [Number.NaN, 15],
    [Number.POSITIVE_INFINITY, 15],
  ])('of %s dB is taken for %s', (given, taken) => {
    expect(boundedBalance(given)).toBe(taken);
  });
});
