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

  /** Packets of 20 ms with these levels; returns the share for which the gate was open. */
  function openShare(gate: AudioLevelGate, levels: readonly number[], startMs = 0): number {
    const open = levels.filter((level, i) => gate.push(level, startMs + i * 20));
    return open.length / levels.length;
  }
  const seconds = (count: number, level: (packet: number) => number) =>
    Array.from({ length: count * 50 }, (_, i) => level(i));

  it('opens for a voice below a whisper that stands out from its room', () => {
    const gate = new AudioLevelGate();
    expect(
      openShare(
        gate,
        seconds(20, () => 85),
      ),
    ).toBe(0);
    expect(gate.push(72, 20_000)).toBe(true);
  });

  it('stays closed in the noise of a room, however it wavers', () => {
    const gate = new AudioLevelGate();
    expect(
      openShare(
        gate,
        seconds(60, (packet) => 68 + (packet % 7)),
      ),
    ).toBe(0);
  });

  it('does not take a noise that starts for a voice for longer than half a minute', () => {
    const gate = new AudioLevelGate();
    openShare(
      gate,
      seconds(10, () => 127),
    );
    openShare(
      gate,
      seconds(30, () => 65),
      10_000,
    );
    expect(
      openShare(
        gate,
        seconds(30, () => 65),
        40_000,
      ),
    ).toBe(0);
  });

  it('does not learn that a voice is noise while it goes on', () => {
    const gate = new AudioLevelGate();
    openShare(
      gate,
      seconds(5, () => 90),
    );
    // Words of 2 s with pauses of 0.3 s between them.
    const voice = seconds(60, (packet) => (packet % 115 < 100 ? 70 : 85));
    expect(openShare(gate, voice, 5000)).toBe(1);
  });
});
