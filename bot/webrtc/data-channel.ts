/** A data channel whose stream both ends know already: mediasoup's signalling tells it. */
import type { SctpStreamParameters } from 'mediasoup-client/types';
import { RTCDataChannel, RTCDataChannelParameters, type RTCSctpTransport } from 'werift';

export function negotiatedDataChannel(
  sctp: RTCSctpTransport,
  { streamId, label = '', protocol = '', ordered = true, maxRetransmits, maxPacketLifeTime }: SctpStreamParameters,
): globalThis.RTCDataChannel {
  if (streamId === undefined) throw new Error('a data channel without a stream id');
  const channel = new RTCDataChannel(
    sctp,
    new RTCDataChannelParameters({
      label,
      protocol,
      id: streamId,
      negotiated: true,
      ordered,
      ...definedOnly({ maxRetransmits, maxPacketLifeTime }),
    }),
  );
  // The same interface but for Blob and typed events, of which mediasoup-client uses neither.
  return channel as unknown as globalThis.RTCDataChannel;
}

export function definedOnly<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
