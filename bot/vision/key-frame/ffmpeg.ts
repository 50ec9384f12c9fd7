/**
 * Decodes key frames of H264 and VP9 with FFmpeg, where the machine has it.
 *
 * Bounded: each frame has a process of its own with one thread, 5 s of time, and memory for the pixels that its header claims.
 */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { KeyFrame, VideoCodec } from './key-frame.ts';

/** Decoded pixels: eight bits each of red, green and blue, row by row. */
export interface RawPicture {
  width: number;
  height: number;
  pixels: Buffer;
}

export interface FrameDecoder {
  readonly codecs: readonly VideoCodec[];
  /** Decodes a key frame; rejects where it cannot be decoded. */
  decode(frame: KeyFrame): Promise<RawPicture>;
}

const CHANNELS = 3;
const ROUNDING = 128;

/** Finds FFmpeg on a search path such as `PATH`; undefined where it is not installed. */
export async function findFfmpeg(searchPath: string | undefined): Promise<string | undefined> {
  for (const folder of (searchPath ?? '').split(delimiter).filter((one) => one !== '')) {
    const program = join(folder, 'ffmpeg');
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return undefined;
}

/**
 * @example
 * const program = await findFfmpeg(process.env.PATH);
 * const thumbnailer = new Thumbnailer({ decoder: program && new Ffmpeg(program) });
 */
export class Ffmpeg implements FrameDecoder {
  readonly codecs: readonly VideoCodec[] = ['h264', 'vp9'];
  readonly #program: string;
  readonly #timeoutMs: number;

  /**
   * @param program path of the executable
   * @param timeoutMs how long a frame may take before its process is killed; default 5000
   */
  constructor(program: string, timeoutMs = 5000) {
    this.#program = program;
    this.#timeoutMs = timeoutMs;
  }

  async decode(frame: KeyFrame): Promise<RawPicture> {
    const { width, height } = frame.size;
    const bytes = width * height * CHANNELS;
    const input = frame.codec === 'vp9' ? ivf(frame) : frame.data;
    const format = frame.codec === 'vp9' ? 'ivf' : 'h264';
    // Decoders round width and height up.
    const pixelsAtMost = (width + ROUNDING) * (height + ROUNDING);
    const pixels = await this.#run(input, bytes, [
      ...`-hide_banner -loglevel error -threads 1 -max_pixels ${pixelsAtMost} -f ${format} -i pipe:0`.split(' '),
      ...'-frames:v 1 -pix_fmt rgb24 -f rawvideo pipe:1'.split(' '),
    ]);
    if (pixels.length !== bytes) throw new Error('not the picture that its header claims');
    return { width, height, pixels };
  }

  #run(input: Buffer, maxBuffer: number, args: readonly string[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const options = { encoding: 'buffer', maxBuffer, timeout: this.#timeoutMs, killSignal: 'SIGKILL' } as const;
      const child = execFile(this.#program, args, options, (error, output) =>
        error ? reject(error) : resolve(output),
      );
      // A process that stops reading has failed, and its exit code says so.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  }
}

/** Puts a VP9 frame into IVF, the simplest container. */
function ivf({ data, size }: KeyFrame): Buffer {
  const header = Buffer.alloc(32 + 12);
  header.write('DKIF', 0, 'latin1');
  header.writeUInt16LE(32, 6);
  header.write('VP90', 8, 'latin1');
  header.writeUInt16LE(size.width, 12);
  header.writeUInt16LE(size.height, 14);
  header.writeUInt32LE(30, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(1, 24);
  header.writeUInt32LE(data.length, 32);
  return Buffer.concat([header, data]);
}
