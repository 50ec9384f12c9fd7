/** The RTP capabilities of the werift handler: Opus, the video codecs whose key frames can be grabbed, and two RTP header extensions. */
import type { RtpCapabilities, RtpCodecCapability, RtpHeaderExtension } from 'mediasoup-client/types';
import { AUDIO_LEVEL_URI } from '../rtp/header-extensions.ts';

export const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';

const extension = (uri: RtpHeaderExtension['uri'], preferredId: number): RtpHeaderExtension => ({
  kind: 'audio',
  uri,
  preferredId,
  preferredEncrypt: false,
  direction: 'sendrecv',
});

/** RTX and bandwidth estimation are left out on purpose: lost packets are then retransmitted unchanged, and the server sends the requested layer. */
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

/** Returns a new object at each call, as mediasoup-client modifies what it is given. */
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
