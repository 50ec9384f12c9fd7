/** The URI of the audio level of RFC 6464, by which header extensions are negotiated. */
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
