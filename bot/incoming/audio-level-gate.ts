/**
 * Decides from the audio level in a packet's header (RFC 6464) whether the packet is worth decoding: a muted microphone, or one in
 * a quiet room, costs no decoder and no voice activity detector. No timers, no sockets.
 *
 * Hard requirement: the gate never closes within a word, and it stays open for a sender that does not send audio levels.
 */

/** A level in −dBov that is quieter than a whisper into a microphone. */
const QUIETEST_LEVEL = 60;
/** How long the gate stays open after the last packet that was loud enough. */
const HANGOVER_MS = 500;

export class AudioLevelGate {
  #openUntilMs = Number.NEGATIVE_INFINITY;

  /**
   * Takes the level of the next packet, in the order of the stream, and returns whether that packet is to be decoded.
   *
   * @param audioLevel from 0 (loudest) to 127 (silence); undefined where the sender does not send it
   */
  push(audioLevel: number | undefined, nowMs: number): boolean {
    if (audioLevel === undefined || audioLevel <= QUIETEST_LEVEL) this.#openUntilMs = nowMs + HANGOVER_MS;
    return nowMs < this.#openUntilMs;
  }
}
