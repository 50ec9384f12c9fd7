/**
 * Messages that no honest peer sends, for what the interpreter, the page and the engine read: valid ones with bytes changed, left out or added,
 * and random bytes. Each target says what must hold after each message; it throws where that does not.
 */

import { RoomMessage } from '@mediasoup-booth/protocol';
import { createOpusDecoder, createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { OpusReceiver } from '../../bot/incoming/opus-receiver.ts';
import { FrameAssembler } from '../../bot/vision/key-frame/frame-assembler.ts';
import { type VideoCodec, videoCodecs } from '../../bot/vision/key-frame/key-frame.ts';
import { SpeakerNotices } from '../../client-widget/captions/notices.ts';
import { roomMessage } from '../../client-widget/media/room-message.ts';
import { Random } from '../../engine/scripted/random.ts';
import { InvalidMessage, parseClientMessage } from '../../engine/wire/client-messages.ts';
import { offlineDialect, serverDialects } from '../../engine/wire/dialects.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { accepts, ssrcOf } from '../../werift-handler/datagram-filter.ts';
import { audioNackTiming, NackGenerator } from '../../werift-handler/nack-generator.ts';
import { RetransmissionBuffer } from '../../werift-handler/retransmission-buffer.ts';
import { ReceiverStatistics } from '../../werift-handler/rtcp-statistics.ts';
import { ScriptedService } from './livetranslate.ts';
import { sentence } from './livetranslate-sentence.ts';
import { caption, playout } from './room-messages.ts';
import { tone } from './sound.ts';

/** Takes one message. */
type Target = (random: Random) => void;

/** After so many messages an engine's session or a video is begun anew, so that all of its states are met. */
const MESSAGES_EACH = 200;

/** What each message is sent to, by name; each target is asked for the same number of messages. */
export async function fuzzTargets(): Promise<Record<string, Target>> {
  const video = Object.fromEntries(videoCodecs.map((codec) => [`${codec} packets`, videoTarget(codec)]));
  return {
    datagrams,
    'opus packets': await opusTarget(),
    ...video,
    'sequence numbers and reports': rtcpTarget(),
    'events of the service': serviceTarget(),
    'room messages': roomMessageTarget(),
    'messages of the engine’s clients': engineTarget,
  };
}

function datagrams(random: Random): void {
  const packet = mutated(random, pick(random, DATAGRAMS));
  const accepted = accepts(packet, { fromPeer: true, established: random.chance(0.8) });
  if (accepted) ssrcOf(packet);
  expectThat(!accepted || packet.length <= 1500, 'a datagram that is too long was accepted');
}

const DATAGRAMS = [
  Buffer.from(`906f000100000001000000aabede0001${'10'.repeat(4)}${'5a'.repeat(60)}`, 'hex'),
  Buffer.from(`80c80006000000aa${'01'.repeat(40)}`, 'hex'),
  Buffer.from(`17fefd0001000000000009000f${'33'.repeat(15)}`, 'hex'),
  Buffer.from(`010100002112a442${'07'.repeat(12)}`, 'hex'),
];

async function opusTarget(): Promise<Target> {
  const encoder = await createOpusEncoder();
  const sound = tone(220, 400, 24_000);
  const speech: Buffer[] = [];
  for (let at = 0; at + OPUS_FRAME_SAMPLES <= sound.length; at += OPUS_FRAME_SAMPLES)
    speech.push(Buffer.from(encoder.encode(sound.subarray(at, at + OPUS_FRAME_SAMPLES))));
  encoder.close();
  const clock = new FakeClock();
  const receiver = new OpusReceiver(await createOpusDecoder(), clock, (samples) =>
    expectThat(samples.length <= 1920, 'a packet gave more than 120 ms of sound'),
  );
  let sequenceNumber = 0;
  return (random) => {
    sequenceNumber = random.chance(0.02) ? random.between(0, 65_535) : (sequenceNumber + 1) & 0xffff;
    const audioLevel = random.chance(0.5) ? random.between(0, 127) : undefined;
    const payload = mutated(random, pick(random, speech));
    receiver.push({ sequenceNumber, timestamp: random.between(0, 2 ** 32 - 1), payload, audioLevel });
    clock.advance(random.between(0, 40));
    expectThat(clock.pending <= 1, 'a receiver has more than one timer');
  };
}

/** First bytes of key frames and of fragments of them. */
const VIDEO_PAYLOADS: Record<VideoCodec, readonly Buffer[]> = {
  vp8: [hex('10 9d012a 8002 e001 00000000'), hex('90 80 12 10 02 00 9d 01 2a 80 02 e0 01'), hex('00 0102030405')],
  vp9: [hex('8e 80 01 82 49 83 42 00 27 f0 1d f6'), hex('ca 80 10 00 1c 02 01 02 03'), hex('04 0102030405')],
  h264: [
    hex('67 42c01f da014016ec04400000030040000f03c60ca8'),
    hex('78 0008 6742c01fda014016 0004 68ce3c80 0004 65888400'),
    hex('7c 85 8884001020'),
    hex('7c 45 0102'),
  ],
  av1: [hex('18 0a0b0000002cf9bffe0ff040 3200'), hex('10 0a0b 00000024c4ffdf3f'), hex('88 0102030405')],
};

function videoTarget(codec: VideoCodec): Target {
  let assembler = new FrameAssembler(codec);
  let [messages, sequenceNumber, timestamp] = [0, 0, 0];
  return (random) => {
    if (++messages % MESSAGES_EACH === 0) assembler = new FrameAssembler(codec);
    sequenceNumber = random.chance(0.05) ? random.between(0, 65_535) : (sequenceNumber + 1) & 0xffff;
    if (random.chance(0.2)) timestamp = random.between(0, 2 ** 32 - 1);
    const payload = mutated(random, pick(random, VIDEO_PAYLOADS[codec]));
    assembler.push({ sequenceNumber, timestamp, marker: random.chance(0.3), payload });
    expectThat(assembler.heldPackets <= 1024, 'more than 1024 packets are held');
  };
}

function rtcpTarget(): Target {
  const nacks = new NackGenerator(audioNackTiming);
  const sent = new RetransmissionBuffer();
  const statistics = new ReceiverStatistics(48_000);
  let nowMs = 0;
  return (random) => {
    nowMs += random.between(0, 50);
    const [sequenceNumber, timestamp] = [random.between(0, 65_535), random.between(0, 2 ** 32 - 1)];
    nacks.push(sequenceNumber, nowMs);
    expectThat(nacks.takeDue(nowMs).length <= 100, 'more than 100 packets are requested again');
    sent.push({ sequenceNumber, packet: Buffer.alloc(1) }, nowMs);
    const lost = Array.from({ length: random.between(0, 17) }, () => random.between(0, 2 ** 17));
    expectThat(sent.takeForRetransmission(lost, nowMs).length <= lost.length, 'more is sent again than was lost');
    statistics.addPacket(sequenceNumber, timestamp, nowMs);
    if (random.chance(0.1)) statistics.addSenderReport(BigInt(timestamp) << 32n, nowMs);
    if (random.chance(0.1)) statistics.createReport(1, nowMs).serialize();
  };
}

function serviceTarget(): Target {
  const frames = sentence.map((frame) => JSON.stringify(frame));
  let service = new ScriptedService().ready();
  let messages = 0;
  return (random) => {
    if (++messages % MESSAGES_EACH === 0) {
      service.client.close();
      service.clock.advance(60_000);
      service = new ScriptedService().ready();
    }
    service.says(mutatedJson(random, pick(random, frames)));
    service.clock.advance(random.between(0, 20));
    const failure = service.logged.find((line) => line.includes('listener failed'));
    expectThat(failure === undefined, failure ?? '');
    service.logged.length = 0;
  };
}

function roomMessageTarget(): Target {
  const valid = [caption('u1', { sourceUtterance: 'u0', tentative: 'y' }), playout('u1', 'started', 5)].map((one) =>
    JSON.stringify(one),
  );
  const status = { v: 1, type: 'status', seq: 1, language: 'es', speaker: { id: 'ben', name: 'Ben' } };
  valid.push(JSON.stringify({ ...status, state: 'reconnecting', message: 'why', queueMs: 0, listeners: 1 }));
  const notices = new SpeakerNotices();
  let nowMs = 0;
  return (random) => {
    const text = mutatedJson(random, pick(random, valid));
    const message = roomMessage(text);
    nowMs += random.between(0, 1000);
    if (message?.type === 'status') notices.status(message, nowMs);
    if (message?.type === 'playout') notices.playout(message, nowMs);
    if (message?.type === 'caption') notices.captioned(message.speaker, nowMs);
    expectThat(notices.at(nowMs).notices.length <= 200, 'notices pile up');
    RoomMessage.safeParse(message);
  };
}

const CLIENT_MESSAGES = [
  {
    type: 'session.update',
    session: {
      modalities: ['text', 'audio'],
      voice: 'Cherry',
      input_audio_format: 'pcm16',
      translation: { language: 'es', corpus: { phrases: { Booth: 'Cabina' } } },
    },
  },
  { type: 'input_audio_buffer.append', audio: Buffer.alloc(320, 1).toString('base64') },
  { type: 'input_image_buffer.append', image: Buffer.alloc(64, 2).toString('base64') },
  { type: 'session.finish' },
].map((message) => JSON.stringify(message));

function engineTarget(random: Random): void {
  const text = mutatedJson(random, pick(random, CLIENT_MESSAGES));
  const dialect = pick(random, [offlineDialect, ...Object.values(serverDialects)]);
  try {
    parseClientMessage(text, dialect);
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
  }
}

/** A message as it is, with up to four changes, cut short, or random bytes. */
function mutated(random: Random, valid: Buffer): Buffer {
  if (random.chance(0.1))
    return Buffer.from(Array.from({ length: random.between(0, 300) }, () => random.between(0, 255)));
  const message = Buffer.concat([valid, Buffer.alloc(random.chance(0.1) ? random.between(0, 1400) : 0)]);
  for (let change = random.between(0, 4); change > 0 && message.length > 0; change--)
    message[random.between(0, message.length - 1)] = random.between(0, 255);
  return random.chance(0.2) ? message.subarray(0, random.between(0, message.length)) : message;
}

const ODD_VALUES = [
  'null',
  '-1',
  '1e309',
  '9007199254740993',
  '""',
  '[]',
  '{}',
  '"\\u0000"',
  '"__proto__"',
  'true',
  '[[[]]]',
];

/** JSON of which values were replaced by others, or characters were changed. */
function mutatedJson(random: Random, valid: string): string {
  if (random.chance(0.3)) return mutated(random, Buffer.from(valid)).toString();
  const values = [...valid.matchAll(/("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)(?!\s*:)/g)];
  const value = pick(random, values);
  const replacement = random.chance(0.1) ? JSON.stringify('x'.repeat(20_000)) : pick(random, ODD_VALUES);
  return valid.slice(0, value.index) + replacement + valid.slice(value.index + value[0].length);
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random.between(0, values.length - 1)];
  if (value === undefined) throw new Error('there is nothing to pick from');
  return value;
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Sends `messages` to each target, and reports those of which one took longest, in milliseconds. */
export async function fuzz(seed: number, messagesEach: number): Promise<{ sent: number; slowestMs: number }> {
  const random = new Random(seed);
  let [sent, slowestMs] = [0, 0];
  for (const [name, target] of Object.entries(await fuzzTargets())) {
    for (let i = 0; i < messagesEach; i++) {
      const beganMs = performance.now();
      try {
        target(random);
      } catch (error) {
        throw new Error(`message ${i} of ${name}, seed ${seed}`, { cause: error });
      }
      slowestMs = Math.max(slowestMs, performance.now() - beganMs);
      sent++;
    }
  }
  return { sent, slowestMs };
}
