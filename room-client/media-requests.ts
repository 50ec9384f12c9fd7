/** The media signalling of Booth's own server. */
import type { ClaimedRole, TrackSource } from '@mediasoup-booth/protocol';
import type { MediaSignalling } from './media-signalling.ts';
import type { SignallingClient } from './signalling-client.ts';

/** A server that is reached answers a restart of ICE within this time; one that does not is out of reach of the signalling too. */
const RESTART_TIMEOUT_MS = 2_000;

/**
 * The `appData` of producers holds their `source` and `booth` role, and whether they begin `paused`; that of data producers their `booth` role.
 *
 * @example
 * const media = new MediaConnection({ device, signalling: mediaRequests(signallingClient), … });
 */
export const mediaRequests = (signalling: Pick<SignallingClient, 'request'>): MediaSignalling => ({
  createTransport: (direction) => signalling.request('transport.create', { direction }),
  renewIceServers: () => signalling.request('iceServers.renew', {}),
  connectTransport: (transportId, dtlsParameters) =>
    signalling.request('transport.connect', { transportId, dtlsParameters }),
  async restartIce(transportId) {
    return (await signalling.request('transport.restartIce', { transportId }, RESTART_TIMEOUT_MS)).iceParameters;
  },
  async produce({ transportId, kind, rtpParameters, appData }) {
    const { source, paused = false, booth } = appData as { source: TrackSource; paused?: boolean; booth?: ClaimedRole };
    const role = booth ? { booth } : {};
    const request = { transportId, kind, source, paused, rtpParameters, ...role };
    return (await signalling.request('producer.create', request)).producerId;
  },
  async produceData({ transportId, label, sctpStreamParameters, appData }) {
    const { booth } = appData as { booth?: ClaimedRole };
    const request = { transportId, label, sctpStreamParameters, ...(booth ? { booth } : {}) };
    return (await signalling.request('dataProducer.create', request)).dataProducerId;
  },
  closeProducer: (producerId) => signalling.request('producer.close', { producerId }),
  closeDataProducer: (dataProducerId) => signalling.request('dataProducer.close', { dataProducerId }),
  async consume({ transportId, producerId, rtpCapabilities }) {
    const request = { transportId, producerId, rtpCapabilities };
    const { id, kind, rtpParameters } = await signalling.request('consumer.create', request);
    return { id, producerId, kind, rtpParameters };
  },
  resumeConsumer: (consumerId) => signalling.request('consumer.resume', { consumerId }),
  pauseConsumer: (consumerId) => signalling.request('consumer.pause', { consumerId }),
  setPreferredLayers: (consumerId, spatialLayer) =>
    signalling.request('consumer.setPreferredLayers', { consumerId, spatialLayer }),
  closeConsumer: (consumerId) => signalling.request('consumer.close', { consumerId }),
  consumeData: (request) => signalling.request('dataConsumer.create', request),
  resumeDataConsumer: (dataConsumerId) => signalling.request('dataConsumer.resume', { dataConsumerId }),
  closeDataConsumer: (dataConsumerId) => signalling.request('dataConsumer.close', { dataConsumerId }),
});
