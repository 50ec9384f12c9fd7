import { beforeEach, describe, expect, it } from 'vitest';
import { EarVoiceSpan } from '../../../../bot/playout/ear-voice-span.ts';

describe('the ear-voice span', () => {
  let earVoice: EarVoiceSpan;
  beforeEach(() => {
    earVoice = new EarVoiceSpan();
  });

  it('is from when something was said, as far as is known, to when its translation sounds', () => {
    earVoice.said('a', 1000);
    earVoice.said('a', 1100);
    earVoice.sounds('a', 'ann', 3500);
    expect(earVoice.lastOf('ann')).toBe(2400);
    expect(earVoice.lastOf('bob')).toBeUndefined();
  });

  it('is not known of what nobody said when it was said, and counts each utterance once', () => {
    earVoice.sounds('unknown', 'ann', 9500);
    earVoice.said('a', 1000);
    earVoice.sounds('a', 'ann', 2000);
    earVoice.sounds('a', 'ann', 8000);
    expect(earVoice.summary).toEqual({ count: 1, p50: 1000, p95: 1000 });
  });

  it('is summed up of the last thousand', () => {
    for (let n = 0; n < 2000; n++) {
      earVoice.said(`${n}`, 0);
      earVoice.sounds(`${n}`, `speaker ${n}`, n);
    }
    expect(earVoice.summary).toEqual({ count: 1000, p50: 1499, p95: 1949 });
    expect(earVoice.lastOf('speaker 1935')).toBeUndefined();
    expect(earVoice.lastOf('speaker 1936')).toBe(1936);
  });

  it('is not known of a translation that waited behind 64 others', () => {
    for (let n = 0; n <= 64; n++) earVoice.said(`${n}`, n);
    earVoice.sounds('0', 'ann', 5000);
    earVoice.sounds('1', 'ann', 5000);
    expect(earVoice.summary.count).toBe(1);
  });
});
