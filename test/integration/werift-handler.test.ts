/** The werift handler against a bare mediasoup router: what a room of ours does not show. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  asMediaStreamTrack,
  fromMediaStreamTrack,
  IncomingTrack,
  OutgoingTrack,
  type ReceivedPacket,
  weriftHandlerFactory,
} from '@mediasoup-booth/werift-handler';
import * as mediasoup from 'mediasoup';
import type { Router, WebRtcTransport, Worker } from 'mediasoup/types';
import { Device } from 'mediasoup-client';
import type { Transport, TransportOptions } from 'mediasoup-client/types';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../time/clock.ts';
import { type TransportState, WeriftTransport } from '../../werift-handler/werift-transport.ts';
import { TurnServer } from '../support/turn-server.ts';
import { udpPorts } from '../support/udp-ports.ts';
import { until } from '../support/until.ts';

/** mediasoup and its client declare the same shapes, with other words for what may be absent. */
const same = <T>(value: unknown): T => value as T;

const LOOPBACK = [{ protocol: 'udp' as const, ip: '127.0.0.1' }];
const LOOPBACK_V6 = [{ protocol: 'udp' as const, ip: '::1' }];

describe('the werift handler', () => {
  let worker: Worker;
  let router: Router;
  let device: Device;
  const opened: { close(): void }[] = [];
  beforeAll(async () => {
    worker = await mediasoup.createWorker({ logLevel: 'none' });
  });
  beforeEach(async () => {
    router = await worker.createRouter({
      mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
    });
    device = new Device({ handlerFactory: weriftHandlerFactory() });
    await device.load({ routerRtpCapabilities: same(router.rtpCapabilities) });
  });
  afterEach(() => {
    for (const one of opened.splice(0)) one.close();
    router.close();
  });
  afterAll(() => worker.close());

  /** Both ends of a transport, on one router. */
  const transports = async (
    direction: 'send' | 'recv',
    { listenInfos = LOOPBACK, ...ice }: Partial<TransportOptions> & { listenInfos?: typeof LOOPBACK } = {},
  ): Promise<{ far: WebRtcTransport; near: Transport }> => {
    const far = await router.createWebRtcTransport({ listenInfos, enableSctp: true });
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = far;
    const options = {
      id,
      iceParameters,
      iceCandidates,
      dtlsParameters,
      ...(sctpParameters && { sctpParameters }),
      ...ice,
    };
    const near = direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
    near.on('connect', ({ dtlsParameters: ours }, ok, failed) => {
      far.connect({ dtlsParameters: ours }).then(ok, failed);
    });
    near.on('produce', ({ kind, rtpParameters }, ok, failed) => {
      far.produce({ kind, rtpParameters }).then(({ id }) => ok({ id }), failed);
    });
    near.on('producedata', ({ sctpStreamParameters, label = '' }, ok, failed) => {
      far.produceData({ sctpStreamParameters: same(sctpStreamParameters), label }).then(({ id }) => ok({ id }), failed);
    });
    opened.push(near);
    return { far, near };
  };

  const consume = async (far: WebRtcTransport, near: Transport, producerId: string) => {
    const consumer = await far.consume({ producerId, rtpCapabilities: device.recvRtpCapabilities, paused: true });
    const { id, kind, rtpParameters } = consumer;
    const local = await near.consume({ id, producerId, kind, rtpParameters: same(rtpParameters) });
    const track = fromMediaStreamTrack(local.track);
    if (!(track instanceof IncomingTrack)) throw new Error('no track of ours');
    const packets: ReceivedPacket[] = [];
    track.onPacket = (packet) => packets.push(packet);
    await consumer.resume();
    return { consumer, local, packets };
  };

  /** A track on which packets of two bytes leave every 20 ms, each its number. */
  const talking = () => {
    const track = new OutgoingTrack('audio');
    let n = 0;
    const timer = setInterval(() => {
      track.write(Buffer.from([n >> 8, n & 0xff]), (n * 960) % 2 ** 32, n === 0);
      n++;
    }, 20);
    opened.push({ close: () => clearInterval(timer) });
    return track;
  };

  const connectedPair = async (how: Parameters<typeof transports>[1] = {}) => {
    const [up, down] = [await transports('send', how), await transports('recv', how)];
    const track = talking();
    const producer = await up.near.produce({ track: asMediaStreamTrack(track) });
    const ear = await consume(down.far, down.near, producer.id);
    await until(() => ear.packets.length > 5);
    return { up, down, producer, track, ...ear };
  };

  it('brings packets through with payload, marker order and timestamps', async () => {
    const { packets } = await connectedPair();
    await until(() => packets.length > 30);
    const numbers = packets.map(({ payload }) => payload.readUInt16BE(0));
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
    const [first] = packets;
    packets.forEach(({ timestamp, sequenceNumber }, i) => {
      expect((timestamp - (first?.timestamp ?? 0) + 2 ** 32) % 2 ** 32).toBe(i * 960);
      expect((sequenceNumber - (first?.sequenceNumber ?? 0)) & 0xffff).toBe(i);
    });
  });

  it('reports to the server how its packets arrive, and learns what the server reports', async () => {
    const { consumer, down, up, local } = await connectedPair();
    interface Stat {
      type: string;
      roundTripTime?: number;
      fractionLost?: number;
    }
    const sentToUs = async () =>
      ((await consumer.getStats()) as unknown as Stat[]).find(({ type }) => type === 'outbound-rtp');
    // Without our receiver reports, and the sender reports that they answer, there is none.
    await expect.poll(async () => (await sentToUs())?.roundTripTime).toBeGreaterThan(0);
    expect((await sentToUs())?.fractionLost).toBe(0);
    const received = [...(await local.getStats()).values()][0] as { packetsReceived: number; packetsLost: number };
    expect(received.packetsReceived).toBeGreaterThan(20);
    expect(received.packetsLost).toBe(0);
    expect([up.near.connectionState, down.near.connectionState]).toEqual(['connected', 'connected']);
  });

  it('sends nothing while it is paused, and goes on without a gap in its numbers', async () => {
    const { producer, packets } = await connectedPair();
    producer.pause();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { length } = packets;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(packets).toHaveLength(length);
    producer.resume();
    await until(() => packets.length > length + 10);
    packets.reduce((before, packet) => {
      expect((packet.sequenceNumber - before.sequenceNumber) & 0xffff).toBe(1);
      return packet;
    });
  });

  it('sends another track in place of one, and nothing of the old', async () => {
    const { producer, packets, track } = await connectedPair();
    const silent = new OutgoingTrack('audio');
    await producer.replaceTrack({ track: asMediaStreamTrack(silent) });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { length } = packets;
    track.write(Buffer.from([9, 9]), 0, false);
    silent.write(Buffer.from([7, 7]), 0, false);
    await until(() => packets.length > length);
    expect(packets.at(-1)?.payload).toEqual(Buffer.from([7, 7]));
  });

  it('keeps up with fifty streams at once', async () => {
    const [up, down] = [await transports('send'), await transports('recv')];
    const ears = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const producer = await up.near.produce({ track: asMediaStreamTrack(talking()) });
        return consume(down.far, down.near, producer.id);
      }),
    );
    await until(() => ears.every(({ packets }) => packets.length > 20));
    for (const { packets } of ears) {
      const numbers = packets.map(({ sequenceNumber }) => sequenceNumber);
      expect(numbers).toEqual(numbers.map((_, i) => ((numbers[0] ?? 0) + i) & 0xffff));
    }
  });

  it('goes on over an ICE restart, and loses hardly a packet', async () => {
    const { up, down, packets } = await connectedPair();
    for (const { far, near } of [up, down]) await near.restartIce({ iceParameters: await far.restartIce() });
    const { length } = packets;
    await until(() => packets.length > length + 20);
    const [first, last] = [packets[0], packets.at(-1)];
    const sent = (((last?.sequenceNumber ?? 0) - (first?.sequenceNumber ?? 0)) & 0xffff) + 1;
    expect(sent - packets.length).toBeLessThanOrEqual(10);
  });

  it('connects over IPv6, and again after an ICE restart', async () => {
    const { up, down, packets } = await connectedPair({ listenInfos: LOOPBACK_V6 });
    expect(down.far.iceSelectedTuple).toMatchObject({ localAddress: '::1', remoteIp: '::1' });
    for (const { far, near } of [up, down]) await near.restartIce({ iceParameters: await far.restartIce() });
    const { length } = packets;
    await until(() => packets.length > length + 20);
  });

  it('connects to a server on both families, over one of them', async () => {
    const { down } = await connectedPair({ listenInfos: [...LOOPBACK_V6, ...LOOPBACK] });
    expect(down.near.connectionState).toBe('connected');
  });

  it('says what is missing where the server offers no UDP', async () => {
    const { near } = await transports('send', { listenInfos: [{ protocol: 'tcp' as never, ip: '127.0.0.1' }] });
    await expect(near.produce({ track: asMediaStreamTrack(talking()) })).rejects.toThrow(/listen on UDP/);
  });

  describe.each(['udp', 'tcp'] as const)('with a TURN server over %s', (protocol) => {
    const relay = async () => {
      const server = await TurnServer.start();
      opened.push(server);
      const iceServers = [{ urls: ['stun:127.0.0.1:9', server.url(protocol)], ...server.account }];
      return { server, how: { iceServers, iceTransportPolicy: 'relay' as const } };
    };

    it('sends and receives by way of it alone, and again after an ICE restart', async () => {
      const { server, how } = await relay();
      const { up, down, packets } = await connectedPair(how);
      expect(server.relayed).toBeGreaterThan(packets.length);
      const port = down.far.iceSelectedTuple?.remotePort;
      for (const { far, near } of [up, down]) await near.restartIce({ iceParameters: await far.restartIce() });
      const { length } = packets;
      await until(() => packets.length > length + 20);
      expect(down.far.iceSelectedTuple?.remotePort).not.toBe(port);
    });

    it('takes the one of the factory for transports that name none', async () => {
      const { server, how } = await relay();
      device = new Device({ handlerFactory: weriftHandlerFactory({ iceServers: how.iceServers }) });
      await device.load({ routerRtpCapabilities: same(router.rtpCapabilities) });
      await connectedPair({ iceTransportPolicy: 'relay' });
      expect(server.relayed).toBeGreaterThan(0);
    });

    it('does without it where there is a direct path and it does not answer', async () => {
      const { server, how } = await relay();
      server.isDown = true;
      const { down } = await connectedPair({ iceServers: how.iceServers });
      expect(down.near.connectionState).toBe('connected');
      expect(server.relayed).toBe(0);
    });

    it('closes its sockets with the transport', async () => {
      const { how } = await relay();
      const before = udpPorts(process.pid).length;
      const { up, down } = await connectedPair(how);
      up.near.close();
      down.near.close();
      // What stays are the sockets of the server, one for each allocation.
      await until(() => udpPorts(process.pid).length <= before + 2);
    });
  });

  it('refuses a TURN server without a password, and "relay" without a TURN server', async () => {
    const iceServers = [{ urls: 'turn:127.0.0.1:3478' }];
    await expect(transports('send', { iceServers })).rejects.toThrow(/needs "username" and "credential"/);
    await expect(transports('send', { iceTransportPolicy: 'relay' })).rejects.toThrow(/needs a TURN server/);
  });

  it('notices when the server closes the transport', async () => {
    const { down } = await connectedPair();
    const states: string[] = [];
    down.near.on('connectionstatechange', (state) => states.push(state));
    down.far.close();
    // One in ten of the server's goodbyes cannot be told from a forged one; then consent runs out.
    await until(() => states.includes('failed'));
  });

  it('survives a message of a kind that nobody knows', async () => {
    const { far, near } = await transports('recv');
    const direct = await router.createDirectTransport();
    const producer = await direct.produceData();
    const consumer = await far.consumeData({ dataProducerId: producer.id, ordered: true });
    const { id, sctpStreamParameters, label, protocol } = consumer;
    if (!sctpStreamParameters) throw new Error('no stream');
    const local = await near.consumeData({ id, dataProducerId: producer.id, sctpStreamParameters, label, protocol });
    const texts: unknown[] = [];
    local.on('message', (text: unknown) => texts.push(text));
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', onRejection);
    producer.send(Buffer.from('?'), 999);
    producer.send('understood');
    await until(() => texts.includes('understood'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', onRejection);
    expect(rejections).toEqual([]);
  });

  describe('its transport', () => {
    const connecting = (port: number) => {
      const states: { state: TransportState; reason: string | undefined }[] = [];
      const transport = new WeriftTransport(
        {
          clock: systemClock,
          iceParameters: { usernameFragment: 'x'.repeat(8), password: 'y'.repeat(32), iceLite: true },
          iceCandidates: [
            {
              foundation: 'f',
              priority: 1,
              ip: '127.0.0.1',
              address: '127.0.0.1',
              protocol: 'udp',
              port,
              type: 'host',
            },
          ],
          dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('00').join(':') }] },
          timeoutMs: 1500,
        },
        {
          onState: (state, reason) => states.push({ state, reason }),
          mayReceive: () => true,
          onRtp: () => {},
          onRtcp: () => {},
        },
      );
      opened.push(transport);
      return { transport, states };
    };

    it('fails in time where nobody answers', async () => {
      const silent = createSocket('udp4');
      silent.bind(0, '127.0.0.1');
      await once(silent, 'listening');
      const { transport, states } = connecting(silent.address().port);
      await expect(transport.connect(async () => {})).rejects.toThrow();
      silent.close();
      expect(states.map(({ state }) => state)).toEqual(['connecting', 'failed']);
      await expect(transport.sctp).rejects.toThrow();
    });

    it('fails where the server does not take its fingerprint', async () => {
      const { transport, states } = connecting(9);
      const refused = transport.connect(async () => {
        throw new Error('no such transport');
      });
      await expect(refused).rejects.toThrow('no such transport');
      expect(states.at(-1)).toEqual({ state: 'failed', reason: 'no such transport' });
    });

    it('fails where the server is another than it was said to be', async () => {
      const far = await router.createWebRtcTransport({ listenInfos: LOOPBACK });
      const { iceParameters, iceCandidates } = far;
      const states: TransportState[] = [];
      const transport = new WeriftTransport(
        {
          clock: systemClock,
          iceParameters,
          iceCandidates,
          dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('00').join(':') }] },
        },
        { onState: (state) => states.push(state), mayReceive: () => true, onRtp: () => {}, onRtcp: () => {} },
      );
      opened.push(transport);
      const connected = transport.connect((dtlsParameters) => far.connect({ dtlsParameters }));
      await expect(connected).rejects.toThrow(/fingerprint/);
      expect(states.at(-1)).toBe('failed');
    });

    it('is closed once, in any state', async () => {
      const { transport, states } = connecting(9);
      transport.close();
      transport.close();
      expect(states).toEqual([{ state: 'closed', reason: undefined }]);
      await expect(transport.connect(async () => {})).rejects.toThrow('closed');
      expect(states).toHaveLength(1);
    });

    it('opens no socket that it does not close, though it is closed while it connects', async () => {
      const before = udpPorts(process.pid).length;
      for (const waitMs of [0, 1, 3, 10, 30, 100]) {
        const { transport } = connecting(9);
        const connected = transport.connect(() => new Promise((resolve) => setTimeout(resolve, 5)));
        setTimeout(() => transport.close(), waitMs);
        await expect(connected).rejects.toThrow();
      }
      await until(() => udpPorts(process.pid).length <= before);
    });
  });
});
