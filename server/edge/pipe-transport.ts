/** The transports between the routers of two machines: encrypted (SRTP), and what is lost on the way is sent again. */
import type { PipeTransport, Router } from 'mediasoup/types';
import type { PipeEnd } from './edge-protocol.ts';

/** Where a node receives what other nodes pipe to it. */
export interface PipeAddress {
  /** The address that is bound. */
  ip: string;
  /** What other nodes are told to send to, where it is another. */
  announcedAddress?: string | undefined;
  /** The UDP ports: one for each router of a room that has listeners elsewhere. Default: any free ones. */
  ports?: { min: number; max: number } | undefined;
}

export function openPipeTransport(
  router: Router,
  { ip, announcedAddress, ports }: PipeAddress,
): Promise<PipeTransport> {
  return router.createPipeTransport({
    listenInfo: {
      protocol: 'udp',
      ip,
      ...(announcedAddress && { announcedAddress }),
      ...(ports && { portRange: ports }),
    },
    enableSrtp: true,
    enableRtx: true,
  });
}

/** What the other end is told of a pipe. */
export function pipeEndOf({ tuple, srtpParameters }: PipeTransport, { ip, announcedAddress }: PipeAddress): PipeEnd {
  if (!srtpParameters) throw new Error('a pipe was made without SRTP');
  return { ip: announcedAddress || ip, port: tuple.localPort, srtpParameters };
}
