/**
 * A process that speaks for many people: it sends recorded Opus over UDP, as RTP with audio levels, to the ports that it is given. It
 * encodes nothing while it runs, so that it takes little of the computer that is measured.
 *
 * Hard requirement: a packet leaves on an absolute clock. One that is late leaves late, and none is left out.
 */
import { createSocket } from 'node:dgram';
import { OPUS_FRAME_MS } from '../../../audio/opus-codec.ts';
import { endWithParent } from '../../../process/parent-watchdog.mjs';
import { type RecordedFrame, recordedOpus } from './recorded-opus.ts';

export interface MicrophoneTarget {
  ssrc: number;
  /** On this computer. */
  port: number;
  payloadType: number;
  /** The id of the audio level's header extension. */
  levelId: number;
}

export type ToMicrophones = { speak: MicrophoneTarget } | { hush: number } | { count: true };
export type FromMicrophones = { ready: true } | { sent: number };

const TICKS_PER_FRAME = 960;
const TICK_MS = 4;
const HEADER_BYTES = 20;
/** How far into the recording each speaker begins after the one before, in frames: nobody says what another says. */
const APART = 397;

class Microphone {
  readonly #target: MicrophoneTarget;
  readonly #frames: readonly RecordedFrame[];
  readonly #startMs: number;
  #at: number;
  #sent = 0;

  constructor(target: MicrophoneTarget, frames: readonly RecordedFrame[], number: number, nowMs: number) {
    this.#target = target;
    this.#frames = frames;
    this.#at = (number * APART) % frames.length;
    this.#startMs = nowMs + Math.random() * OPUS_FRAME_MS;
  }

  /** Sends what is due. @returns how many packets that were */
  send(nowMs: number, send: (packet: Buffer, port: number) => void): number {
    let packets = 0;
    while (this.#startMs + this.#sent * OPUS_FRAME_MS <= nowMs) {
      send(this.#next(), this.#target.port);
      packets++;
    }
    return packets;
  }

  #next(): Buffer {
    const { ssrc, payloadType, levelId } = this.#target;
    const frame = this.#frames[this.#at];
    if (!frame) throw new RangeError('a recording without frames');
    this.#at = (this.#at + 1) % this.#frames.length;
    const packet = Buffer.allocUnsafe(HEADER_BYTES + frame.opus.length);
    packet[0] = 0x90;
    packet[1] = payloadType;
    packet.writeUInt16BE(this.#sent & 0xffff, 2);
    packet.writeUInt32BE((this.#sent * TICKS_PER_FRAME) % 2 ** 32, 4);
    packet.writeUInt32BE(ssrc, 8);
    packet.writeUInt32BE(0xbede0001, 12);
    packet.writeUInt32BE(((levelId << 28) | (0x80 << 16) | (frame.level << 16)) >>> 0, 16);
    packet.set(frame.opus, HEADER_BYTES);
    this.#sent++;
    return packet;
  }
}

endWithParent();
const frames = await recordedOpus();
const socket = createSocket('udp4');
const microphones = new Map<number, Microphone>();
let number = 0;
let sent = 0;

const answer = (message: FromMicrophones): void => void process.send?.(message);

process.on('message', (message: ToMicrophones) => {
  if ('speak' in message) {
    const { speak } = message;
    microphones.set(speak.ssrc, new Microphone(speak, frames, number++, performance.now()));
  } else if ('hush' in message) microphones.delete(message.hush);
  else answer({ sent });
});
process.once('disconnect', () => process.exit());
setInterval(() => {
  const now = performance.now();
  for (const microphone of microphones.values())
    sent += microphone.send(now, (packet, port) => socket.send(packet, port, '127.0.0.1'));
}, TICK_MS);
answer({ ready: true });
