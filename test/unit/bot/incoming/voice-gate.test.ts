import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loudnessDetector } from '../../../../bench/support/loudness.ts';
import { humanSpeech } from '../../../../bench/support/speech.ts';
import { VoiceGate } from '../../../../bot/incoming/voice-gate.ts';
import { chunks, envelope, joined, tone } from '../../../support/sound.ts';
import { gateCost, hearPrompt, openShare } from '../../../support/voice-gate.ts';

const RATE = 16_000;
const FRAME = 320;
const silence = (ms: number) => new Int16Array((RATE * ms) / 1000);

/** Noise with a root mean square of `db`, from a generator of its own: the same every time. */
function noise(ms: number, db: number): Int16Array {
  let state = 12345;
  const amplitude = 32_768 * 10 ** (db / 20) * Math.sqrt(3);
  return Int16Array.from({ length: (RATE * ms) / 1000 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  });
}

/** What a gate lets through of a sound, in frames of 20 ms, and in which of them it was open afterwards. */
function through(gate: VoiceGate, samples: Int16Array): { heard: Int16Array; open: boolean[] } {
  const heard: Int16Array[] = [];
  const open: boolean[] = [];
  for (const frame of chunks(samples, FRAME)) {
    heard.push(...gate.push(frame));
    open.push(gate.isOpen);
  }
  return { heard: joined(heard), open };
}

describe('VoiceGate', () => {
  const { samples: speech } = humanSpeech('conf-onlyperson');
  const loudest = Math.max(...envelope(speech, RATE));

  it('stays closed in silence and in the noise of a quiet room', () => {
    expect(through(new VoiceGate(), silence(60_000)).heard).toHaveLength(0);
    expect(through(new VoiceGate(), noise(60_000, -60)).heard).toHaveLength(0);
  });

  it('passes speech from 400 ms before its first sound to 1.5 s after its last', () => {
    const before = noise(2000, -70);
    const after = noise(4000, -70);
    const whole = joined([before, speech, after]);
    const { heard, open } = through(new VoiceGate(), whole);
    expect(open.at(-1)).toBe(false);
    const env = envelope(whole, RATE);
    const audible = env.map((value) => value > loudest / 30);
    const first = audible.indexOf(true) * FRAME;
    const last = audible.lastIndexOf(true) * FRAME;
    const start = whole.length - tailStart(whole, heard);
    expect(start).toBeLessThanOrEqual(first - 0.4 * RATE + 5 * FRAME);
    expect(start + heard.length).toBeGreaterThanOrEqual(last + 1.5 * RATE);
  });

  it('passes sound without gaps, and none of it twice', () => {
    const numbered = Int16Array.from({ length: 10 * RATE }, (_, i) => ((i * 7919) % 30_000) - 15_000);
    // Loud between the 3rd and the 6th second.
    numbered.fill(0, 0, 3 * RATE);
    numbered.fill(0, 6 * RATE);
    const marked = numbered.map((sample, i) => (sample === 0 ? (i % 100) - 50 : sample));
    const { heard } = through(new VoiceGate(loudnessDetector), marked);
    const start = 3 * RATE - 0.4 * RATE;
    expect(heard.length).toBeGreaterThanOrEqual(3 * RATE + 0.4 * RATE + 1.5 * RATE);
    const offset = [start, start - FRAME].find((at) => marked.subarray(at, at + 100).every((s, i) => s === heard[i]));
    expect(offset).toBeDefined();
    expect(heard).toEqual(marked.subarray(offset, (offset ?? 0) + heard.length));
  });

  it('closes after a pause of 1.5 s, and not sooner', () => {
    const gate = new VoiceGate(loudnessDetector);
    through(gate, tone(200, 1000, RATE));
    expect(through(gate, silence(1480)).open).not.toContain(false);
    expect(through(gate, tone(200, 100, RATE)).open).not.toContain(false);
    expect(through(gate, silence(1500)).open.at(-1)).toBe(false);
  });

  it('distinguishes speech from a pause that may be its end', () => {
    const gate = new VoiceGate(loudnessDetector);
    const gateAfter = (samples: Int16Array) => {
      through(gate, samples);
      return [gate.isOpen, gate.isSpeech];
    };
    expect(gateAfter(silence(500))).toEqual([false, false]);
    expect(gateAfter(tone(200, 100, RATE))).toEqual([true, true]);
    expect(gateAfter(silence(20))).toEqual([true, false]);
    expect(gateAfter(silence(1000))).toEqual([true, false]);
    expect(gateAfter(tone(200, 20, RATE))).toEqual([true, true]);
    expect(gateAfter(silence(1500))).toEqual([false, false]);
    expect(gateAfter(silence(1500))).toEqual([false, false]);
  });

  it('detects a quiet voice after a loud one', () => {
    const gate = new VoiceGate();
    through(gate, joined([speech, silence(3000)]));
    const soft = speech.map((sample) => sample / 10);
    expect(through(gate, soft).heard.length).toBeGreaterThan(speech.length * 0.8);
  });

  it('does not adapt to a voice that speaks for minutes', () => {
    const gate = new VoiceGate();
    let heard = 0;
    for (let i = 0; i < 40; i++) heard += through(gate, speech).heard.length;
    expect(heard).toBeGreaterThan(40 * speech.length * 0.95);
  });

  it('passes only sound that it was given, for any sound in chunks of any size', () => {
    const piece = fc.record({ ms: fc.integer({ min: 1, max: 120 }), db: fc.integer({ min: -96, max: 0 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 100 }), (pieces) => {
        const gate = new VoiceGate(loudnessDetector);
        const given = pieces.map(({ ms, db }) => noise(ms, db));
        const heard = given.flatMap((samples) => gate.push(samples));
        // Each piece at most once, in the order in which they came.
        let at = 0;
        for (const samples of heard) {
          const found = given.indexOf(samples, at);
          expect(found).toBeGreaterThanOrEqual(at);
          at = found + 1;
        }
      }),
    );
  });
});

