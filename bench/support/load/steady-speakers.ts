/** People who speak without a pause: Opus of always the same bit rate, over plain RTP, from this process. What they say is noise. */
import { createSocket, type Socket } from 'node:dgram';
import type { Producer, Router } from 'mediasoup/types';
import { OPUS_FRAME_MS } from '../../../audio/opus-codec.ts';
import { plainRtpParameters } from './plain-microphone.ts';

const FIRST_SSRC = 1000;
const TICKS_PER_FRAME = 960;
const TICK_MS = 5;
const HEADER_BYTES = 12;
const KILOBITS_PER_SECOND = 32;
const FRAME_BYTES = (KILOBITS_PER_SECOND * OPUS_FRAME_MS) / 8;
/** The first byte of an Opus packet: one frame of 20 ms, full band, mono. */
const TABLE_OF_CONTENTS = 0xf8;

/** The router's codec. */
export const opusCodec = { kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 };
export const LOOPBACK_UDP = { protocol: 'udp' as const, ip: '127.0.0.1' };

interface SpeakersTarget {
  ssrcs: readonly number[];
  payloadType: number;
  /** On this computer. */
  port: number;
}

/**
 * A packet of each leaves on an absolute clock: one that is late leaves late, and none is left out.
 *
 * @example
 * const speakers = await SteadySpeakers.start(router, 1);
 * speakers.sent; // 50 a second
 * speakers.close();
 */
export class SteadySpeakers {
  readonly tracks: readonly Producer[];
  readonly #socket: Socket = createSocket('udp4');
  readonly #packet = Buffer.alloc(HEADER_BYTES + FRAME_BYTES, 0x5a);
  readonly #target: SpeakersTarget;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;

  static async start(router: Router, count: number): Promise<SteadySpeakers> {
    const transport = await router.createPlainTransport({ listenInfo: LOOPBACK_UDP, comedia: true, rtcpMux: true });
    const ssrcs = Array.from({ length: count }, (_, i) => FIRST_SSRC + i);
    const tracks: Producer[] = [];
    for (const ssrc of ssrcs)
      tracks.push(await transport.produce({ kind: 'audio', rtpParameters: plainRtpParameters(ssrc) }));
    const payloadType = plainRtpParameters(FIRST_SSRC).codecs[0]?.payloadType ?? 0;
    return new SteadySpeakers(tracks, { ssrcs, payloadType, port: transport.tuple.localPort });
  }

  private constructor(tracks: readonly Producer[], target: SpeakersTarget) {
    this.tracks = tracks;
    this.#target = target;
    this.#packet[0] = 0x80;
    this.#packet[1] = target.payloadType;
    this.#packet[HEADER_BYTES] = TABLE_OF_CONTENTS;
    this.#timer = setInterval(() => this.#sendDue(), TICK_MS);
  }

  /** Packets of each so far. */
  get sent(): number {
    return this.#sent;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #sendDue(): void {
    for (; this.#startMs + this.#sent * OPUS_FRAME_MS <= performance.now(); this.#sent++) {
      this.#packet.writeUInt16BE(this.#sent & 0xffff, 2);
      this.#packet.writeUInt32BE((this.#sent * TICKS_PER_FRAME) % 2 ** 32, 4);
      for (const ssrc of this.#target.ssrcs) {
        this.#packet.writeUInt32BE(ssrc, 8);
        // The next packet is written into the same memory.
        this.#socket.send(Buffer.from(this.#packet), this.#target.port, LOOPBACK_UDP.ip);
      }
    }
  }
}
