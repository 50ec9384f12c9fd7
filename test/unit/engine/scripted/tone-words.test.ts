import { describe, expect, it } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { type DecodedSound, ToneDecoder, wordsInSound } from '../../../../engine/scripted/tone-decoder.ts';
import { tonesFor, vocabulary, WORD_MS, wordsInText } from '../../../../engine/scripted/tone-words.ts';
import { wordAudio } from '../../../../engine/scripted/word-audio.ts';

const heardIn = (samples: Int16Array, chunk = samples.length): DecodedSound[] => {
  const ear = new ToneDecoder();
  const heard: DecodedSound[] = [];
  for (let at = 0; at < samples.length; at += chunk) heard.push(...ear.push(samples.subarray(at, at + chunk)));
  return heard;
};
const joined = (...parts: Int16Array[]): Int16Array => Int16Array.from(parts.flatMap((part) => [...part]));
const silence = (ms: number): Int16Array => new Int16Array(16 * ms);

describe('words as tones', () => {
  it('are all heard as what they are, one after another', () => {
    expect(wordsInSound(tonesFor(vocabulary))).toEqual(vocabulary);
  });

  it('are heard at the rate of the voice that comes back, too', () => {
    expect(wordsInSound(tonesFor(vocabulary, { rate: VOICE_SAMPLE_RATE }), { rate: VOICE_SAMPLE_RATE })).toEqual(
      vocabulary,
    );
  });

  it('are two where the same is said twice', () => {
    expect(wordsInSound(tonesFor(['k05', 'k05']))).toEqual(['k05', 'k05']);
  });

  it.each([1, 7, 160, 333, 1600, 5000])('are heard the same in chunks of %i samples', (chunk) => {
    const sound = joined(silence(33), tonesFor(['k00', 'k17', 'k59']), silence(500));
    expect(heardIn(sound, chunk)).toEqual(heardIn(sound));
  });

  it('are heard with noise around them and when they are soft', () => {
    const noise = (i: number): number => ((i * 7919) % 400) - 200;
    const sound = tonesFor(vocabulary).map((sample, i) => sample / 4 + noise(i));
    expect(wordsInSound(sound)).toEqual(vocabulary);
  });

  it('tell when they were said', () => {
    const [word] = heardIn(joined(silence(500), tonesFor(['k20']))).filter(({ kind }) => kind === 'word');
    expect(word).toEqual({ kind: 'word', word: 'k20', startMs: 500, endMs: 750 });
  });

  it('are heard whole or not at all: what is cut off before its middle is no word', () => {
    const [whole, half] = [200, 100].map((ms) => tonesFor(['k30']).subarray(0, 16 * ms));
    expect([whole, half].map((sound) => wordsInSound(sound ?? silence(1)))).toEqual([['k30'], []]);
  });

  it('are told apart where one runs into the next', () => {
    const [one, other] = ['k10', 'k40'].map((word) => tonesFor([word]).subarray(0, 16 * 250));
    expect(wordsInSound(joined(one ?? silence(1), other ?? silence(1)))).toEqual(['k10', 'k40']);
  });

  it('cannot be said when they are none', () => {
    expect(() => tonesFor(['k60'])).toThrow(new RangeError('"k60" is not one of k00 … k59'));
  });

  it('are found in a text of any language', () => {
    expect(wordsInText('bueno es:k07 (es:k08), zh:k09zh:k10。')).toEqual(['k07', 'k08', 'k09', 'k10']);
  });
});

describe('a voice that says none of them', () => {
  const hum = wordAudio('hello', 2000).filter((_, i) => i % 3 !== 0);

  it('is a voice', () => {
    const heard = heardIn(joined(silence(100), hum, silence(100)));
    expect(heard.filter(({ kind }) => kind === 'word')).toEqual([]);
    const voices = heard.flatMap((event) => (event.kind === 'voice' ? [event.endMs - event.startMs] : []));
    expect(voices.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(1500);
  });

  it('has a beginning that is known again, whatever comes before it', () => {
    const prints = (lead: number, chunk: number): unknown[] =>
      heardIn(joined(silence(lead), hum), chunk).filter(({ kind }) => kind === 'onset');
    expect(prints(100, 1600)).toHaveLength(1);
    expect(prints(412.5, 77)).toEqual(prints(100, 1600));
    expect(heardIn(joined(silence(100), wordAudio('other', 2000))).find(({ kind }) => kind === 'onset')).not.toEqual(
      prints(100, 1600)[0],
    );
  });
});

it('says nothing but how long silence lasts', () => {
  expect(heardIn(silence(20))).toEqual([
    { kind: 'silence', sinceMs: 0, untilMs: 10 },
    { kind: 'silence', sinceMs: 0, untilMs: 20 },
  ]);
});

it('speaks a word of the vocabulary so that it is known, at any length', () => {
  for (const ms of [240, 300, 600]) {
    expect(wordAudio('es:k21', ms)).toHaveLength((VOICE_SAMPLE_RATE * ms) / 1000);
    expect(wordsInSound(wordAudio('es:k21', ms), { rate: VOICE_SAMPLE_RATE })).toEqual(['k21']);
  }
  expect(WORD_MS).toBe(300);
});
