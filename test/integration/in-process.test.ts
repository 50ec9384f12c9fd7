/**
 * An application with mediasoup that has its rooms interpreted in its own process: a real media worker, the real thread, recorded human
 * speech, and the simulator of the service.
 */
import type { RoomMessage } from '@mediasoup-booth/protocol';
import type { Producer } from 'mediasoup/types';
import { describe, expect, it } from 'vitest';
import { levelDb } from '../../audio/level.ts';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { parseRtpPacket } from '../../bot/in-process/rtp-packet.ts';
import {
  createRouter,
  NotingHost,
  openMicrophone,
  startBooth,
  startSimulator,
  startWorker,
} from '../support/interpreted-router.ts';
import { until } from '../support/until.ts';

const SENTENCE = 'conf-waitforleader';

const isFinal = (kind: 'original' | 'translation') => (message: RoomMessage) =>
  message.type === 'caption' && message.kind === kind && message.final;

/** The loudest of the sound that a producer sends, in dB, once it has sent enough. */
async function loudness(router: Awaited<ReturnType<typeof createRouter>>, producer: Producer): Promise<() => number> {
  const transport = await router.createDirectTransport();
  const { rtpCapabilities } = router;
  const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
  const decoder = await createOpusDecoder();
  let loudest = Number.NEGATIVE_INFINITY;
  consumer.on('rtp', (bytes) => {
    const packet = parseRtpPacket(bytes, undefined);
    if (packet && packet.payload.length > 0) loudest = Math.max(loudest, levelDb(decoder.decode(packet.payload)));
  });
  return () => loudest;
}

describe('a room that is interpreted in process', () => {
  it('has captions and a voice in the language that somebody hears and reads', async () => {
    const router = await createRouter(await startWorker());
    const booth = startBooth({ engine: await startSimulator() });
    const host = new NotingHost();
    const room = await booth.interpret(router, host);
    const messages: RoomMessage[] = [];
    room.on('message', (message) => messages.push(message));
    room.person('ann', { name: 'Ann', speaks: 'en-GB' });
    room.person('bea', { hears: 'es', reads: ['es'] });
    const microphone = await openMicrophone(router);
    room.microphone('ann', microphone.producer);

    await until(() => host.has('bea').join() === 'captions es,channel es');
    expect(host.has('ann')).toEqual([]);
    const channel = host.it('bea', 'channel es') as Producer;
    expect(channel.appData).toEqual({ booth: { role: 'channel', language: 'es', interpreter: 'booth-interpreter' } });
    const loudest = await loudness(router, channel);
    await microphone.says(SENTENCE);
    await until(() => messages.some(isFinal('translation')));
    await until(() => loudest() > -40);
    expect(room.recent('es').some(isFinal('translation'))).toBe(true);
    expect(room.recent('fr')).toEqual([]);
    await until(() => room.usage().total.tokens > 0);
    expect(booth.usage().total.tokens).toBe(room.usage().total.tokens);
  });
});
