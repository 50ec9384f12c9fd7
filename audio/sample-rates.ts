/** The sample rates of sound on its way through Booth, in samples per second; all of it is mono, 16-bit. */

/** Speech on its way to a translation service, and what Opus of a microphone is decoded to. */
export const SPEECH_SAMPLE_RATE = 16_000;

/** Speech that a translation service says, and what a channel's Opus is encoded from. */
export const VOICE_SAMPLE_RATE = 24_000;

/** The RTP clock of Opus, whatever rate is coded (RFC 7587 §4.1). */
export const OPUS_CLOCK_RATE = 48_000;
