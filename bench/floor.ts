/**
 * Measures alone what no interpreter can do without for one speaker whose translation is heard: SRTP and Opus in both directions, and whether
 * somebody speaks. What `capacity` measures beyond this is the way between them: datagrams, queues, the turn, the session, the playout.
 */
import { createOpusDecoder, createOpusEncoder, OPUS_FRAME_MS, OPUS_FRAME_SAMPLES } from '../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { SileroVad, VAD_CHUNK_SAMPLES } from '../bot/incoming/silero/silero-vad.ts';
import { writeRtpPacket } from '../rtp/rtp-packet.ts';
import { SrtpCipher } from '../werift-handler/srtp-cipher.ts';
import type { Bench } from './bench.ts';
import { recordedOpus, recordedVoice } from './support/load/recorded-opus.ts';

/** As many as `capacity` has at its 25 speakers: more than eight encoders take less time each. */
const ENCODERS = 25;
/** The share of the time in which translations sound in `capacity`. */
const PLAYED = 0.78;
const PACKETS_PER_SECOND = 1000 / OPUS_FRAME_MS;
const CHUNK_S = VAD_CHUNK_SAMPLES / SPEECH_SAMPLE_RATE;
const FULL_SCALE = 32_768;

export const floorBench: Bench = {
  key: 'floor',
  about: 'what the codec, SRTP and the detection of speech cost by themselves',
  repetitions: 3,
  async run() {
    const [frames, voice] = await Promise.all([recordedOpus(), recordedVoice()]);
    const packets = frames.map(({ opus }, index) =>
      writeRtpPacket({
        ssrc: 1,
        payloadType: 111,
        sequenceNumber: index,
        timestamp: index,
        marker: false,
        payload: opus,
      }),
    );
    const [decodeUs, encodeUs] = [await decoding(frames.map(({ opus }) => opus)), await encoding(voice)];
    const [srtpUs, vadUs] = [encryption(packets), detection(voice)];
    const sentPerSecond = PACKETS_PER_SECOND * PLAYED;
    const usPerSecond =
      PACKETS_PER_SECOND * (decodeUs + srtpUs.decrypt) + sentPerSecond * (encodeUs + srtpUs.encrypt) + vadUs / CHUNK_S;
    const perLanguage = sentPerSecond * (encodeUs + srtpUs.encrypt);
    return {
      decodeUs,
      encodeUs,
      decryptUs: srtpUs.decrypt,
      encryptUs: srtpUs.encrypt,
      vadUs,
      cpuPerPair: usPerSecond / 1e6,
      cpuPerLanguage: perLanguage / 1e6,
    };
  },
};

/** CPU microseconds for each item, the first round, in which code is compiled, left out. */
function costOf<T>(items: readonly T[], work: (item: T) => void): number {
  for (const item of items) work(item);
  const before = process.cpuUsage();
  for (const item of items) work(item);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / items.length;
}

function* framesOf(voice: Int16Array, length: number): Generator<Int16Array> {
  for (let at = 0; at + length <= voice.length; at += length) yield voice.subarray(at, at + length);
}

async function decoding(packets: readonly Uint8Array[]): Promise<number> {
  const decoder = await createOpusDecoder();
  const us = costOf(packets, (packet) => decoder.decode(packet));
  decoder.close();
  return us;
}

async function encoding(voice: Int16Array): Promise<number> {
  const encoders = await Promise.all(Array.from({ length: ENCODERS }, () => createOpusEncoder()));
  const us = costOf([...framesOf(voice, OPUS_FRAME_SAMPLES)], (frame) => encoders[0]?.encode(frame));
  for (const encoder of encoders) encoder.close();
  return us;
}

function detection(voice: Int16Array): number {
  const network = new SileroVad();
  const chunks = [...framesOf(voice, VAD_CHUNK_SAMPLES)].map((chunk) =>
    Float32Array.from(chunk, (sample) => sample / FULL_SCALE),
  );
  return costOf(chunks, (chunk) => network.speechProbability(chunk));
}

function encryption(packets: readonly Buffer[]): { encrypt: number; decrypt: number } {
  const keys = { key: Buffer.alloc(16, 1), salt: Buffer.alloc(12, 2) };
  const [sender, receiver] = [
    new SrtpCipher({ local: keys, remote: keys }),
    new SrtpCipher({ local: keys, remote: keys }),
  ];
  const encrypted = packets.map((packet) => sender.encrypt(packet));
  return {
    encrypt: costOf(packets, (packet) => sender.encrypt(packet)),
    decrypt: costOf(encrypted, (packet) => receiver.decrypt(packet)),
  };
}
