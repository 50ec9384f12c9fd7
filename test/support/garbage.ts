/** Packets of random bytes, as a sender may send them in place of Opus. */
import { Random } from '../../engine/scripted/random.ts';

/** A configuration of Opus for each mode, bandwidth and duration that matters: SILK, hybrid, CELT; narrow to full band; 2.5 to 60 ms. */
export const OPUS_CONFIGURATIONS = [1, 5, 9, 11, 13, 15, 16, 19, 23, 27, 31];

/** Random bytes throughout, so that a part is no Opus at all. */
export function randomPackets(seed: number, count: number): Buffer[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => bytes(random, random.between(1, 200)));
}

/** Random bytes after a first byte that says what an encoder says: one frame of one configuration. */
export function wellFormedPackets(seed: number, count: number, configuration: number): Buffer[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const packet = bytes(random, random.between(20, 160));
    packet[0] = configuration << 3;
    return packet;
  });
}

const bytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.between(0, 255)));
