/** How a microphone of the load describes what it sends, over plain RTP. */

/** The `cname` by which the host knows that the packets do not come over the participant's own transport. */
export const PLAIN_MICROPHONE = 'plain-microphone';

/** The id of the audio level's header extension. */
export const LEVEL_ID = 10;

export const plainRtpParameters = (ssrc: number) => ({
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: {} }],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' as const, id: LEVEL_ID }],
  encodings: [{ ssrc }],
  rtcp: { cname: PLAIN_MICROPHONE },
});
