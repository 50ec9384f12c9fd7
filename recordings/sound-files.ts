/** Writes texts and sound. A file that could not be written whole is removed. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { formatWav } from '../audio/wav.ts';
import { FfmpegError, type FfmpegPrograms, fileArgument, LOCAL_ONLY, outputOf } from './ffmpeg.ts';
import { languageTag } from './language-tags.ts';
import { RecordingError, recordingProblem } from './recording-error.ts';

/** The most that the header of a WAV file can say; players then read to the end of the file. */
const MAX_WAV_BYTES = 0xffff_ffff;

/** Writes a text file. @throws {RecordingError} */
export const writeText = (path: string, pieces: Iterable<string>): Promise<void> =>
  whole(path, async () => {
    await writing(path, async (file) => {
      for (const piece of pieces) await file.writeFile(piece);
    });
  });

/** Writes mono 16-bit WAV as the samples come. @returns the number of samples. @throws {RecordingError} */
export async function writeWav(path: string, sampleRate: number, chunks: AsyncIterable<Int16Array>): Promise<number> {
  let samples = 0;
  await whole(path, () =>
    writing(path, async (file) => {
      await file.writeFile(wavHeader(sampleRate, 0));
      for await (const chunk of chunks) {
        // Unlike `write`, it writes all of it or fails.
        await file.writeFile(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        samples += chunk.length;
      }
      const header = wavHeader(sampleRate, samples);
      for (let at = 0; at < header.length; ) at += (await file.write(header, at, header.length - at, at)).bytesWritten;
    }),
  );
  return samples;
}

async function writing(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w');
  try {
    await write(file);
  } finally {
    await file.close();
  }
}

function wavHeader(sampleRate: number, samples: number): Buffer {
  const header = Buffer.from(formatWav({ samples: new Int16Array(0), sampleRate }));
  header.writeUInt32LE(Math.min(MAX_WAV_BYTES, 36 + samples * 2), 4);
  header.writeUInt32LE(Math.min(MAX_WAV_BYTES, samples * 2), 40);
  return header;
}

/** Converts a WAV file to Opus, tagged with its language. @throws {RecordingError} */
export async function writeOpus(
  path: string,
  { wav, language, programs }: { wav: string; language: string; programs: FfmpegPrograms },
): Promise<void> {
  const args = ['-i', fileArgument(wav), '-c:a', 'libopus', '-b:a', '48k'];
  const tag = ['-metadata:s:a:0', `language=${languageTag(language)}`];
  await writeByFfmpeg(path, programs, [...args, ...tag, '-f', 'ogg']);
}

/**
 * Lets FFmpeg write a file.
 *
 * @param args inputs and options, with the format
 * @param onProgress called once or twice a second with the length of what is written, in seconds
 * @throws {RecordingError}
 */
export const writeByFfmpeg = (
  path: string,
  { ffmpeg }: FfmpegPrograms,
  args: readonly string[],
  onProgress: (seconds: number) => void = () => {},
): Promise<void> =>
  whole(path, async () => {
    const options = ['-nostdin', '-v', 'error', '-y', ...LOCAL_ONLY, '-progress', 'pipe:1'];
    try {
      for await (const report of outputOf(ffmpeg, [...options, ...args, fileArgument(path)])) {
        const microseconds = /^out_time_us=(\d+)$/m.exec(report.toString('latin1'))?.[1];
        if (microseconds !== undefined) onProgress(Number(microseconds) / 1e6);
      }
    } catch (error) {
      if (!(error instanceof FfmpegError)) throw error;
      throw new RecordingError(`${path}: cannot be written: ${error.message}`);
    }
  });

async function whole(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    await rm(path, { force: true });
    throw recordingProblem(path, error);
  }
}
