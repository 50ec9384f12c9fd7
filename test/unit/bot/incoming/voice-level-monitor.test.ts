import { describe, expect, it } from 'vitest';
import { VoiceLevelMonitor } from '../../../../bot/incoming/voice-level-monitor.ts';
import { chunks, joined, tone } from '../../../support/sound.ts';

const RATE = 16_000;
const FRAME = 320;
/** A tone with peaks of `db` dBFS. */
const voice = (db: number, seconds: number) => tone(200, seconds * 1000, RATE, 32_768 * 10 ** (db / 20));

/** What a monitor reports of speech in frames of 20 ms, and after how many seconds. */
function reports(speech: Int16Array, monitor = new VoiceLevelMonitor()): [second: number, isTooQuiet: boolean][] {
  const reported: [number, boolean][] = [];
  for (const [i, frame] of [...chunks(speech, FRAME)].entries()) {
    const isTooQuiet = monitor.push(frame, i * 20);
    if (isTooQuiet !== undefined) reported.push([Math.round((i * 20) / 1000), isTooQuiet]);
  }
  return reported;
}

describe('VoiceLevelMonitor', () => {
  it('reports nothing of a voice of normal level, soft words included', () => {
    expect(reports(joined([voice(-20, 5), voice(-50, 2), voice(-30, 13)]))).toEqual([]);
  });

  it('reports after four seconds of speech that a speaker is too quiet, clicks or not', () => {
    expect(reports(voice(-52, 5))).toEqual([[4, true]]);
    expect(reports(joined([voice(-52, 2), voice(-10, 0.04), voice(-52, 3)]))).toEqual([[4, true]]);
  });

  it('repeats it every half minute while it is so', () => {
    const monitor = new VoiceLevelMonitor();
    const seconds = reports(voice(-52, 100), monitor).map(([second]) => second);
    expect(seconds).toEqual([4, 36, 68, 100]);
    expect(monitor.isTooQuiet).toBe(true);
  });

  it('reports once that the speaker has become louder', () => {
    expect(reports(joined([voice(-52, 8), voice(-30, 60)]))).toEqual([
      [4, true],
      [16, false],
    ]);
  });

  it('reports a voice on the brink six times a minute at most', () => {
    const brink = joined(Array.from({ length: 15 }, (_, i) => voice(i % 2 === 0 ? -47 : -41, 4)));
    expect(reports(brink).length).toBeLessThanOrEqual(6);
  });
});
