import { describe, expect, it } from 'vitest';
import { resample } from '../../../../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../../../../audio/sample-rates.ts';
import { humanSpeech } from '../../../../../bench/support/speech.ts';
import { EchoSuppressor } from '../../../../../bot/incoming/echo/echo-suppressor.ts';
import { FarEndReference } from '../../../../../bot/incoming/echo/far-end-reference.ts';
import { inRoom, louder, noise, type RoomSound, together } from '../../../../support/echo.ts';
import { chunks, envelope, joined } from '../../../../support/sound.ts';

const RATE = 16_000;
const FRAME = 320;
const NETWORK_MS = 60;
const silence = (ms: number) => new Int16Array((RATE * ms) / 1000);
const saying = (...names: string[]) => joined(names.flatMap((name) => [humanSpeech(name).samples, silence(300)]));
const levelOf = (sound: Int16Array): number => {
  const loud = envelope(sound, RATE).sort((a, b) => a - b);
  return 20 * Math.log10(loud[Math.floor(loud.length * 0.8)] ?? 1);
};
const quiet = (sound: Int16Array) => together(sound, noise(sound.length, -66));

const farEnd = saying('demo-congrats').subarray(0, 20 * RATE);
const voice = saying('basic-pbx-ivr-main').subarray(0, 20 * RATE);
const atTheEncoder = await resample(farEnd, RATE, VOICE_SAMPLE_RATE);

/** Feeds a suppressor with what a microphone picks up while the far end plays, frame by frame. */
function suppressed(mic: Int16Array, { plays = atTheEncoder, isSpeaking = false } = {}) {
  const played = new FarEndReference();
  const suppressor = new EchoSuppressor(() => [played]);
  const heard: Int16Array[] = [];
  let mostHeldMs = 0;
  const cpu = process.cpuUsage();
  for (const [i, samples] of [...chunks(mic, FRAME)].entries()) {
    const frame = plays.subarray(i * 480, (i + 1) * 480);
    if (frame.length === 480) played.push(frame, i * 20);
    heard.push(...suppressor.push(samples, { nowMs: i * 20 + NETWORK_MS, isSpeaking }));
    mostHeldMs = Math.max(mostHeldMs, suppressor.heldMs);
  }
  const load = process.cpuUsage(cpu).user / 1e6 / (mic.length / RATE);
  const out = joined(heard);
  const silenced = [...chunks(out, FRAME)].map((frame) => frame.every((sample) => sample === 0));
  return { out, silenced, suppressor, mostHeldMs, load };
}

/** Frames within so much of the loudest: words, and not the breath after them. */
const audible = (sound: Int16Array, withinDb = 25): boolean[] => {
  const levels = envelope(sound, RATE);
  const loudest = Math.max(...levels);
  return levels.map((level) => level > loudest * 10 ** (-withinDb / 20));
};
const countOf = (frames: readonly boolean[]): number => frames.filter(Boolean).length;

