/** Arithmetic of RTP sequence numbers, which have 16 bits and wrap around (RFC 3550 §5.1). Pure. */

/**
 * How far `to` is ahead of `from`, from −32768 to 32767.
 *
 * @example
 * sequenceDistance(65_535, 1); // 2
 */
export const sequenceDistance = (from: number, to: number): number => ((to - from) << 16) >> 16;

/**
 * The sequence number that comes `by` packets after another one.
 *
 * @example
 * nextSequenceNumber(65_535); // 0
 */
export const nextSequenceNumber = (sequenceNumber: number, by = 1): number => (sequenceNumber + by) & 0xffff;
