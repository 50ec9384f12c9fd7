/**
 * mediasoup-client in Node.js: `weriftHandlerFactory` for its `Device`, and the tracks that it sends and receives, as RTP packets.
 *
 * @example
 * const device = await Device.factory({ handlerFactory: weriftHandlerFactory() });
 */
export {
  asMediaStreamTrack,
  fromMediaStreamTrack,
  IncomingTrack,
  OutgoingTrack,
  type ReceivedPacket,
  type ReceivedVideoPacket,
} from './media-track.ts';
export { nextSequenceNumber, sequenceDistance } from './sequence-number.ts';
export { weriftHandlerFactory } from './werift-handler.ts';
