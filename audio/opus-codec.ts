/**
 * Opus at the rates that interpreting needs: in at 16 kHz, out from 24 kHz, both mono, with no resampler between. libopus in
 * WASM (`libopus-wasm`) behind two small interfaces, so that another build can take its place.
 */
import { Application, createDecoder, createEncoder, Signal } from 'libopus-wasm';

export const DECODED_RATE = 16_000;
export const ENCODED_RATE = 24_000;
/** What one packet sent by us holds. */
export const FRAME_MS = 20;
export const FRAME_SAMPLES = (ENCODED_RATE * FRAME_MS) / 1000;
/** RFC 7587: the RTP clock of Opus, whatever rate is coded. */
export const RTP_CLOCK_RATE = 48_000;

/** `frameSize` counts samples at 16 kHz. A packet that is not Opus throws. `close` frees its memory. */
export interface OpusDecoder {
  decode(packet: Uint8Array): Int16Array;
  /** A lost packet, from what the one after it carries of it. */
  decodeFec(following: Uint8Array, frameSize: number): Int16Array;
  /** A lost packet, from what came before. */
  conceal(frameSize: number): Int16Array;
  close(): void;
}

/** Takes 480 samples (20 ms at 24 kHz). `close` frees its memory. */
export interface OpusEncoder {
  encode(frame: Int16Array): Uint8Array;
  close(): void;
}

export async function createOpusDecoder(): Promise<OpusDecoder> {
  const decoder = await createDecoder({ sampleRate: DECODED_RATE, channels: 1 });
  return {
    decode: (packet) => decoder.decode(packet),
    decodeFec: (following, frameSize) => decoder.decode(following, { decodeFec: true, frameSize }),
    conceal: (frameSize) => decoder.decodePacketLoss(frameSize),
    close: () => decoder.free(),
  };
}

export async function createOpusEncoder(): Promise<OpusEncoder> {
  const encoder = await createEncoder({
    sampleRate: ENCODED_RATE,
    channels: 1,
    frameSize: FRAME_SAMPLES,
    application: Application.Voip,
    signal: Signal.Voice,
    // What FEC takes, speech has left: at 32 kbit/s a recogniser mishears half as many words again.
    bitrate: 48_000,
    complexity: 5,
    fec: true,
    packetLossPercent: 5,
    // Silence is not sent at all, and a steady voice must not be taken for it.
    dtx: false,
  });
  return { encode: (frame) => encoder.encode(frame), close: () => encoder.free() };
}
