/**
 * libopus of the system as an encoder: it takes two thirds of the time of the WebAssembly build, and encoding is the largest part of what
 * interpreting costs. Nothing is decoded with it: what strangers send is decoded in WebAssembly, out of whose memory no packet reaches.
 *
 * It is the file that the environment variable BOOTH_LIBOPUS names, else `libopus.so.0` where the system's loader looks; where the variable
 * is empty, none. The package `koffi` calls it; where either is missing, there is no native encoder.
 */
import type { EncoderOptions } from 'libopus-wasm';

/** The settings of an encoder, as `libopus-wasm` has them: rate in Hz, frame in samples, bit rate in bits a second, complexity from 0 to 10, loss in percent. */
export type OpusEncoderSettings = Required<
  Pick<EncoderOptions, 'sampleRate' | 'frameSize' | 'application' | 'signal' | 'complexity' | 'fec' | 'dtx'>
> & { bitrate: number; packetLossPercent: number };

/** An encoder whose complexity can be changed between two frames. */
export interface AdjustableEncoder {
  /** @param frame `frameSize` samples */
  encode(frame: Int16Array): Uint8Array;
  /** @param complexity from 0 to 10 */
  setComplexity(complexity: number): void;
  close(): void;
}

export type CreateNativeEncoder = (settings: OpusEncoderSettings) => AdjustableEncoder;

const SYSTEM_LIBRARY = 'libopus.so.0';
/** An Opus packet is never longer. */
const MAX_PACKET_BYTES = 1275;

// Requests of `opus_encoder_ctl` (opus_defines.h).
const SET_BITRATE = 4002;
const SET_COMPLEXITY = 4010;
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS_PERCENT = 4014;
const SET_DTX = 4016;
const SET_SIGNAL = 4024;

declare const pointer: unique symbol;
type Pointer = { [pointer]: never };

interface Library {
  create(sampleRate: number, channels: number, application: number, error: Int32Array): Pointer | null;
  set(encoder: Pointer, request: number, type: 'int', value: number): number;
  /** Returns the packet's length, or a negative error. */
  encode(encoder: Pointer, frame: Int16Array, frameSize: number, packet: Uint8Array, maxBytes: number): number;
  destroy(encoder: Pointer): void;
}

let loading: Promise<CreateNativeEncoder | undefined> | undefined;

/**
 * Loads the library, once for the process.
 * @returns undefined where there is none, or where it cannot be called
 */
export function loadNativeOpus(): Promise<CreateNativeEncoder | undefined> {
  loading ??= openFirst(candidates(process.env.BOOTH_LIBOPUS));
  return loading;
}

const candidates = (named: string | undefined): string[] => {
  if (named === '') return [];
  return named === undefined ? [SYSTEM_LIBRARY] : [named, SYSTEM_LIBRARY];
};

async function openFirst(paths: readonly string[]): Promise<CreateNativeEncoder | undefined> {
  for (const path of paths) {
    const library = await openLibrary(path).catch(() => undefined);
    if (library) return (settings) => createEncoder(library, settings);
  }
  return undefined;
}

/** @throws where koffi or the library is missing */
async function openLibrary(path: string): Promise<Library> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(path);
  return {
    create: library.func(
      'void *opus_encoder_create(int32_t rate, int channels, int application, _Out_ int32_t *error)',
    ),
    set: library.func('int opus_encoder_ctl(void *encoder, int request, ...)'),
    encode: library.func(
      'int32_t opus_encode(void *encoder, const int16_t *frame, int frameSize, _Out_ uint8_t *packet, int32_t maxBytes)',
    ),
    destroy: library.func('void opus_encoder_destroy(void *encoder)'),
  };
}

/** @throws for settings that libopus refuses, and where it has no memory */
function createEncoder(library: Library, settings: OpusEncoderSettings): AdjustableEncoder {
  const { sampleRate, frameSize, application } = settings;
  const error = new Int32Array(1);
  const encoder = library.create(sampleRate, 1, application, error);
  if (!encoder) throw new Error(`libopus creates no encoder (${error[0]})`);
  const set = (request: number, value: number) => {
    const code = library.set(encoder, request, 'int', value);
    if (code !== 0) throw new Error(`libopus refuses ${request} = ${value} (${code})`);
  };
  for (const [request, value] of controlsOf(settings)) set(request, value);
  const packet = new Uint8Array(MAX_PACKET_BYTES);
  let isClosed = false;
  return {
    encode(frame) {
      // libopus reads so many samples, whatever it is given.
      if (isClosed || frame.length !== frameSize) throw new Error(`expected ${frameSize} samples for an open encoder`);
      const length = library.encode(encoder, frame, frameSize, packet, MAX_PACKET_BYTES);
      if (length < 0) throw new Error(`libopus does not encode (${length})`);
      return packet.slice(0, length);
    },
    setComplexity: (complexity) => set(SET_COMPLEXITY, complexity),
    close() {
      if (isClosed) return;
      isClosed = true;
      library.destroy(encoder);
    },
  };
}

const controlsOf = (settings: OpusEncoderSettings): [request: number, value: number][] => [
  [SET_BITRATE, settings.bitrate],
  [SET_COMPLEXITY, settings.complexity],
  [SET_INBAND_FEC, settings.fec ? 1 : 0],
  [SET_PACKET_LOSS_PERCENT, settings.packetLossPercent],
  [SET_DTX, settings.dtx ? 1 : 0],
  [SET_SIGNAL, settings.signal],
];