describe('EchoSuppressor', () => {
  const rooms: RoomSound[] = [
    {},
    { gainDb: -25, lowPassHz: 2000 },
    { gainDb: -30, delayMs: 500 },
    { gainDb: -20, delayMs: 700, lowPassHz: 3500 },
    { gainDb: -3, delayMs: 40 },
    { ringsMs: 600 },
  ];
  it.each(rooms)('silences 95 % of an echo: %o', (room) => {
    const echo = inRoom(farEnd, RATE, room);
    const { silenced, suppressor } = suppressed(quiet(echo));
    const echoes = audible(echo).slice(0, silenced.length);
    const dropped = echoes.map((isEcho, i) => isEcho && silenced[i] === true);
    expect(countOf(dropped) / countOf(echoes)).toBeGreaterThan(0.95);
    expect(suppressor.silencedMs).toBeGreaterThan(0.9 * 20 * countOf(echoes));
  });

  it('silences an echo in a noisy room', () => {
    const echo = inRoom(farEnd, RATE);
    const { silenced } = suppressed(together(echo, noise(echo.length, -50)));
    const echoes = audible(echo).slice(0, silenced.length);
    const dropped = echoes.map((isEcho, i) => isEcho && silenced[i] === true);
    expect(countOf(dropped) / countOf(echoes)).toBeGreaterThan(0.95);
  });

  describe.each([{ fromMs: 0 }, { fromMs: 8000 }])('while somebody speaks from $fromMs ms on', ({ fromMs }) => {
    it.each([-10, -5, 0, 5, 10])('keeps everything they say over an echo, at %d dB', (db) => {
      const echo = inRoom(farEnd, RATE);
      const spoken = louder(voice, levelOf(echo) - levelOf(voice) + db).fill(0, 0, (fromMs * RATE) / 1000);
      const { silenced } = suppressed(quiet(together(echo, spoken)));
      const [voices, echoes, isAudible] = [envelope(spoken, RATE), envelope(echo, RATE), audible(spoken)];
      const above = voices.map((level, i) => isAudible[i] === true && level > (echoes[i] ?? 0));
      expect(countOf(above)).toBeGreaterThan(30);
      expect(countOf(above.map((isAbove, i) => isAbove && silenced[i] === true))).toBe(0);
    });
  });

  it.each(['basic-pbx-ivr-main', 'demo-moreinfo', 'demo-echotest', 'demo-abouttotry'])(
    'lets all pass that somebody says while the far end says something else: %s',
    (name) => {
      const mic = quiet(saying(name, name, name).subarray(0, 20 * RATE));
      const { out, suppressor } = suppressed(mic);
      expect(suppressor.silencedMs).toBe(0);
      expect(out).toEqual(mic.subarray(0, out.length));
    },
  );

  it('neither changes nor holds sound while the far end is silent', () => {
    const mic = quiet(voice);
    const { out, mostHeldMs } = suppressed(mic, { plays: new Int16Array(0) });
    expect(out).toEqual(mic);
    expect(mostHeldMs).toBeLessThanOrEqual(0);
  });

  it('passes the speech of somebody who changes from loudspeaker to headset while the far end continues', () => {
    const echo = inRoom(farEnd, RATE, { gainDb: -3 });
    const mic = quiet(echo.map((sample, i) => (i < 8 * RATE ? sample : 0)));
    const spoken = louder(voice, levelOf(echo) - levelOf(voice) - 6).fill(0, 0, 10 * RATE);
    const { silenced } = suppressed(together(mic, spoken));
    const words = audible(spoken).slice(0, silenced.length);
    expect(countOf(words)).toBeGreaterThan(200);
    expect(countOf(words.map((isWord, i) => isWord && silenced[i] === true))).toBe(0);
  });

  it('does not delay somebody who already speaks when the far end starts', () => {
    const played = new FarEndReference();
    const suppressor = new EchoSuppressor(() => [played]);
    played.push(atTheEncoder.subarray(48_000, 48_480), 0);
    const word = voice.subarray(RATE, RATE + FRAME);
    expect(suppressor.push(word, { nowMs: 20, isSpeaking: true })).toEqual([word]);
  });

  it('holds at most 800 ms, and passes as many samples as it was given', () => {
    const { out, mostHeldMs, suppressor } = suppressed(quiet(inRoom(farEnd, RATE)));
    expect(mostHeldMs).toBeLessThanOrEqual(820);
    expect((out.length * 1000) / RATE + suppressor.heldMs).toBe((farEnd.length * 1000) / RATE);
  });

  it('costs a hundredth of a core at most while the far end plays', () => {
    const mic = quiet(inRoom(farEnd, RATE));
    suppressed(mic);
    const loads = [1, 2, 3].map(() => suppressed(mic).load);
    expect(Math.min(...loads)).toBeLessThan(0.01);
  });
});
