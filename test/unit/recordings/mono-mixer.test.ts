/** Who is heard in a mix of channels. */
import { describe, expect, it } from 'vitest';
import { MonoMixer } from '../../../recordings/mono-mixer.ts';

const RATE = 16_000;
const tone = (hertz: number, amplitude: number, seconds = 1): Float32Array =>
  Float32Array.from({ length: RATE * seconds }, (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / RATE));
const silence = (seconds = 1) => new Float32Array(RATE * seconds);
const rms = (samples: Float32Array): number => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
/** The amplitude of one tone in a mix. */
function amplitudeOf(hertz: number, samples: Float32Array): number {
  let [sine, cosine] = [0, 0];
  for (const [i, x] of samples.entries()) {
    sine += x * Math.sin((2 * Math.PI * hertz * i) / RATE);
    cosine += x * Math.cos((2 * Math.PI * hertz * i) / RATE);
  }
  return (2 * Math.hypot(sine, cosine)) / samples.length;
}
const mix = (...channels: Float32Array[]) => new MonoMixer(channels.length, RATE).push(channels);
const voice = tone(300, 0.3);

describe('the mix of two channels', () => {
  it.each([
    ['on the left alone', [voice, silence()]],
    ['on the right alone', [silence(), voice]],
    ['on both', [voice, voice]],
    ['on both, in opposite phase', [voice, voice.map((x) => -x)]],
    ['louder on one side', [voice, voice.map((x) => x / 3)]],
  ])('keeps the level of a voice %s', (_where, channels) => {
    expect(rms(mix(...channels))).toBeCloseTo(rms(voice), 2);
  });

  it('keeps the levels of two voices on two sides, however different', () => {
    const mixed = mix(tone(300, 0.4), tone(470, 0.05));
    expect(amplitudeOf(300, mixed)).toBeGreaterThan(0.35);
    expect(amplitudeOf(470, mixed)).toBeGreaterThan(0.04);
  });

  it('follows a conversation from side to side', () => {
    const left = Float32Array.of(...voice, ...silence());
    const right = Float32Array.of(...silence(), ...voice);
    const mixed = mix(left, right);
    expect(rms(mixed.subarray(0, RATE)) / rms(voice)).toBeCloseTo(1, 1);
    // As both have spoken lately, the other side's level is kept in reserve for a moment.
    expect(rms(mixed.subarray(RATE)) / rms(voice)).toBeGreaterThan(0.85);
  });

  it('does not depend on how the stream is cut', () => {
    const [a, b] = [tone(300, 0.3), tone(310, 0.2)];
    const mixer = new MonoMixer(2, RATE);
    const parts = [0, 1, 2, 3].map((i) => {
      const [from, to] = [(i * RATE) / 4, ((i + 1) * RATE) / 4];
      return mixer.push([a.subarray(from, to), b.subarray(from, to)]);
    });
    const whole = mix(a, b);
    const joined = parts.flatMap((part) => [...part]);
    const difference = joined.map((x, i) => x - (whole[i] ?? 0));
    expect(rms(Float32Array.from(difference))).toBeLessThan(0.02 * rms(whole));
  });
});

describe('the mix of surround sound', () => {
  const surround = (...channels: Float32Array[]) =>
    new MonoMixer(channels.length, RATE, { centre: 2, lowFrequency: 3 }).push(channels);

  it('keeps dialogue at the centre in front of what is around it', () => {
    const around = tone(900, 0.2);
    const mixed = surround(around, around, voice, tone(40, 0.9), around, around);
    expect(amplitudeOf(300, mixed)).toBeGreaterThan(0.1);
    expect(amplitudeOf(40, mixed)).toBeLessThan(0.01);
  });

  it('keeps a voice that is anywhere else', () => {
    expect(rms(surround(silence(), silence(), silence(), silence(), voice, silence()))).toBeGreaterThan(
      0.5 * rms(voice),
    );
  });

  it('leaves out effects where they are, and no other channel', () => {
    const roles = { centre: 2, lowFrequency: 5 };
    const channels = [silence(), silence(), silence(), voice, silence(), tone(40, 0.9)];
    const mixed = new MonoMixer(6, RATE, roles).push(channels);
    expect(amplitudeOf(300, mixed)).toBeGreaterThan(0.1);
    expect(amplitudeOf(40, mixed)).toBeLessThan(0.01);
  });
});

it.each([0, 1, 2, 3, 4, 5])('the mix of six microphones keeps the voice at number %i', (at) => {
  const channels = Array.from({ length: 6 }, (_, i) => (i === at ? voice : silence()));
  expect(rms(mix(...channels))).toBeCloseTo(rms(voice), 2);
});
