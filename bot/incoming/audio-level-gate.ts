/**
 * Decides from the audio level in a packet's header (RFC 6464) whether the packet is worth decoding: a muted microphone, or one in
 * a quiet room, costs no decoder and no voice activity detector. No timers, no sockets.
 *
 * A quiet speaker may be as quiet as the room of a loud one, so below the level of a whisper the threshold follows the noise of the
 * sender's own room: what stands out from that may be speech.
 *
 * Hard requirement: the gate never closes within a word, and it stays open for a sender that does not send audio levels.
 */

/** A level in −dBov that is always loud enough: a whisper into a microphone. */
const WHISPER_LEVEL = 60;
/** The quietest level in −dBov that may be speech; a recogniser understands nothing below it. */
const QUIETEST_SPEECH_LEVEL = 80;
/** Speech below a whisper is louder than the quietest moments of its room by this many decibels; the noise of a room is not. */
const ABOVE_NOISE_DB = 10;
/** The noise floor falls to a quieter packet at once, and rises this fast: slowly enough that it does not follow a sentence. */
const FLOOR_RISE_DB_PER_MS = 1 / 1000;
/** Packets that do not come, as while muted, say nothing of the noise: the floor rises for this long at the most between two packets. */
const MAX_RISE_MS = 100;
/** How long the gate stays open after the last packet that was loud enough. */
const HANGOVER_MS = 500;

export class AudioLevelGate {
  #openUntilMs = Number.NEGATIVE_INFINITY;
  #lastPacketMs = Number.POSITIVE_INFINITY;
  /** The quietest level of late, in −dBov. */
  #noiseFloor = 0;

  /**
   * Takes the level of the next packet, in the order of the stream, and returns whether that packet is to be decoded.
   *
   * @param audioLevel from 0 (loudest) to 127 (silence); undefined where the sender does not send it
   */
  push(audioLevel: number | undefined, nowMs: number): boolean {
    if (audioLevel === undefined || this.#isLoud(audioLevel, nowMs)) this.#openUntilMs = nowMs + HANGOVER_MS;
    return nowMs < this.#openUntilMs;
  }

  #isLoud(audioLevel: number, nowMs: number): boolean {
    const elapsedMs = Math.min(Math.max(0, nowMs - this.#lastPacketMs), MAX_RISE_MS);
    this.#lastPacketMs = nowMs;
    const quietest = Math.min(audioLevel, QUIETEST_SPEECH_LEVEL + ABOVE_NOISE_DB);
    this.#noiseFloor = Math.max(quietest, this.#noiseFloor - elapsedMs * FLOOR_RISE_DB_PER_MS);
    const threshold = Math.min(QUIETEST_SPEECH_LEVEL, this.#noiseFloor - ABOVE_NOISE_DB);
    return audioLevel <= Math.max(WHISPER_LEVEL, threshold);
  }
}
