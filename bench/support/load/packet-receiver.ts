/**
 * A process that consumes many microphones on one transport and does nothing with their packets but count them: by the werift handler, or
 * by mediasoup-client's stock handler of Chrome on werift's `RTCPeerConnection`.
 */
import { fromMediaStreamTrack, IncomingTrack, weriftHandlerFactory } from '@mediasoup-booth/werift-handler';
import { Device } from 'mediasoup-client';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import type {
  ConsumerOptions,
  DtlsParameters,
  HandlerFactory,
  RtpCapabilities,
  TransportOptions,
} from 'mediasoup-client/types';
import { MediaStream, RTCPeerConnection, RTCSessionDescription, type MediaStreamTrack as WeriftTrack } from 'werift';
import { endWithParent } from '../../../process/parent-watchdog.mjs';

export type PacketWay = 'werift' | 'stock';

export type ToReceiver =
  | { load: { routerRtpCapabilities: RtpCapabilities; transport: TransportOptions } }
  | { connected: true }
  | { consume: ConsumerOptions[] }
  /** Asks for what was counted and used so far. */
  | { count: true };
/** A receiver's count of packets, and the CPU time that it has used. */
export type Counted = { counted: { packets: number; cpuMicroseconds: number } };
export type FromReceiver = { loaded: RtpCapabilities } | { connect: DtlsParameters } | { consuming: true } | Counted;

/** werift's own settings of a connection. */
const LOOPBACK: Partial<RTCConfiguration> & { iceAdditionalHostAddresses: string[] } = {
  iceAdditionalHostAddresses: ['127.0.0.1'],
};

const answer = (message: FromReceiver): void => void process.send?.(message);

const way = process.argv[2] as PacketWay;
let packets = 0;
let connected = (): void => {};
let transport: ReturnType<Device['createRecvTransport']> | undefined;

/** The stock handler takes these for a browser's own. */
function stockHandlerFactory(): HandlerFactory {
  Object.assign(globalThis, { RTCPeerConnection, RTCSessionDescription, MediaStream });
  return Chrome111.createFactory({});
}

async function load({ routerRtpCapabilities, transport: options }: Extract<ToReceiver, { load: unknown }>['load']) {
  const device = new Device({ handlerFactory: way === 'werift' ? weriftHandlerFactory() : stockHandlerFactory() });
  await device.load({ routerRtpCapabilities });
  transport = device.createRecvTransport({
    ...options,
    ...(way === 'stock' && { additionalSettings: LOOPBACK }),
  });
  transport.on('connect', ({ dtlsParameters }, done) => {
    connected = done;
    answer({ connect: dtlsParameters });
  });
  answer({ loaded: device.recvRtpCapabilities });
}

async function consume(list: readonly ConsumerOptions[]): Promise<void> {
  await Promise.all(
    list.map(async (options) => {
      const consumer = await transport?.consume(options);
      if (!consumer) throw new Error('nothing is loaded');
      countPackets(consumer.track);
    }),
  );
  answer({ consuming: true });
}

function countPackets(track: MediaStreamTrack): void {
  if (way === 'stock') {
    (track as unknown as WeriftTrack).onReceiveRtp.subscribe(() => packets++);
    return;
  }
  const incoming = fromMediaStreamTrack(track);
  if (!(incoming instanceof IncomingTrack)) throw new TypeError('not a track of the werift handler');
  incoming.onPacket = () => packets++;
}

endWithParent();
process.on('message', (message: ToReceiver) => {
  if ('load' in message) void load(message.load);
  else if ('connected' in message) connected();
  else if ('consume' in message) void consume(message.consume);
  else {
    const { user, system } = process.cpuUsage();
    answer({ counted: { packets, cpuMicroseconds: user + system } });
  }
});
process.once('disconnect', () => process.exit());
