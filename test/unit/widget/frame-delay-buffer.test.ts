import { describe, expect, it } from 'vitest';
import { FrameDelayBuffer } from '../../../client-widget/media/frame-delay-buffer.ts';

/** Every 100 ms a frame whose name is when it came; each tenth picture needs no other. */
function held(count: number, kind: 'sound' | 'pictures', delayMs: number) {
  const frames = new FrameDelayBuffer<{ at: number; type?: string }>();
  frames.setDelay(delayMs, 0);
  for (let i = 0; i < count; i++) {
    const type = i % 10 === 0 ? 'key' : 'delta';
    frames.push({ at: i * 100, ...(kind === 'pictures' && { type }) }, i * 100);
  }
  return frames;
}
const namesOf = (frames: readonly { at: number }[]) => frames.map(({ at }) => at);

describe('FrameDelayBuffer', () => {
  it('releases frames at once without a delay', () => {
    const frames = held(1, 'sound', 0);
    expect(frames.nextAtMs).toBe(0);
    expect(namesOf(frames.due(0))).toEqual([0]);
    expect(frames.nextAtMs).toBeUndefined();
  });

  it('releases frames in order, each later by the delay', () => {
    const frames = held(3, 'pictures', 3000);
    expect(frames.due(2999)).toEqual([]);
    expect(frames.nextAtMs).toBe(3000);
    expect(namesOf(frames.due(3100))).toEqual([0, 100]);
    expect(frames.nextAtMs).toBe(3200);
  });

  it('holds at most 1000 frames for at most 8 s', () => {
    expect(held(1, 'sound', 60_000).nextAtMs).toBe(8000);
    const frames = new FrameDelayBuffer();
    frames.setDelay(8000, 0);
    for (let i = 0; i < 1003; i++) frames.push({}, 0);
    expect(frames.due(0)).toHaveLength(3);
  });

  it('holds frames longer when the delay is raised', () => {
    const frames = held(3, 'sound', 1000);
    frames.setDelay(2000, 500);
    expect(frames.due(1900)).toEqual([]);
    expect(namesOf(frames.due(2000))).toEqual([0]);
  });

  it('drops all but the last overdue audio frame when the delay is lowered', () => {
    const frames = held(30, 'sound', 3000);
    frames.setDelay(1000, 2900);
    expect(namesOf(frames.due(2900))).toEqual([1900]);
    expect(namesOf(frames.due(3000))).toEqual([2000]);
  });

  it('drops overdue video frames up to a key frame when the delay is lowered', () => {
    const frames = held(30, 'pictures', 3000);
    frames.setDelay(1500, 2900);
    expect(namesOf(frames.due(2900))).toEqual([1000, 1100, 1200, 1300, 1400]);
    const without = held(9, 'pictures', 3000);
    without.setDelay(0, 900);
    expect(namesOf(without.due(900))).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800]);
  });
});
