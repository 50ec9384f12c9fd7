/** A transport of mediasoup-client's, whose other end is made over the signalling. */
import type { Device } from 'mediasoup-client';
import type { Transport } from 'mediasoup-client/types';
import type { BoothRole, TrackSource } from '../../protocol/rooms.ts';
import type { SignallingClient } from '../../protocol/signalling-client.ts';

type ClaimedRole = Omit<BoothRole, 'interpreter'>;

export async function createTransport(
  device: Device,
  signalling: SignallingClient,
  direction: 'send' | 'recv',
  failed: () => void,
): Promise<Transport> {
  const options = await signalling.request('transport.create', { direction });
  const transport = direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
  const answer = <T>(reply: Promise<T>, ok: (value: T) => void, refused: (error: Error) => void) =>
    void reply.then(ok, refused);
  transport.on('connect', ({ dtlsParameters }, ok, refused) =>
    answer(signalling.request('transport.connect', { transportId: transport.id, dtlsParameters }), ok, refused),
  );
  transport.on('produce', ({ kind, rtpParameters, appData }, ok, refused) => {
    const { source, booth } = appData as { source: TrackSource; booth?: ClaimedRole };
    const request = { transportId: transport.id, kind, source, rtpParameters, ...(booth ? { booth } : {}) };
    answer(signalling.request('producer.create', request), ({ producerId }) => ok({ id: producerId }), refused);
  });
  transport.on('producedata', ({ sctpStreamParameters, label = '', appData }, ok, refused) => {
    const { booth } = appData as { booth?: ClaimedRole };
    const request = { transportId: transport.id, label, sctpStreamParameters, ...(booth ? { booth } : {}) };
    answer(
      signalling.request('dataProducer.create', request),
      ({ dataProducerId }) => ok({ id: dataProducerId }),
      refused,
    );
  });
  transport.on('connectionstatechange', (state) => {
    if (state === 'failed') failed();
  });
  return transport;
}
