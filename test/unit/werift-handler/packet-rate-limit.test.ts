import { describe, expect, it } from 'vitest';
import { PacketRateLimit } from '../../../werift-handler/packet-rate-limit.ts';

describe('PacketRateLimit', () => {
  it('takes as many packets a second as may come, the first of each second, and counts the rest', () => {
    const limit = new PacketRateLimit(250);
    const taken = Array.from({ length: 25_000 }, (_, i) => limit.take(i / 5)).map((may, i) => (may ? i : -1));
    const kept = taken.filter((i) => i >= 0);
    expect(kept).toHaveLength(5 * 250);
    expect(limit.dropped).toBe(25_000 - kept.length);
    expect(kept.slice(250, 500)).toEqual(Array.from({ length: 250 }, (_, i) => 5000 + i));
  });

  it('takes everything of a sender who keeps within it', () => {
    const limit = new PacketRateLimit(250);
    expect(Array.from({ length: 3000 }, (_, i) => limit.take(i * 5)).every((may) => may)).toBe(true);
    expect(limit.dropped).toBe(0);
  });
});
