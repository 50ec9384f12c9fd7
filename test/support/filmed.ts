/** A browser's page whose camera and screen show one picture, and what its connections tell of themselves. */
import type { Page } from 'playwright-core';

export interface Filming {
  /** PNG. */
  picture: Buffer;
  /** It runs through the frame, and changes its colours. */
  moves?: boolean;
  /** The only video codec that the page finds in the room; default all. */
  codec?: string;
  /** Where its signalling goes instead of to its own server. */
  signalling?: string;
}

export async function film(page: Page, { picture, moves, codec, signalling }: Filming): Promise<void> {
  const source = `data:image/png;base64,${picture.toString('base64')}`;
  await page.addInitScript(
    ({ source, moves, codec, signalling }) => {
      const connections: RTCPeerConnection[] = [];
      Object.assign(globalThis, { connections });
      globalThis.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
          super(...args);
          connections.push(this);
        }
      };
      if (signalling) {
        globalThis.WebSocket = class extends WebSocket {
          constructor(_url: string | URL, protocols?: string | string[]) {
            super(signalling, protocols);
          }
        };
      }
      const { parse } = JSON;
      JSON.parse = (text: string) => {
        const value = parse(text);
        const capabilities = value?.data?.rtpCapabilities;
        if (codec && capabilities) {
          capabilities.codecs = capabilities.codecs.filter(
            ({ kind, mimeType }: { kind: string; mimeType: string }) =>
              kind === 'audio' || mimeType.toLowerCase() === `video/${codec}`,
          );
        }
        return value;
      };
      const video = async (): Promise<MediaStream> => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.width, image.height];
        // A canvas gives a frame for each time that it is drawn.
        let frame = 0;
        setInterval(() => {
          const context = canvas.getContext('2d');
          if (!context) return;
          if (moves) context.filter = `hue-rotate(${frame * 3}deg)`;
          context.drawImage(image, moves ? ((frame++ * 7) % (2 * image.width)) - image.width / 2 : 0, 0);
        }, 50);
        return canvas.captureStream(20);
      };
      const devices = navigator.mediaDevices;
      const { getUserMedia } = devices;
      devices.getUserMedia = (wanted) => (wanted?.video ? video() : getUserMedia.call(devices, wanted));
      devices.getDisplayMedia = video;
    },
    { source, moves, codec, signalling: signalling ?? '' },
  );
}

export interface Sent {
  codec: string;
  packetsSent: number;
  retransmittedPacketsSent: number;
  keyFramesEncoded: number;
  pliCount: number;
  nackCount: number;
}

/** What the page's sender of a kind tells of itself. */
export const sentBy = (page: Page, kind: 'audio' | 'video'): Promise<Sent | undefined> =>
  page.evaluate(async (kind) => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    for (const connection of connections) {
      const stats = await connection.getStats();
      for (const stat of stats.values()) {
        if (stat.type !== 'outbound-rtp' || stat.kind !== kind) continue;
        const { packetsSent, retransmittedPacketsSent, keyFramesEncoded, pliCount, nackCount } = stat;
        const codec = stats.get(stat.codecId)?.mimeType ?? '';
        return { codec, packetsSent, retransmittedPacketsSent, keyFramesEncoded, pliCount, nackCount };
      }
    }
    return undefined;
  }, kind);
