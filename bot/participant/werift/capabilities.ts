/** What our handler can receive and send: Opus, with the header extensions that it reads and writes. */
import type { RtpCapabilities, RtpHeaderExtension } from 'mediasoup-client/types';

export const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

const extension = (uri: RtpHeaderExtension['uri'], preferredId: number): RtpHeaderExtension => ({
  kind: 'audio',
  uri,
  preferredId,
  preferredEncrypt: false,
  direction: 'sendrecv',
});

/** A new object at each call: mediasoup-client completes what it is given in place. */
export const nativeRtpCapabilities = (): RtpCapabilities => ({
  codecs: [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { minptime: 10, useinbandfec: 1 },
      rtcpFeedback: [{ type: 'nack' }],
    },
  ],
  headerExtensions: [extension(MID_URI, 1), extension(AUDIO_LEVEL_URI, 10)],
});
