/** Headless participants against a real worker: DTLS, SRTP and SCTP as in a meeting. */

import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { resample } from '../../audio/resample.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { OpusReceiver } from '../../bot/incoming/opus-receiver.ts';
import { JoinError } from '../../bot/room/join-error.ts';
import { joinRoom } from '../../bot/room/join-room.ts';
import { signToken } from '../../server/auth/jwt.ts';
import { systemClock } from '../../time/clock.ts';
import { Guest, say, signalUrl } from '../support/meeting.ts';
import { randomFrom } from '../support/noise.ts';
import { type Fate, isRtp, Relay } from '../support/relay.ts';
import { spoken, textIn } from '../support/room-messages.ts';
import { interpreter, person, secret, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { envelope, joined, likeness, pitch, tone } from '../support/sound.ts';
import { udpPorts } from '../support/udp-ports.ts';
import { until } from '../support/until.ts';

describe('a headless participant', () => {
  let server: TestServer;
  const guests: Guest[] = [];
  const relays: Relay[] = [];
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(async () => {
    for (const guest of guests.splice(0)) guest.room.close();
    for (const relay of relays.splice(0)) await relay.close();
  });
  afterAll(() => server.close());

  const enter = async (...args: Parameters<typeof Guest.enter> extends [unknown, ...infer Rest] ? Rest : never) => {
    const guest = await Guest.enter(server, ...args);
    guests.push(guest);
    return guest;
  };
  const relay = async () => {
    const one = await Relay.start(signalUrl(server));
    relays.push(one);
    return one;
  };

  /** Decodes what a microphone says. */
  const listen = async (guest: Guest, producerId: string) => {
    const heard: Int16Array[] = [];
    const packets: ReceivedPacket[] = [];
    const receiver = new OpusReceiver(await createOpusDecoder(), systemClock, (samples) => heard.push(samples));
    const incoming = await guest.room.receiveAudio(producerId, (packet) => {
      packets.push(packet);
      receiver.push(packet);
    });
    return { packets, receiver, incoming, samples: () => joined(heard) };
  };

  describe('sound', () => {
    it('arrives as it was said, packet by packet', async () => {
      const [ann, eva] = [await enter(person('ann')), await enter(person('eva'))];
      const microphone = await ann.room.publishMicrophone();
      const ear = await listen(eva, await eva.microphoneOf('ann'));
      const { samples, sampleRate } = humanSpeech('queue-youarenext');
      const spoken = await say(microphone, await resample(samples, sampleRate, VOICE_SAMPLE_RATE));
      await spoken.done;
      await until(() => ear.packets.length >= spoken.packets);
      expect(ear.packets).toHaveLength(spoken.packets);
      expect(ear.receiver.counts).toMatchObject({ lost: 0, decodeErrors: 0 });
      ear.packets.reduce((before, packet) => {
        expect(packet.sequenceNumber).toBe((before.sequenceNumber + 1) & 0xffff);
        const ticks = (packet.timestamp - before.timestamp + 2 ** 32) % 2 ** 32;
        // A loop that was held up skips frames, in whole ones.
        expect(ticks % 960).toBe(0);
        return packet;
      });
      const said = envelope(samples, sampleRate);
      const heard = envelope(ear.samples(), SPEECH_SAMPLE_RATE);
      expect(likeness(said, heard)).toMatchObject({ correlation: expect.closeTo(1, 1) });
    });

    it('reaches everybody who listens, at its own pitch from each', async () => {
      const people = await Promise.all(['p1', 'p2', 'p3'].map((id) => enter(person(id))));
      const pitches = [300, 500, 700];
      const spoken = await Promise.all(
        people.map(async ({ room }, i) =>
          say(await room.publishMicrophone(), tone(pitches[i] ?? 0, 1000, VOICE_SAMPLE_RATE), { loop: true }),
        ),
      );
      const eva = await enter(person('eva'));
      const ears = await Promise.all(people.map(async (_, i) => listen(eva, await eva.microphoneOf(`p${i + 1}`))));
      await until(() => ears.every(({ packets }) => packets.length >= 60));
      for (const { stop } of spoken) stop();
      ears.forEach((ear, i) => {
        const samples = ear.samples();
        expect(pitch(samples.subarray(samples.length / 2), SPEECH_SAMPLE_RATE)).toBeCloseTo(pitches[i] ?? 0, -1.4);
      });
    });

    /** A tenth never arrives, a twentieth is 35 ms late. */
    const lossy = (fateOf: (packet: Buffer) => number): Fate => {
      return (packet) => {
        if (!isRtp(packet)) return 0;
        const fate = fateOf(packet);
        return fate < 0.1 ? undefined : fate < 0.15 ? 35 : 0;
      };
    };

    it.each(['fate', 'fateOfSent'] as const)(
      'is whole where the network loses packets: what is lost is sent again (%s)',
      async (way) => {
        const network = await relay();
        const over = { url: network.url };
        const [ann, eva] = [
          await enter(person('ann'), way === 'fateOfSent' ? over : {}),
          await enter(person('eva'), way === 'fate' ? over : {}),
        ];
        const microphone = await ann.room.publishMicrophone();
        const ear = await listen(eva, await eva.microphoneOf('ann'));
        const { samples, sampleRate } = humanSpeech('queue-youarenext');
        const speech = await resample(samples, sampleRate, VOICE_SAMPLE_RATE);
        network[way] = lossy(randomFrom(3));
        const spoken = await say(microphone, speech);
        await spoken.done;
        await until(() => ear.samples().length >= (spoken.packets - 2) * 320);
        expect(ear.receiver.counts.lost).toBeLessThan(spoken.packets / 25);
        const said = envelope(samples, sampleRate);
        expect(likeness(said, envelope(ear.samples(), SPEECH_SAMPLE_RATE)).correlation).toBeGreaterThan(0.9);
      },
    );

    it('stays intelligible where the network loses what is sent again too', async () => {
      const network = await relay();
      const [ann, eva] = [await enter(person('ann')), await enter(person('eva'), { url: network.url })];
      const microphone = await ann.room.publishMicrophone();
      const ear = await listen(eva, await eva.microphoneOf('ann'));
      // By its number: every copy of a packet has the same fate.
      network.fate = lossy((packet) => randomFrom(packet.readUInt16BE(2) * 2_654_435)());
      const { samples, sampleRate } = humanSpeech('queue-youarenext');
      const spoken = await say(microphone, await resample(samples, sampleRate, VOICE_SAMPLE_RATE));
      await spoken.done;
      await until(() => ear.samples().length >= (spoken.packets - 2) * 320);
      expect(ear.receiver.counts.lost).toBeGreaterThan(spoken.packets / 20);
      expect(ear.receiver.counts.lost).toBeLessThan(spoken.packets / 5);
      const said = envelope(samples, sampleRate);
      expect(likeness(said, envelope(ear.samples(), SPEECH_SAMPLE_RATE)).correlation).toBeGreaterThan(0.85);
    });

    it('ends when the microphone closes, and comes from the next one', async () => {
      const [ann, eva] = [await enter(person('ann')), await enter(person('eva'))];
      const first = await ann.room.publishMicrophone();
      const firstId = await eva.microphoneOf('ann');
      const ear = await listen(eva, firstId);
      const spoken = await say(first, tone(300, 1000, VOICE_SAMPLE_RATE), { loop: true });
      await until(() => ear.packets.length > 10);
      first.close();
      first.close();
      spoken.stop();
      await eva.sees('ann', ({ producers }) => producers.length === 0);
      ear.incoming.close();
      ear.incoming.close();
      const second = await ann.room.publishMicrophone();
      const again = await listen(eva, await eva.microphoneOf('ann'));
      const spokenAgain = await say(second, tone(300, 1000, VOICE_SAMPLE_RATE), { loop: true });
      await until(() => again.packets.length > 10);
      spokenAgain.stop();
      expect(eva.ends).toEqual([]);
    });

    it('stops coming when the listener closes it, and the others still hear it', async () => {
      const [ann, eva, leo] = [await enter(person('ann')), await enter(person('eva')), await enter(person('leo'))];
      const spoken = await say(await ann.room.publishMicrophone(), tone(300, 1000, VOICE_SAMPLE_RATE), { loop: true });
      const [evas, leos] = [
        await listen(eva, await eva.microphoneOf('ann')),
        await listen(leo, await leo.microphoneOf('ann')),
      ];
      await until(() => evas.packets.length > 10 && leos.packets.length > 10);
      evas.incoming.close();
      const { length } = evas.packets;
      const before = leos.packets.length;
      await until(() => leos.packets.length > before + 20);
      expect(evas.packets.length - length).toBeLessThanOrEqual(1);
      spoken.stop();
    });

    it('can be received again after a microphone closed while it was being opened', async () => {
      const [ann, eva] = [await enter(person('ann')), await enter(person('eva'))];
      const first = await ann.room.publishMicrophone();
      const receiving = eva.room.receiveAudio(await eva.microphoneOf('ann'), () => {});
      const refused = expect(receiving).rejects.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 50));
      first.close();
      await eva.sees('ann', ({ producers }) => producers.length === 0);
      await refused;
      const second = await ann.room.publishMicrophone();
      const ear = await listen(eva, await eva.microphoneOf('ann'));
      const spoken = await say(second, tone(300, 1000, VOICE_SAMPLE_RATE), { loop: true });
      await until(() => ear.packets.length > 10);
      spoken.stop();
    });

    it('cannot be received of a microphone that is gone, and nothing else suffers', async () => {
      const [ann, eva] = [await enter(person('ann')), await enter(person('eva'))];
      const microphone = await ann.room.publishMicrophone();
      const id = await eva.microphoneOf('ann');
      microphone.close();
      await eva.sees('ann', ({ producers }) => producers.length === 0);
      await expect(eva.room.receiveAudio(id, () => {})).rejects.toThrow();
      expect(eva.ends).toEqual([]);
    });
  });

  describe('captions', () => {
    const publish = async () => {
      const [bot, eva] = [await enter(interpreter('bot')), await enter(person('eva'))];
      const output = bot.room.publishCaptions('es');
      const texts: string[] = [];
      const incoming = await eva.room.receiveTexts(await eva.captionsOf('bot'), (text) => texts.push(textIn(text)));
      return { bot, eva, output, texts, incoming };
    };

    it.each([1, 200, 4000, 15_000])('of %i bytes arrive whole and in order', async (length) => {
      const { output, texts } = await publish();
      const sent = Array.from({ length: 20 }, (_, i) => `${i} ñandú ☂ `.padEnd(length, 'x').slice(0, length));
      for (const text of sent) output.send(spoken(text));
      await until(() => texts.length >= 20);
      expect(texts).toEqual(sent);
    });

    it('travel under DTLS record numbers that are used once each', async () => {
      const network = await relay();
      const records = new Map<string, string>();
      const reused: string[] = [];
      network.onSent = (packet) => {
        if (packet[0] === undefined || packet[0] < 20 || packet[0] > 23) return;
        const number = packet.subarray(3, 11).toString('hex');
        const bytes = packet.toString('hex');
        // A repeated flight of the handshake repeats its bytes.
        if ((records.get(number) ?? bytes) !== bytes) reused.push(number);
        records.set(number, bytes);
      };
      const [bot, eva] = [await enter(interpreter('bot'), { url: network.url }), await enter(person('eva'))];
      const output = bot.room.publishCaptions('es');
      const texts: string[] = [];
      await eva.room.receiveTexts(await eva.captionsOf('bot'), (text) => texts.push(textIn(text)));
      for (let i = 0; i < 20; i++) {
        output.send(spoken(`${i}`));
        await until(() => texts.length > i);
      }
      expect(records.size).toBeGreaterThan(25);
      expect(reused).toEqual([]);
    });

    it('in a burst of 1000 arrive in order, and none is lost that was not given up for a newer one', async () => {
      const { output, texts } = await publish();
      const sent = Array.from({ length: 1000 }, (_, i) => `${i} `.padEnd(200, 'x'));
      for (const text of sent) output.send(spoken(text));
      await until(() => texts.at(-1) === sent.at(-1));
      expect(texts.length).toBeGreaterThanOrEqual(500);
      const places = texts.map((text) => sent.indexOf(text));
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      expect(places).not.toContain(-1);
    });

    it('go on where a channel is closed and opened again, many times', async () => {
      const { bot, eva, output, texts, incoming } = await publish();
      output.send(spoken('first'));
      await until(() => texts.includes('first'));
      let [open, ear, id] = [output, incoming, await eva.captionsOf('bot')];
      for (let i = 0; i < 5; i++) {
        open.close();
        await eva.sees('bot', ({ dataProducers }) => dataProducers.length === 0);
        ear.close();
        open = bot.room.publishCaptions('es');
        id = await eva.captionsOf('bot', id);
        ear = await eva.room.receiveTexts(id, (text) => texts.push(textIn(text)));
        open.send(spoken(`again ${i}`));
        await until(() => texts.includes(`again ${i}`));
      }
      expect(texts).toEqual(['first', ...Array.from({ length: 5 }, (_, i) => `again ${i}`)]);
      expect([...bot.ends, ...eva.ends]).toEqual([]);
    });

    it('can be heard again after a channel closed while it was being opened', async () => {
      const [bot, eva] = [await enter(interpreter('bot')), await enter(person('eva'))];
      const first = bot.room.publishCaptions('es');
      const firstId = await eva.captionsOf('bot');
      // The first of all connects the transport, which takes a while.
      const receiving = eva.room.receiveTexts(firstId, () => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
      first.close();
      await eva.sees('bot', ({ dataProducers }) => dataProducers.length === 0);
      (await receiving).close();
      const texts: string[] = [];
      const second = bot.room.publishCaptions('es');
      await eva.room.receiveTexts(await eva.captionsOf('bot', firstId), (text) => texts.push(textIn(text)));
      second.send(spoken('hello'));
      await until(() => texts.length > 0);
      expect(texts).toEqual(['hello']);
    });

    it('of several languages stay apart', async () => {
      const [bot, eva] = [await enter(interpreter('bot')), await enter(person('eva'))];
      const languages = ['es', 'fr', 'de', 'en'];
      const outputs = languages.map((language) => bot.room.publishCaptions(language));
      const { dataProducers } = await eva.sees('bot', (view) => view.dataProducers.length === 4);
      const heard: string[] = [];
      for (const { id, booth } of dataProducers) {
        await eva.room.receiveTexts(id, (text) => heard.push(`${booth?.language} ${textIn(text)}`));
      }
      for (const [i, output] of outputs.entries()) output.send(spoken(languages[i] ?? '', languages[i]));
      await until(() => heard.length === 4);
      expect(heard.sort()).toEqual(languages.map((language) => `${language} ${language}`).sort());
    });

    it('are published by nobody without the grant', async () => {
      const ann = await enter(person('ann'));
      await expect(ann.room.publishCaptions('es').opened).rejects.toThrow();
      await expect(ann.room.publishChannel('es')).rejects.toThrow();
      expect(ann.ends).toEqual([]);
    });
  });

  describe('channels', () => {
    it('say whose voice they are where there is one for each speaker, and nothing of it where there is not', async () => {
      const ann = await enter(person('ann'));
      const bot = await enter(interpreter('bot'));
      await bot.room.publishChannel('es');
      await bot.room.publishChannel('es', 'ann');
      const { producers } = await ann.sees('bot', (view) => view.producers.length === 2);
      const stamped = { role: 'channel', language: 'es', interpreter: 'bot' };
      expect(producers.map(({ booth }) => booth)).toEqual([stamped, { ...stamped, speaker: 'ann' }]);
    });
  });

  describe('the room', () => {
    it('shows who is there and what they publish, to each as it is', async () => {
      const ann = await enter(person('ann', { name: 'Ann' }), { preferences: { speaks: 'en', reads: ['es'] } });
      const eva = await enter(person('eva'));
      expect(eva.room.self).toBe('eva');
      expect(await eva.sees('ann')).toMatchObject({ name: 'Ann', speaks: 'en', reads: ['es'], kind: 'person' });
      await ann.room.update({ hears: 'es' });
      await eva.sees('ann', ({ hears }) => hears === 'es');
      const microphone = await ann.room.publishMicrophone();
      await eva.microphoneOf('ann');
      microphone.close();
      await eva.sees('ann', ({ producers }) => producers.length === 0);
      ann.room.close();
      await until(() => !eva.room.participants.has('ann'));
      expect(ann.ends).toEqual([{ reason: 'left', retryable: false }]);
    });

    it('has one clock for everybody', async () => {
      const [ann, eva] = [await enter(person('ann')), await enter(person('eva'))];
      expect(Math.abs(ann.room.now() - eva.room.now())).toBeLessThan(100);
      expect(ann.room.now()).toBeGreaterThan(0);
    });

    it('misses nothing that happened while it was being entered, however it is bundled on the way', async () => {
      const network = await relay();
      const release = network.hold();
      const entering = enter(person('eva'), { url: network.url });
      await until(() => network.held === 1);
      const ann = await enter(person('ann'));
      await ann.room.publishMicrophone();
      await until(() => network.held === 3);
      release();
      const eva = await entering;
      expect(eva.room.participants.get('ann')?.producers).toHaveLength(1);
    });
  });

  describe('is told once that the connection is over', () => {
    it('when the server closes, with the prospect of coming back', async () => {
      const another = await startTestServer();
      const guest = await Guest.enter(another, person('ann'));
      await guest.room.publishMicrophone();
      await another.close();
      await until(() => guest.ends.length > 0);
      guest.room.close();
      expect(guest.ends).toHaveLength(1);
      expect(guest.ends[0]?.retryable).toBe(true);
    });

    it('when the network is cut, with the prospect of coming back, and leaves no socket behind', async () => {
      const before = udpPorts(process.pid).length;
      const network = await relay();
      const guest = await enter(interpreter('bot'), { url: network.url });
      await Promise.all([guest.room.publishChannel('es'), guest.room.publishCaptions('es').opened]);
      network.cut();
      await until(() => guest.ends.length > 0);
      guest.room.close();
      expect(guest.ends).toMatchObject([{ retryable: true }]);
      await until(() => udpPorts(process.pid).length <= before);
    });

    it('when the same identity joins again, for good', async () => {
      const first = await enter(person('ann'));
      await enter(person('ann'));
      await until(() => first.ends.length > 0);
      expect(first.ends).toMatchObject([{ retryable: false }]);
    });

    it('when it leaves while it is still connecting, and leaves no socket behind', async () => {
      const open = () => udpPorts(process.pid).length;
      const before = open();
      for (const waitMs of [0, 5, 20, 60, 120]) {
        const guest = await Guest.enter(server, person('ann'));
        const publishing = guest.room.publishMicrophone();
        publishing.catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        if (waitMs > 50) expect(open()).toBeGreaterThan(before);
        guest.room.close();
        await publishing.catch(() => {});
        expect(guest.ends).toEqual([{ reason: 'left', retryable: false }]);
      }
      await until(() => open() <= before);
    });
  });

  describe('is refused', () => {
    /** How joining fails, and what was told of an end. */
    const refusal = async (url: string, token: string): Promise<{ error: unknown; ends: unknown[] }> => {
      const ends: unknown[] = [];
      const events = { changed: () => {}, ended: (end: unknown) => ends.push(end) };
      const error = await joinRoom({ url, token, clock: systemClock, events }).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { error, ends };
    };

    it('with a token that is wrong, for good and with the reason', async () => {
      const { error, ends } = await refusal(signalUrl(server), 'wrong');
      expect(error).toBeInstanceOf(JoinError);
      expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(/token/) });
      expect(ends).toEqual([]);
    });

    it('with a token that has expired, for good and with the reason', async () => {
      const token = signToken(secret, { identity: 'ann', room: 'demo', grants: ['subscribe'] }, -10);
      const { error } = await refusal(signalUrl(server), token);
      expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(/expired/) });
    });

    it('where no server is, with the address and the prospect of trying again', async () => {
      const { error, ends } = await refusal('ws://127.0.0.1:9/v1/signal', 'any');
      expect(error).toBeInstanceOf(JoinError);
      expect(error).toMatchObject({ retryable: true, message: expect.stringContaining('127.0.0.1:9') });
      expect(ends).toEqual([]);
    });

    it.each([0, 1, 2])('where the connection is cut after %i replies, without word of an end', async (replies) => {
      const network = await relay();
      const joining = refusal(network.url, tokenOf(person('ann')));
      // The replies come one by one; the next is never let through.
      for (let i = 0; i < replies; i++) {
        const release = network.hold();
        await until(() => network.held > 0);
        release();
      }
      network.hold();
      await until(() => network.held > 0);
      network.cut();
      expect(await joining).toMatchObject({ error: { name: 'JoinError', retryable: true }, ends: [] });
    });
  });
});
