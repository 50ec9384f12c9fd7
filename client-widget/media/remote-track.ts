/** A track of somebody else as a page shows or plays it, and how loud its sender says it is. */

import type { TrackSource } from '@mediasoup-booth/protocol';
import type { Consumer } from 'mediasoup-client/types';
import type { WantedTrack } from './subscription-selection.ts';

export interface RemoteTrack {
  producerId: string;
  participantId: string;
  kind: 'audio' | 'video';
  source: TrackSource;
  track: MediaStreamTrack;
  receivers: readonly RTCRtpReceiver[];
  /** How loud its sender says it is now, 0-1; undefined where they send sound and say nothing of it. */
  amplitude(): number | undefined;
}

/** The browser keeps what the last packet said for 10 s. */
const CURRENT_MS = 500;

export function remoteTrack(wanted: WantedTrack, consumer: Consumer): RemoteTrack {
  const { track, rtpReceiver } = consumer;
  const receivers = rtpReceiver ? [rtpReceiver] : [];
  return { ...wanted, track, receivers, amplitude: () => amplitudeOf(consumer) };
}

function amplitudeOf(consumer: Consumer): number | undefined {
  const newest = consumer.rtpReceiver?.getSynchronizationSources()[0];
  const nowMs = performance.timeOrigin + performance.now();
  return newest && nowMs - newest.timestamp < CURRENT_MS ? newest.audioLevel : 0;
}
