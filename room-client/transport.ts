/** Creates a transport of mediasoup-client together with its other end on the server, over the signalling. */

import type { ClaimedRole, TrackSource, TransportDirection } from '@mediasoup-booth/protocol';
import type { Device, Transport } from 'mediasoup-client/types';
import type { SignallingClient } from './signalling-client.ts';

/**
 * Creates a transport of a direction. The `appData` of its producers holds their `source` and `booth` role, that of its data producers
 * their `booth` role.
 *
 * @throws {SignallingError} where the server creates no transport
 */
export async function createTransport(
  device: Pick<Device, 'createSendTransport' | 'createRecvTransport'>,
  signalling: SignallingClient,
  direction: TransportDirection,
): Promise<Transport> {
  const options = await signalling.request('transport.create', { direction });
  const transport = direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
  const { id: transportId } = transport;
  transport.on('connect', ({ dtlsParameters }, done, failed) => {
    signalling.request('transport.connect', { transportId, dtlsParameters }).then(done, failed);
  });
  transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
    const { source, paused, booth } = appData as { source: TrackSource; paused: boolean; booth?: ClaimedRole };
    signalling
      .request('producer.create', { transportId, kind, source, paused, rtpParameters, ...(booth ? { booth } : {}) })
      .then(({ producerId }) => done({ id: producerId }), failed);
  });
  transport.on('producedata', ({ sctpStreamParameters, label = '', appData }, done, failed) => {
    const { booth } = appData as { booth?: ClaimedRole };
    signalling
      .request('dataProducer.create', { transportId, label, sctpStreamParameters, ...(booth ? { booth } : {}) })
      .then(({ dataProducerId }) => done({ id: dataProducerId }), failed);
  });
  return transport;
}
