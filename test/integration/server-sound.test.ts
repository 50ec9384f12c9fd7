import {
  asMediaStreamTrack,
  fromMediaStreamTrack,
  IncomingTrack,
  OutgoingTrack,
  weriftHandlerFactory,
} from '@mediasoup-booth/werift-handler';
import { Device } from 'mediasoup-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Guest } from '../support/meeting.ts';
import { join, opus, person, startTestServer, type TestServer } from '../support/server.ts';

/** Over real ICE, DTLS and SRTP. */
describe('sound', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it('flows once the listener is ready, stops while they do not want it, and flows again', async () => {
    const { room: speaker } = await Guest.enter(server, person('speaker'));
    const microphone = await speaker.publishMicrophone();
    let timestamp = 0;
    const talking = setInterval(() => {
      timestamp += 960;
      microphone.write(Buffer.from([0xf8, 0xff, 0xfe]), timestamp, false);
    }, 20);

    const listener = await join(server, person('listener'));
    const device = new Device({ handlerFactory: weriftHandlerFactory() });
    await device.load({ routerRtpCapabilities: listener.reply.rtpCapabilities });
    const transport = device.createRecvTransport(await listener.request('transport.create', { direction: 'recv' }));
    transport.on('connect', ({ dtlsParameters }, ok, failed) => {
      listener.request('transport.connect', { transportId: transport.id, dtlsParameters }).then(() => ok(), failed);
    });
    const offered = await listener.request('consumer.create', {
      transportId: transport.id,
      producerId: listener.reply.participants[0]?.producers[0]?.id ?? '',
      rtpCapabilities: device.recvRtpCapabilities,
    });
    const consumer = await transport.consume(offered);
    const track = fromMediaStreamTrack(consumer.track);
    if (!(track instanceof IncomingTrack)) throw new TypeError('a track of another handler');
    let packets = 0;
    track.onPacket = () => packets++;
    await expect.poll(() => transport.connectionState).toBe('connected');

    const silent = async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = packets;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return packets === before;
    };
    expect(await silent()).toBe(true);
    expect(packets).toBe(0);
    await listener.request('consumer.resume', { consumerId: consumer.id });
    await expect.poll(() => packets).toBeGreaterThan(10);
    await listener.request('consumer.pause', { consumerId: consumer.id });
    expect(await silent()).toBe(true);
    await listener.request('consumer.resume', { consumerId: consumer.id });
    const before = packets;
    await expect.poll(() => packets).toBeGreaterThan(before + 10);

    clearInterval(talking);
    transport.close();
    speaker.close();
  });

  it('has no way for who is not whom they said: their transport closes, with what is on it, and they may open another', async () => {
    const room = { room: 'imposter' };
    const witness = await join(server, person('witness', room));
    const imposter = await join(server, person('imposter', room));
    const device = new Device({ handlerFactory: weriftHandlerFactory() });
    await device.load({ routerRtpCapabilities: imposter.reply.rtpCapabilities });
    const transport = device.createSendTransport(await imposter.request('transport.create', { direction: 'send' }));
    transport.on('connect', (_own, ok, failed) => {
      const fingerprint = { algorithm: 'sha-256' as const, value: Array.from({ length: 32 }, () => '00').join(':') };
      const dtlsParameters = { role: 'client' as const, fingerprints: [fingerprint] };
      imposter.request('transport.connect', { transportId: transport.id, dtlsParameters }).then(() => ok(), failed);
    });
    transport.on('produce', (_track, _ok, failed) => failed(new Error('produced by hand')));
    const microphone = { kind: 'audio', source: 'microphone', rtpParameters: opus() } as const;
    const { producerId: id } = await imposter.request('producer.create', { transportId: transport.id, ...microphone });
    const connecting = transport.produce({ track: asMediaStreamTrack(new OutgoingTrack('audio')) });
    const failing = expect(connecting).rejects.toThrow();
    await witness.hears('producer.closed', ({ producerId }) => producerId === id);
    await expect(imposter.request('transport.create', { direction: 'send' })).resolves.toHaveProperty('id');
    transport.close();
    await failing;
  });
});
