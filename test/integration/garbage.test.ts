/** Garbage on the bot's port, from strangers and from the server's own address: nothing changes. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { Random } from '../../engine/scripted/random.ts';
import { Guest, say, signalUrl } from '../support/meeting.ts';
import { Relay } from '../support/relay.ts';
import { caption } from '../support/room-messages.ts';
import { testSeed } from '../support/seed.ts';
import { interpreter, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { tone } from '../support/sound.ts';
import { until } from '../support/until.ts';
import { Victim } from '../support/victim.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const random = new Random(testSeed);
const pick = <T>(values: readonly [T, ...T[]]): T => values[random.between(0, values.length - 1)] ?? values[0];
const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random.between(0, 255)));

/** RTP whose header extension claims more than there is, under any payload type; some of it as long as UDP allows. */
function rtp(): Buffer {
  const packet = Buffer.concat([
    hex('90 6f 0001 00000001 00000001 bede ffff'),
    random.chance(0.01) ? Buffer.alloc(60_000, 0x10) : bytes(pick([8, 40, 200, 1200])),
  ]);
  packet[1] = random.between(0, 255);
  return packet;
}
/** Alerts and handshake messages in plain text, or claiming not to be. */
function dtls(): Buffer {
  const alert = (type: string, epoch: string) => hex(`${type} fefd ${epoch} 000000000009 0002 0100`);
  const handshake = hex('16 fefd 0000 000000000009 000f 03 000003 0000 000000 000003 fefd00');
  return pick([
    alert('15', '0000'),
    alert('15', '0001'),
    alert('18', '0001'),
    Buffer.concat([hex('17 fefd 0001 000000000009 0000'), alert('15', '0000')]),
    handshake,
    Buffer.concat([hex('16 fefd 0000 000000000009 0040'), bytes(64)]),
  ]);
}
/** Requests of somebody who would lead, and answers to what nobody asked. */
function stun(): Buffer {
  const attributes = pick([
    Buffer.concat([hex('802a 0008'), Buffer.alloc(8, 0xff), hex('0006 0004 61 3a 62 00')]),
    bytes(4 * random.between(0, 19)),
  ]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(attributes.length);
  return Buffer.concat([pick([hex('0001'), hex('0101'), hex('0111')]), length, hex('2112a442'), bytes(12), attributes]);
}
const noise = () => bytes(random.between(1, 1400));
const kinds: readonly [() => Buffer, ...(() => Buffer)[]] = [rtp, dtls, stun, noise];

describe('garbage on the port of a headless participant', () => {
  let server: TestServer;
  let victim: Victim | undefined;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(() => victim?.stop());
  afterAll(() => server.close());

  /** Sound flows through a relay to the victim, and texts too. */
  const meeting = async () => {
    const relay = await Relay.start(signalUrl(server));
    const [ann, bot] = [await Guest.enter(server, person('ann')), await Guest.enter(server, interpreter('bot'))];
    const captions = bot.room.publishCaptions('es');
    await ann.sees('bot', ({ dataProducers }) => dataProducers.length > 0);
    const spoken = await say(await ann.room.publishMicrophone(), tone(300, 1000, VOICE_SAMPLE_RATE), { loop: true });
    const producerId = await bot.microphoneOf('ann');
    const attacked = await Victim.start({ url: relay.url, token: tokenOf(person('victim')), producerId });
    victim = attacked;
    return {
      relay,
      victim: attacked,
      captions,
      leave: async () => {
        spoken.stop();
        for (const guest of [ann, bot]) guest.room.close();
        await relay.close();
      },
    };
  };

  /** Still there, still hearing and reading, without a gap. */
  const expectUnharmed = async (
    { victim, captions }: Awaited<ReturnType<typeof meeting>>,
    before: { packets: number; missing: number },
  ) => {
    const sentAt = performance.now();
    await until(() => victim.lastSignOfLifeMs > sentAt);
    const { packets } = victim.faring;
    await until(() => victim.faring.packets > packets + 50);
    const { texts } = victim.faring;
    captions.send(JSON.stringify(caption('still there?', { speaker: { id: 'ann', name: 'ann' } })));
    await until(() => victim.faring.texts > texts);
    expect(victim.isAlive).toBe(true);
    expect(victim.faring.ended).toBeUndefined();
    expect(victim.faring.missing).toBe(before.missing);
  };

  it('changes nothing when 100,000 packets of it come from strangers', async () => {
    const attacked = await meeting();
    const before = { ...attacked.victim.faring };
    const { ports } = attacked.victim;
    expect(ports.length).toBeGreaterThan(0);
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    for (let sent = 0; sent < 100_000; ) {
      for (let i = 0; i < 100; i++, sent++) socket.send(pick(kinds)(), ports[sent % ports.length], '127.0.0.1');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    socket.close();
    await expectUnharmed(attacked, before);
    await attacked.leave();
  });

  it('changes nothing when 20,000 packets of it come from the address of the server itself', async () => {
    const attacked = await meeting();
    const before = { ...attacked.victim.faring };
    for (let sent = 0; sent < 20_000; ) {
      for (let i = 0; i < 50; i++, sent++) attacked.relay.inject(pick(kinds)());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await expectUnharmed(attacked, before);
    await attacked.leave();
  });
});
