/**
 * Opus at the rates of interpreting, mono: decodes at `SPEECH_SAMPLE_RATE` and encodes from `VOICE_SAMPLE_RATE`, so that no resampler
 * is needed in between. libopus in WebAssembly (`libopus-wasm`) stands behind two small interfaces; the encoder is replaced by a native one
 * where there is one.
 */
import { Application, createDecoder, createEncoder, Signal } from 'libopus-wasm';
import { type AdjustableEncoder, loadNativeOpus, type OpusEncoderSettings } from './native-opus.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from './sample-rates.ts';

/** Milliseconds of sound in one packet that we send. */
export const OPUS_FRAME_MS = 20;
/** Samples in one packet that we send: 480. */
export const OPUS_FRAME_SAMPLES = (VOICE_SAMPLE_RATE * OPUS_FRAME_MS) / 1000;

/** Decodes one stream to 16 kHz mono. Each decoded packet depends on those before it, so lost ones have to be replaced in order. */
export interface OpusDecoder {
  /** @throws for a packet that is not Opus */
  decode(packet: Uint8Array): Int16Array;
  /**
   * Replaces a lost packet by the forward error correction (FEC) that the packet after it carries; where that carries none, libopus
   * conceals the loss.
   * @param frameSize samples at 16 kHz
   * @throws for a packet that is not Opus
   */
  decodeFec(nextPacket: Uint8Array, frameSize: number): Int16Array;
  /**
   * Replaces a lost packet by a continuation of the sound before it.
   * @param frameSize samples at 16 kHz
   */
  conceal(frameSize: number): Int16Array;
  /** Frees the decoder's memory; it cannot be used afterwards. */
  close(): void;
}

/** Encodes one stream from 24 kHz mono. */
export interface OpusEncoder {
  /** @param frame `OPUS_FRAME_SAMPLES` samples */
  encode(frame: Int16Array): Uint8Array;
  /** Frees the encoder's memory; it cannot be used afterwards. */
  close(): void;
}

/**
 * @example
 * const decoder = await createOpusDecoder();
 * const samples = decoder.decode(packet); // 320 samples for 20 ms
 * decoder.close();
 */
export async function createOpusDecoder(): Promise<OpusDecoder> {
  const decoder = await createDecoder({ sampleRate: SPEECH_SAMPLE_RATE, channels: 1 });
  return {
    decode: (packet) => decoder.decode(packet),
    decodeFec: (nextPacket, frameSize) => decoder.decode(nextPacket, { decodeFec: true, frameSize }),
    conceal: (frameSize) => decoder.decodePacketLoss(frameSize),
    close: () => decoder.free(),
  };
}

const encoderSettings: Omit<OpusEncoderSettings, 'complexity'> = {
  sampleRate: VOICE_SAMPLE_RATE,
  frameSize: OPUS_FRAME_SAMPLES,
  application: Application.Voip,
  signal: Signal.Voice,
  // FEC takes its bits from the speech itself: at 32 kbit/s the word errors of a recogniser rise by half.
  bitrate: 48_000,
  fec: true,
  packetLossPercent: 5,
  // Silence is not sent at all, and DTX could mistake a steady voice for silence.
  dtx: false,
};

/**
 * While a thread has few encoders, each searches long for the best packet. When it has many, each takes half of the time: a recogniser
 * understands both alike; where a tenth of the packets is lost, it mishears one word in a hundred more of the cheaper one.
 */
const FEW_ENCODERS = 8;
const [THOROUGH, FAST] = [5, 1];
const openEncoders = new Set<AdjustableEncoder>();

/**
 * Encodes with the libopus of the system where there is one (`native-opus.ts`), else in WebAssembly.
 *
 * @example
 * const encoder = await createOpusEncoder();
 * const packet = encoder.encode(new Int16Array(OPUS_FRAME_SAMPLES));
 * encoder.close();
 */
export async function createOpusEncoder(): Promise<OpusEncoder> {
  const createNativeEncoder = await loadNativeOpus();
  const settings = { ...encoderSettings, complexity: THOROUGH };
  const encoder = createNativeEncoder?.(settings) ?? (await createWasmEncoder(settings));
  openEncoders.add(encoder);
  shareProcessor();
  const close = () => {
    if (!openEncoders.delete(encoder)) return;
    encoder.close();
    shareProcessor();
  };
  return { encode: (frame) => encoder.encode(frame), close };
}

function shareProcessor(): void {
  const complexity = openEncoders.size > FEW_ENCODERS ? FAST : THOROUGH;
  for (const encoder of openEncoders) encoder.setComplexity(complexity);
}

async function createWasmEncoder(settings: OpusEncoderSettings): Promise<AdjustableEncoder> {
  const encoder = await createEncoder({ ...settings, channels: 1 });
  return {
    encode: (frame) => encoder.encode(frame),
    setComplexity: (complexity) => encoder.setComplexity(complexity),
    close: () => encoder.free(),
  };
}
