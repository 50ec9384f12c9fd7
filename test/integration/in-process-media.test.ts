/** What passes between a router's media worker and the interpreter's thread, packet by packet. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Producer, Router } from 'mediasoup/types';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MediaSocket } from '../../bot/in-process/media-socket.ts';
import { AUDIO_LEVEL_URI } from '../../rtp/header-extensions.ts';
import type { ReceivedPacket } from '../../rtp/received-packet.ts';
import { parseRtpPacket, writeRtpPacket } from '../../rtp/rtp-packet.ts';
import { openInProcessRoom } from '../support/in-process-room.ts';
import { createRouter, startWorker } from '../support/interpreted-router.ts';
import { until } from '../support/until.ts';

const [SSRC, PAYLOAD_TYPE, LEVEL_ID] = [77, 100, 5];

/** A microphone whose page tells the audio level. */
async function microphoneOn(router: Router): Promise<Producer> {
  const transport = await router.createDirectTransport();
  return transport.produce({
    kind: 'audio',
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: PAYLOAD_TYPE, clockRate: 48_000, channels: 2 }],
      encodings: [{ ssrc: SSRC }],
      headerExtensions: [{ uri: AUDIO_LEVEL_URI, id: LEVEL_ID }],
    },
  });
}

function packetWithLevel(sequenceNumber: number, level: number): Buffer {
  const timestamp = sequenceNumber * 960;
  const payload = Uint8Array.of(0x78, sequenceNumber);
  const packet = writeRtpPacket({
    ssrc: SSRC,
    payloadType: PAYLOAD_TYPE,
    sequenceNumber,
    timestamp,
    marker: false,
    payload,
  });
  packet.writeUInt8(0x90, 0);
  const extension = Buffer.of(0xbe, 0xde, 0, 1, LEVEL_ID << 4, level, 0, 0);
  return Buffer.concat([packet.subarray(0, 12), extension, packet.subarray(12)]);
}

describe("the interpreter's thread", () => {
  it('receives payloads, their order, and how loud they are', async () => {
    const router = await createRouter(await startWorker());
    const producer = await microphoneOn(router);
    const room = await openInProcessRoom(router);
    const packets: ReceivedPacket[] = [];
    await room.receiveAudio(producer.id, (packet) => packets.push(packet));
    for (let n = 1; n <= 5; n++) producer.send(packetWithLevel(n, 30 + n));
    await until(() => packets.length === 5);
    expect(packets.map(({ payload, audioLevel }) => [...payload, audioLevel])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [0x78, n, 30 + n]),
    );
    const [first, second] = packets;
    expect((second?.sequenceNumber ?? 0) - (first?.sequenceNumber ?? 0)).toBe(1);
    expect((second?.timestamp ?? 0) - (first?.timestamp ?? 0)).toBe(960);
  });

  it('receives nothing of a stream that was closed, and all of another', async () => {
    const router = await createRouter(await startWorker());
    const producer = await microphoneOn(router);
    const room = await openInProcessRoom(router);
    const [closed, open]: [number[], number[]] = [[], []];
    const stream = await room.receiveAudio(producer.id, ({ payload }) => closed.push(payload[1] ?? 0));
    await room.receiveAudio(producer.id, ({ payload }) => open.push(payload[1] ?? 0));
    producer.send(packetWithLevel(1, 30));
    await until(() => closed.length === 1 && open.length === 1);
    stream.close();
    producer.send(packetWithLevel(2, 30));
    await until(() => open.length === 2);
    expect([closed, open]).toEqual([[1], [1, 2]]);
  });

  it('learns that a stream has ended with its producer', async () => {
    const router = await createRouter(await startWorker());
    const producer = await microphoneOn(router);
    const room = await openInProcessRoom(router);
    let lost = 0;
    await room.receiveAudio(
      producer.id,
      () => {},
      () => lost++,
    );
    producer.close();
    await until(() => lost === 1);
  });

  it('publishes packets as it has written them, again where somebody has closed the channel', async () => {
    const router = await createRouter(await startWorker());
    const producers: Producer[] = [];
    router.observer.on('newtransport', ({ observer }) => observer.on('newproducer', (one) => producers.push(one)));
    const room = await openInProcessRoom(router);
    const channel = await room.publishChannel('es');
    const listener = await router.createDirectTransport();
    const heard = async (producer: Producer | undefined, payload: number) => {
      const { rtpCapabilities } = router;
      const consumer = await listener.consume({ producerId: producer?.id ?? '', rtpCapabilities });
      const came = once(consumer, 'rtp');
      channel.write(Uint8Array.of(0x78, payload), 4_294_967_295, true);
      const [bytes] = (await came) as [Buffer];
      return parseRtpPacket(bytes, undefined);
    };
    expect(await heard(producers[0], 1)).toMatchObject({ payload: Buffer.of(0x78, 1), marker: true });
    producers[0]?.close();
    channel.write(Uint8Array.of(0x78), 0, true);
    await until(() => producers.length === 2);
    expect(await heard(producers[1], 2)).toMatchObject({ payload: Buffer.of(0x78, 2) });
    channel.close();
    await until(() => producers[1]?.closed === true);
  });
});

describe('a media socket', () => {
  it('goes on when its peer refuses what it sends', async () => {
    const peer = createSocket('udp4').bind(0, '127.0.0.1');
    await once(peer, 'listening');
    const { port } = peer.address();
    const socket = new MediaSocket();
    onTestFinished(() => socket.close());
    let own = 0;
    await socket.connect(async (at) => {
      own = at;
      return port;
    });
    await new Promise<void>((closed) => peer.close(closed));
    for (let n = 0; n < 5; n++) {
      socket.send(packetWithLevel(n, 30));
      await new Promise(setImmediate);
    }
    const again = createSocket('udp4').bind(port, '127.0.0.1');
    onTestFinished(() => {
      again.close();
    });
    await once(again, 'listening');
    const payloads: number[] = [];
    socket.receive({ ssrc: SSRC, payloadType: PAYLOAD_TYPE, audioLevelId: LEVEL_ID }, ({ payload }) =>
      payloads.push(payload[1] ?? 0),
    );
    again.send(packetWithLevel(9, 30), own, '127.0.0.1');
    await until(() => payloads.length === 1);
    expect(payloads).toEqual([9]);
    socket.close();
    socket.send(packetWithLevel(10, 30));
  });
});