describe('VoiceGate in noise', () => {
  const prompts = [
    'conf-now-recording',
    'confbridge-only-one',
    'vm-sorry',
    'feature-not-avail-line',
    'conf-leaderhasleft',
  ];
  const steady = ['white', 'pink', 'hum', 'keyboard', 'music', 'organ'] as const;

  it.each(steady.flatMap((noise) => [0, 10, 20].map((snrDb) => [noise, snrDb] as const)))(
    'clips no first word in %s, the voice %i dB above it, and opens for the voice alone',
    (noise, snrDb) => {
      for (const name of prompts) {
        const heard = hearPrompt(name, noise, snrDb);
        expect(heard, name).toMatchObject({ clipped: false, openedByNoise: false });
        expect(heard.share, name).toBeGreaterThan(0.99);
        expect(heard.openedAfterMs, name).toBeLessThanOrEqual(300);
      }
    },
  );

  it.each([0, 5, 10, 20])('clips no first word while a dozen others talk %i dB more quietly', (snrDb) => {
    for (const name of prompts) {
      const heard = hearPrompt(name, 'babble', snrDb);
      expect(heard.clipped, name).toBe(false);
      expect(heard.share, name).toBeGreaterThan(0.9);
    }
  });

  it.each(['white', 'pink', 'hum', 'keyboard', 'music'] as const)('stays closed in %s of any loudness', (noise) => {
    for (const db of [-20, -35, -50]) expect(openShare(noise, db)).toBe(0);
  });

  it.each(['organ', 'ringing'] as const)('is held open by %s for a quarter of the time at most', (noise) => {
    for (const db of [-20, -35, -50]) expect(openShare(noise, db)).toBeLessThan(0.25);
  });

  it('costs less than a twentieth of a core for each speaker, even on a busy machine', () => {
    expect(gateCost()).toBeLessThan(50);
  });
});

/** How long the end of `whole` is that begins with what was heard. */
function tailStart(whole: Int16Array, heard: Int16Array): number {
  for (let at = 0; at + heard.length <= whole.length; at += FRAME) {
    if (heard.subarray(0, 1000).every((sample, i) => sample === whole[at + i])) return whole.length - at;
  }
  throw new Error('what was heard is no part of what was said');
}
