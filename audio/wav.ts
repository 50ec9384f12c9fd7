/** Reads and writes WAV files of 16-bit PCM at 8 to 48 kHz: mono or stereo is read, mono is written. */

export interface Pcm {
  samples: Int16Array;
  sampleRate: number;
}

/** The file cannot be read as WAV. The message is meant for the person who chose the file. */
export class WavError extends Error {
  override readonly name = 'WavError';
}

const RIFF = 0x46464952;
const WAVE = 0x45564157;
const FMT = 0x20746d66;
const DATA = 0x61746164;
const PCM = 1;
/** WAVE_FORMAT_EXTENSIBLE: the sample format is in the extension of the format chunk. */
const EXTENSIBLE = 0xfffe;

/**
 * Decodes a WAV file; stereo is mixed to mono. Of a truncated file, the samples that are there are returned.
 *
 * @throws {WavError} where the file is not WAV, not 16-bit PCM, has more than two channels, or holds no samples
 * @example
 * const { samples, sampleRate } = parseWav(await readFile('speech.wav'));
 */
export function parseWav(bytes: Uint8Array): Pcm {
  if (bytes.byteLength === 0) throw new WavError('the file is empty');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 12 || view.getUint32(0, true) !== RIFF || view.getUint32(8, true) !== WAVE) {
    throw new WavError('not a WAV file (no RIFF/WAVE header)');
  }
  let format: { channels: number; sampleRate: number } | undefined;
  for (let at = 12; at + 8 <= bytes.byteLength; ) {
    const id = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (id === FMT) format = parseFormat(view, body, size);
    if (id === DATA) {
      if (!format) throw new WavError('a WAV file without a format before its data');
      const length = Math.min(size, bytes.byteLength - body);
      return mono(view, body, length, format);
    }
    at = body + size + (size & 1);
  }
  throw new WavError('a WAV file without any audio data');
}

function parseFormat(view: DataView, at: number, size: number): { channels: number; sampleRate: number } {
  if (size < 16 || at + size > view.byteLength) throw new WavError('a WAV file with a broken format chunk');
  const declared = view.getUint16(at, true);
  const format = declared === EXTENSIBLE && size >= 26 ? view.getUint16(at + 24, true) : declared;
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if (format !== PCM || bits !== 16) {
    throw new WavError(
      `only 16-bit PCM is read, and this is ${bits}-bit, format ${format}; convert it: sox in.wav -b 16 -e signed out.wav`,
    );
  }
  if (channels < 1 || channels > 2) throw new WavError(`mono or stereo is read, and this has ${channels} channels`);
  if (sampleRate < 8000 || sampleRate > 48_000)
    throw new WavError(`8000 to 48000 Hz is read, and this is ${sampleRate} Hz`);
  return { channels, sampleRate };
}

function mono(
  view: DataView,
  at: number,
  length: number,
  { channels, sampleRate }: { channels: number; sampleRate: number },
): Pcm {
  const samples = new Int16Array(Math.floor(length / (2 * channels)));
  if (samples.length === 0) throw new WavError('a WAV file with no samples in it');
  for (let i = 0; i < samples.length; i++) {
    const left = view.getInt16(at + 2 * channels * i, true);
    samples[i] = channels === 1 ? left : (left + view.getInt16(at + 4 * i + 2, true)) >> 1;
  }
  return { samples, sampleRate };
}

/**
 * Encodes samples as a mono 16-bit WAV file.
 *
 * @example
 * await writeFile('speech.wav', formatWav({ samples, sampleRate: 16_000 }));
 */
export function formatWav({ samples, sampleRate }: Pcm): Uint8Array {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, RIFF, true);
  view.setUint32(4, bytes.length - 8, true);
  view.setUint32(8, WAVE, true);
  view.setUint32(12, FMT, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  view.setUint32(36, DATA, true);
  view.setUint32(40, samples.length * 2, true);
  for (let i = 0; i < samples.length; i++) view.setInt16(44 + i * 2, samples[i] ?? 0, true);
  return bytes;
}
