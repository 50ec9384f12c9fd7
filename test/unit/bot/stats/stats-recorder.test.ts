import type { SpeakerStats } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { StatsRecorder } from '../../../../bot/stats/stats-recorder.ts';

const speaker = (id: string, lost: number, waitingMs = 0): SpeakerStats => ({
  speaker: id,
  packets: { received: 100, dropped: 0, nacked: 0, lost, repaired: 0, late: 0, decodeErrors: 0, garbage: 0 },
  speechDroppedMs: 10,
  speechWaitingMs: waitingMs,
  echoSuppressedMs: 0,
});
const counts = (playedMs: number) => ({ playedMs, trimmedMs: 0, stretchedMs: 0, skippedMs: 5, underruns: 1 });
const nobody = { speakers: [], channels: [], openSessions: 0 };

describe('StatsRecorder', () => {
  it('keeps the totals of a speaker who leaves and adds to them when they come back', () => {
    const recorder = new StatsRecorder();
    recorder.speakerRemoved(speaker('ana', 3, 900));
    expect(recorder.snapshot(nobody).speakers).toMatchObject([
      { speaker: 'ana', packets: { lost: 3 }, speechDroppedMs: 10, speechWaitingMs: 0 },
    ]);
    const back = recorder.snapshot({ ...nobody, speakers: [speaker('ana', 1, 200)] });
    expect(back.speakers).toMatchObject([
      { packets: { lost: 4, received: 200 }, speechDroppedMs: 20, speechWaitingMs: 200 },
    ]);
  });

  it('counts at most 64 speakers who have left, the latest ones', () => {
    const recorder = new StatsRecorder();
    for (let i = 0; i < 70; i++) recorder.speakerRemoved(speaker(`p${i}`, 1));
    const { speakers } = recorder.snapshot(nobody);
    expect(speakers).toHaveLength(64);
    expect(speakers[0]?.speaker).toBe('p6');
  });

  it('adds up the tracks of a language, and reports each delay once', () => {
    const recorder = new StatsRecorder();
    recorder.record('es', 'queueDelayMs', 700);
    recorder.record('es', 'earVoiceSpanMs', 2500);
    const channels = [
      { language: 'es', counts: counts(1000) },
      { language: 'es', counts: counts(500) },
    ];
    expect(recorder.snapshot({ ...nobody, channels }).channels).toEqual([
      { language: 'es', playedMs: 1500, skippedMs: 10, underruns: 2, queueDelayMs: [700], earVoiceSpanMs: [2500] },
    ]);
    expect(recorder.snapshot({ ...nobody, channels }).channels).toMatchObject([
      { queueDelayMs: [], earVoiceSpanMs: [] },
    ]);
  });

  it('keeps the latest 64 delays where more come between two reports', () => {
    const recorder = new StatsRecorder();
    for (let ms = 0; ms < 100; ms++) recorder.record('es', 'queueDelayMs', ms);
    const [es] = recorder.snapshot({ ...nobody, channels: [{ language: 'es', counts: counts(1) }] }).channels;
    expect(es?.queueDelayMs).toHaveLength(64);
    expect(es?.queueDelayMs.at(-1)).toBe(99);
  });

  it('counts sessions that opened, and errors by their class', () => {
    const recorder = new StatsRecorder();
    recorder.sessionOpened();
    recorder.sessionFailed('throttle');
    recorder.sessionFailed('throttle');
    expect(recorder.snapshot({ ...nobody, openSessions: 2 }).sessions).toMatchObject({
      open: 2,
      opened: 1,
      errors: { throttle: 2, transient: 0 },
    });
  });
});
