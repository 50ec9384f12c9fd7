import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AudioTimeline } from '../../../../bot/interpretation/audio-timeline.ts';

const FRAME_MS = 20;
const samples = (ms: number) => ms * 16;

describe('AudioTimeline', () => {
  let timeline: AudioTimeline;
  beforeEach(() => {
    timeline = new AudioTimeline();
  });

  /** Sound from `fromMs` to `untilMs` of the room, frame by frame, each `lateMs` late. */
  const said = (fromMs: number, untilMs: number, lateMs: (frame: number) => number = () => 0) => {
    for (let at = fromMs, frame = 0; at < untilMs; at += FRAME_MS, frame++) {
      timeline.sent(samples(FRAME_MS), at + FRAME_MS + lateMs(frame));
    }
  };

  it('maps sent audio to the room’s time across silences that were not sent', () => {
    said(5000, 7000);
    said(20_000, 21_000);
    expect(timeline.roomTime(0)).toBe(5000);
    expect(timeline.roomTime(1500)).toBe(6500);
    expect(timeline.roomTime(2500)).toBe(20_500);
    expect(timeline.roomTime()).toBe(21_000);
  });

  it('does not mistake jitter for silence', () => {
    said(1000, 5000, (frame) => (frame % 7) * 30);
    expect(timeline.roomTime(3000)).toBe(4000);
  });

  it('places nothing in the future when late audio arrives all at once', () => {
    said(0, 1000);
    // Kept while there was no session: three seconds at once.
    for (let i = 0; i < 150; i++) timeline.sent(samples(FRAME_MS), 4000);
    said(4000, 6000);
    expect(Math.abs(timeline.roomTime() - 6000)).toBeLessThanOrEqual(250);
  });

  it('stays within a quarter of a second of the present, whenever audio arrives', () => {
    const piece = fc.record({ ms: fc.integer({ min: 1, max: 120 }), pauseMs: fc.oneof(fc.constant(0), fc.nat(2000)) });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 200 }), (pieces) => {
        const another = new AudioTimeline();
        let now = 10_000;
        let earlier = 0;
        for (const { ms, pauseMs } of pieces) {
          now += pauseMs + (pauseMs === 0 ? 0 : ms);
          another.sent(samples(ms), now);
          expect(Math.abs(another.roomTime() - now)).toBeLessThanOrEqual(251);
          earlier = now;
        }
        expect(another.roomTime(Number.MAX_SAFE_INTEGER)).toBeGreaterThanOrEqual(earlier - 251);
      }),
    );
  });

  it('keeps 256 stretches and places older audio in the oldest of them', () => {
    for (let i = 0; i < 300; i++) said(i * 10_000, i * 10_000 + 100);
    expect(timeline.roomTime(299 * 100)).toBe(2_990_000);
    expect(timeline.roomTime(44 * 100)).toBe(440_000);
    expect(timeline.roomTime(0)).toBe(440_000);
  });

  it('returns 0 before anything was sent', () => {
    expect(timeline.roomTime(1000)).toBe(0);
  });

  it('returns no time before the room began', () => {
    timeline.sent(samples(500), 100);
    expect(timeline.roomTime(0)).toBe(0);
  });

  it('knows where speech began after each pause, and after audio that was not sent', () => {
    const paused = (fromMs: number, untilMs: number) => {
      for (let at = fromMs; at < untilMs; at += FRAME_MS) timeline.sent(samples(FRAME_MS), at + FRAME_MS, false);
    };
    said(1000, 2000);
    paused(2000, 2200);
    said(2200, 3000);
    paused(3000, 3800);
    said(3800, 5000);
    said(20_000, 21_000);
    expect([0, 1, 2001, 2801, 4001].map((earliestMs) => timeline.speechStart(earliestMs))).toEqual([
      0, 2800, 2800, 4000, 4001,
    ]);
  });
});
