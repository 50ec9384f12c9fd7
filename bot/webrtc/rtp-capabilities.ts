/** What our handler can receive and send: Opus, the videos whose key frames we take, and the header extensions that it reads and writes. */
import type { RtpCapabilities, RtpCodecCapability, RtpHeaderExtension } from 'mediasoup-client/types';

export const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

const extension = (uri: RtpHeaderExtension['uri'], preferredId: number): RtpHeaderExtension => ({
  kind: 'audio',
  uri,
  preferredId,
  preferredEncrypt: false,
  direction: 'sendrecv',
});

/** Without RTX what was lost comes again as it was; without bandwidth estimation the layer is the one that is asked for. */
const video = (
  name: string,
  preferredPayloadType: number,
  parameters: RtpCodecCapability['parameters'] = {},
): RtpCodecCapability => ({
  kind: 'video',
  mimeType: `video/${name}`,
  preferredPayloadType,
  clockRate: 90_000,
  parameters,
  rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
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
    video('VP8', 96),
    video('VP9', 97, { 'profile-id': 0 }),
    video('H264', 98, { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 }),
    video('AV1', 99),
  ],
  headerExtensions: [extension(MID_URI, 1), extension(AUDIO_LEVEL_URI, 10)],
});
