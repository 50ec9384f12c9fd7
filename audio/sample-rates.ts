/** The sample rates of sound on its way through Booth, in samples per second. All sound is mono, 16-bit. */

/** Speech that is sent to a translation service; the Opus of microphones is decoded to this rate. */
export const SPEECH_SAMPLE_RATE = 16_000;

/** Speech that a translation service returns; the Opus of an audio channel is encoded from this rate. */
export const VOICE_SAMPLE_RATE = 24_000;

/** The RTP clock of Opus, whatever rate is coded (RFC 7587 §4.1). */
export const OPUS_CLOCK_RATE = 48_000;
