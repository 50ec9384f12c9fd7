/**
 * Is a packet worth decoding? Its header says how loud it is (RFC 6464): a microphone that is muted, or in a quiet room, costs
 * no decoder and no detector. Pure.
 *
 * Hard requirement: it never shuts within a word, nor where a sender does not say how loud it is.
 */

/** In −dBov: softer than a whisper into a microphone. */
const SOFTEST_LEVEL = 60;
const SESSION_IDLE_TIMEOUT_MS = 500;

export class AudioLevelGate {
  #openUntilMs = Number.NEGATIVE_INFINITY;

  /** @param audioLevel 0 (loudest) to 127 */
  opensFor(audioLevel: number | undefined, nowMs: number): boolean {
    if (audioLevel === undefined || audioLevel <= SOFTEST_LEVEL) this.#openUntilMs = nowMs + SESSION_IDLE_TIMEOUT_MS;
    return nowMs < this.#openUntilMs;
  }
}
