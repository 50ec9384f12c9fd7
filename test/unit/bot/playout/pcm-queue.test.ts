import { describe, expect, it } from 'vitest';
import { PcmQueue } from '../../../../bot/playout/pcm-queue.ts';

const count = (from: number, length: number) => Int16Array.from({ length }, (_, i) => from + i);

describe('PcmQueue', () => {
  it('makes sound due when it arrives, or behind the sound before it', () => {
    const sound = new PcmQueue();
    sound.push(count(0, 2400), 1000);
    sound.push(count(0, 2400), 1020);
    sound.push(count(0, 2400), 5000);
    expect(sound.dueMs).toBe(1000);
    sound.drop(1200);
    expect(sound.dueMs).toBe(1050);
    sound.drop(1200);
    expect(sound.dueMs).toBe(1100);
    sound.drop(2400);
    expect(sound.dueMs).toBe(5000);
    sound.drop(99_999);
    expect(sound.dueMs).toBeUndefined();
    expect(sound.durationMs).toBe(0);
  });

  it('peeks and takes across chunks', () => {
    const sound = new PcmQueue();
    sound.push(count(0, 3), 0);
    sound.push(count(3, 3), 0);
    expect([...sound.peek(5)]).toEqual([0, 1, 2, 3, 4]);
    expect([...sound.take(4)]).toEqual([0, 1, 2, 3]);
    expect([...sound.take(4)]).toEqual([4, 5]);
  });

  it('keeps the due time when its head is replaced by fewer samples', () => {
    const sound = new PcmQueue();
    sound.push(count(0, 4800), 0);
    sound.replaceHead(480, count(7, 240));
    expect(sound.length).toBe(4800 - 240);
    expect(sound.dueMs).toBe(0);
    expect(sound.take(240)[0]).toBe(7);
    expect(sound.dueMs).toBe(20);
    expect(sound.peek(1)[0]).toBe(480);
  });
});
