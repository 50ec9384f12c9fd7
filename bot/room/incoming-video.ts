/** A video of the room, as its consumer on the server and its track here make it. */
import { parseScalabilityMode } from 'mediasoup-client';
import type { RtpParameters } from 'mediasoup-client/types';
import type { SignallingClient } from '../../protocol/signalling-client.ts';
import { codecOf } from '../vision/key-frame/key-frame.ts';
import type { IncomingTrack } from '../webrtc/media-track.ts';
import type { Incoming, IncomingVideo } from './room-connection.ts';

/** A producer that is received. */
export interface ConsumedProducer {
  consumerId: string;
  rtpParameters: RtpParameters;
  track: IncomingTrack;
  incoming: Incoming;
}

export function incomingVideo(
  signalling: SignallingClient,
  { consumerId, rtpParameters, track, incoming }: ConsumedProducer,
): IncomingVideo {
  const mimeType = rtpParameters.codecs[0]?.mimeType ?? '';
  const codec = codecOf(mimeType);
  if (!codec) throw new Error(`a video of an unknown kind: ${mimeType}`);
  return {
    codec,
    spatialLayers: parseScalabilityMode(rtpParameters.encodings?.[0]?.scalabilityMode).spatialLayers,
    async resume() {
      await signalling.request('consumer.resume', { consumerId });
    },
    async pause() {
      await signalling.request('consumer.pause', { consumerId });
    },
    async prefer(spatialLayer) {
      await signalling.request('consumer.setPreferredLayers', { consumerId, spatialLayer });
    },
    requestKeyFrame: () => track.requestKeyFrame(),
    close: () => incoming.close(),
  };
}
