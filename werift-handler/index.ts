/**
 * mediasoup-client in Node.js: `weriftHandlerFactory` for its `Device`, and the tracks that it sends and receives, as RTP packets.
 *
 * @example
 * const device = await Device.factory({ handlerFactory: weriftHandlerFactory() });
 */
import '../process/require-node.ts';

export type { ReceivedPacket, ReceivedVideoPacket } from '../rtp/received-packet.ts';
export {
  asMediaStreamTrack,
  fromMediaStreamTrack,
  IncomingTrack,
  OutgoingTrack,
} from './media-track.ts';
export { MediaUnreachableError } from './media-unreachable-error.ts';
export { MediasoupClientVersionError } from './mediasoup-client.ts';
export { type WeriftHandlerOptions, weriftHandlerFactory } from './werift-handler.ts';
