/** RTP's sequence numbers: 16 bits, which begin again. */

/** How far `to` is ahead of `from`: −32768 to 32767. */
export const sequenceDistance = (from: number, to: number): number => ((to - from) << 16) >> 16;

/** The number that stands `by` places behind. */
export const nextSequenceNumber = (sequenceNumber: number, by = 1): number => (sequenceNumber + by) & 0xffff;
