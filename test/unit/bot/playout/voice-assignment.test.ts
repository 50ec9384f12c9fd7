import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseVoice, VoiceAssignment, voicesFor } from '../../../../bot/playout/voice-assignment.ts';
import { offline, qwen3, qwen35 } from '../../../../config/models.ts';

describe('the voices of a language', () => {
  it('are those that speak it, the model’s default first, none with an accent', () => {
    expect(voicesFor(qwen3, 'fr', 16)).toEqual(['Cherry', 'Nofish']);
    expect(voicesFor(qwen3, 'zh', 16)).toEqual(['Cherry', 'Nofish']);
    expect(voicesFor(qwen3, 'yue', 16)).toEqual(['Kiki']);
    expect(voicesFor({ ...qwen3, voice: 'Nofish' }, 'fr', 16)).toEqual(['Nofish', 'Cherry']);
    expect(voicesFor(offline, 'es', 16)).toEqual([]);
  });

  it('are all voices if the model does not say what they speak, and no more than allowed', () => {
    expect(voicesFor(qwen35, 'de', 16)).toHaveLength(qwen35.voices.length);
    expect(voicesFor(qwen35, 'de', 3)).toHaveLength(3);
    expect(voicesFor(qwen35, 'de', 3)[0]).toBe('Tina');
  });
});

describe('a speaker’s voice', () => {
  it('is the model’s default for all speakers if there is only one voice', () => {
    expect(new VoiceAssignment(qwen3, 1).voiceFor('ann', 'fr')).toBeUndefined();
    expect(new VoiceAssignment(qwen3, 16).voiceFor('ann', 'yue')).toBeUndefined();
    expect(new VoiceAssignment(offline, 16).voiceFor('ann', 'es')).toBeUndefined();
  });

  it('stays the same while others come and go, and is free again when the speaker has left', () => {
    const voices = new VoiceAssignment(qwen3, 2);
    const ann = voices.voiceFor('ann', 'fr');
    const bob = voices.voiceFor('bob', 'fr');
    expect(new Set([ann, bob])).toEqual(new Set(['Cherry', 'Nofish']));
    voices.voiceFor('cy', 'fr');
    expect(voices.voiceFor('ann', 'fr')).toBe(ann);
    for (const id of ['cy', 'bob']) voices.release(id);
    expect(voices.voiceFor('dee', 'fr')).toBe(bob);
  });

  it('is the same in the next meeting of the same people', () => {
    const meeting = () =>
      ['ann', 'bob', 'cy'].map((id, _, all) => [id, new VoiceAssignment(qwen35, 8).voiceFor(id, 'de'), all.length]);
    expect(meeting()).toEqual(meeting());
  });

  it('is chosen so that no voice speaks for two speakers more than another', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), fc.integer({ min: 2, max: 13 }), (speakers, most) => {
        const voices = new VoiceAssignment(qwen35, most);
        const uses = voicesFor(qwen35, 'de', most).map(
          (voice) => speakers.filter((speaker) => voices.voiceFor(speaker, 'de') === voice).length,
        );
        expect(Math.max(...uses) - Math.min(...uses)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('differs between people who come first in different meetings', () => {
    const first = Array.from({ length: 40 }, (_, i) => chooseVoice(`person ${i}`, ['a', 'b', 'c'], []));
    expect(new Set(first).size).toBe(3);
  });
});
