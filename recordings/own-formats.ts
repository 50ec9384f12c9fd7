/** The formats that are read without FFmpeg, by what a file begins with; and what their headers tell of the sound. */
import { FlacFormatError, type FlacHeader, readFlacHeader } from './flac-reader.ts';
import { contentStart, type ReadAt, withFile } from './read-at.ts';
import { isWav, readWavHeader, WavFormatError, type WavHeader } from './wav-reader.ts';

/** `startAt`: where the content begins, behind tags. */
export type OwnFormat =
  | { format: 'wav'; header: WavHeader }
  | { format: 'flac'; header: FlacHeader }
  | { format: 'mp3' | 'ogg'; startAt: number };

export interface Recognized {
  format: OwnFormat;
  /** 0 where they are not known before it is read. */
  channels: number;
  /** Undefined where nothing says it. */
  durationSeconds: number | undefined;
}

/** Undefined where it is none of them, or its header is broken. @throws the system's errors */
export const recognizeOwn = (path: string): Promise<Recognized | undefined> =>
  withFile(path, async (read, bytes) => {
    try {
      return await recognizeIn(read, bytes);
    } catch (error) {
      if (error instanceof WavFormatError || error instanceof FlacFormatError) return undefined;
      throw error;
    }
  });

async function recognizeIn(read: ReadAt, bytes: number): Promise<Recognized | undefined> {
  if (isWav(await read(0, 12))) return recognizeWav(read, bytes);
  const startAt = await contentStart(read);
  const content = await read(startAt, 4);
  if (startsWith(content, 'fLaC')) return recognizeFlac(await readFlacHeader(read, startAt));
  const format = startsWith(content, 'OggS') ? 'ogg' : isMpegLayer3(content) ? 'mp3' : undefined;
  return format && { format: { format, startAt }, channels: 0, durationSeconds: undefined };
}

const startsWith = (bytes: Buffer, text: string): boolean => bytes.toString('latin1', 0, text.length) === text;

/** The sync word of an MPEG audio frame. */
const isMpegLayer3 = (bytes: Buffer): boolean => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2;

async function recognizeWav(read: ReadAt, bytes: number): Promise<Recognized> {
  const header = await readWavHeader(read, bytes);
  const { channels, bytesPerSample, sampleRate } = header.format;
  const there = Math.max(0, bytes - header.dataAt);
  const frames = Math.floor(Math.min(there, header.dataBytes ?? there) / (channels * bytesPerSample));
  const stated = Math.floor((header.dataBytes ?? there) / (channels * bytesPerSample));
  return { format: { format: 'wav', header }, channels, durationSeconds: frames > 0 ? stated / sampleRate : 0 };
}

const recognizeFlac = (header: FlacHeader): Recognized => ({
  format: { format: 'flac', header },
  channels: header.channels,
  durationSeconds: header.totalSamples === undefined ? undefined : header.totalSamples / header.sampleRate,
});
