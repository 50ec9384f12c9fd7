/** The transports between participants and media workers, for both directions alike. */
import { MAX_ROOM_MESSAGE_BYTES } from '@mediasoup-booth/protocol';
import type { Router, WebRtcServer, WebRtcTransport } from 'mediasoup/types';

/** A transport whose other end is gone closes, and makes room for a new one. */
export async function openWebRtcTransport({
  router,
  webRtcServer,
}: {
  router: Router;
  webRtcServer: WebRtcServer;
}): Promise<WebRtcTransport> {
  const transport = await router.createWebRtcTransport({
    webRtcServer,
    enableTcp: true,
    preferUdp: true,
    enableSctp: true,
    maxReceiveMessageSize: MAX_ROOM_MESSAGE_BYTES,
  });
  transport.on('dtlsstatechange', (state) => {
    if (state === 'failed' || state === 'closed') transport.close();
  });
  return transport;
}
