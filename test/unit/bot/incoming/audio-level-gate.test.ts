import { describe, expect, it } from 'vitest';
import { AudioLevelGate } from '../../../../bot/incoming/audio-level-gate.ts';

describe('AudioLevelGate', () => {
  it('opens for a whisper, and not for a muted microphone or a quiet room', () => {
    expect(new AudioLevelGate().push(55, 0)).toBe(true);
    expect(new AudioLevelGate().push(127, 0)).toBe(false);
    expect(new AudioLevelGate().push(65, 0)).toBe(false);
  });

  it('stays open between two words, and closes half a second after the last', () => {
    const gate = new AudioLevelGate();
    gate.push(30, 1000);
    expect(gate.push(127, 1480)).toBe(true);
    expect(gate.push(127, 1500)).toBe(false);
  });

  it('is always open for a sender that sends no audio levels', () => {
    expect(new AudioLevelGate().push(undefined, 0)).toBe(true);
  });
});
