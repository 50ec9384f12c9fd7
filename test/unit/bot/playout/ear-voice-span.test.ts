import { beforeEach, describe, expect, it } from 'vitest';
import { EarVoiceSpan } from '../../../../bot/playout/ear-voice-span.ts';

describe('the ear-voice span', () => {
  let earVoice: EarVoiceSpan;
  beforeEach(() => {
    earVoice = new EarVoiceSpan();
  });

  it('is the time from the start of what was said, as far as it is known, to the start of its translation', () => {
    earVoice.setSourceStart('a', 1000);
    earVoice.setSourceStart('a', 1100);
    earVoice.started('a', 'ann', 3500);
    expect(earVoice.lastSpanMs('ann')).toBe(2400);
    expect(earVoice.lastSpanMs('bob')).toBeUndefined();
  });

  it('is unknown for an utterance without a source time, and counts each utterance once', () => {
    earVoice.started('unknown', 'ann', 9500);
    earVoice.setSourceStart('a', 1000);
    earVoice.started('a', 'ann', 2000);
    earVoice.started('a', 'ann', 8000);
    expect(earVoice.summary).toEqual({ count: 1, p50: 1000, p95: 1000 });
  });

  it('is summarised over the last thousand utterances', () => {
    for (let n = 0; n < 2000; n++) {
      earVoice.setSourceStart(`${n}`, 0);
      earVoice.started(`${n}`, `speaker ${n}`, n);
    }
    expect(earVoice.summary).toEqual({ count: 1000, p50: 1499, p95: 1949 });
    expect(earVoice.lastSpanMs('speaker 1935')).toBeUndefined();
    expect(earVoice.lastSpanMs('speaker 1936')).toBe(1936);
  });

  it('is unknown for a translation that waited behind 64 others', () => {
    for (let n = 0; n <= 64; n++) earVoice.setSourceStart(`${n}`, n);
    earVoice.started('0', 'ann', 5000);
    earVoice.started('1', 'ann', 5000);
    expect(earVoice.summary.count).toBe(1);
  });
});
