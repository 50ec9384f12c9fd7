/**
 * Runs FFmpeg's programs. What they are given is a file of somebody else: they may open no network address and no other file, and
 * what they print is kept in bounds.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { minimalEnvironment } from '../process/minimal-environment.ts';

/** The paths of the executables. */
export interface FfmpegPrograms {
  ffmpeg: string;
  ffprobe: string;
}

/** A playlist in place of a recording must not lead anywhere else. */
export const LOCAL_ONLY = ['-protocol_whitelist', 'file,pipe'];
const MAX_MESSAGE_CHARACTERS = 4096;
const MAX_REPORT_BYTES = 4_194_304;

/** FFmpeg ended with an error. */
export class FfmpegError extends Error {
  override readonly name = 'FfmpegError';
}

/** `/dev/stdin`, and the path that a shell gives to what another command prints. */
const DESCRIPTOR = /^\/(?:dev|proc\/self)\/(?:fd\/(\d+)|stdin)$/;

/**
 * The argument for a file, of which no part is taken for an option or a protocol. What this process has been given open, a child reaches by
 * this process's number alone, as it has a stdin of its own.
 */
export function fileArgument(path: string): string {
  const descriptor = DESCRIPTOR.exec(path);
  return `file:${descriptor ? `/proc/${process.pid}/fd/${descriptor[1] ?? 0}` : path}`;
}

/**
 * The arguments for a file of which every track keeps its place in time. Where only one track is read, FFmpeg would count MPEG-TS from where
 * that track begins, not from the file's beginning, unless an offset differs from none.
 */
export const inputInTime = (path: string): string[] => ['-itsoffset', '1us', '-i', fileArgument(path)];

interface Running {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when the process has ended, to the last line of what it complained of: empty where all was well. @throws {FfmpegError} */
  ended: Promise<string>;
}

/** The programs that run. None outlives this process, where that ends by itself. */
const running = new Set<ChildProcessByStdio<Writable, Readable, Readable>>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program with pipes. Whoever starts it reads its stdout, and kills it when no longer interested. */
export function startProgram(program: string, args: readonly string[]): Running {
  const child = spawn(program, args, {
    env: minimalEnvironment(process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C is for this process, which decides what it means: a decoder that it ended would look like the end of the recording.
    detached: true,
  });
  running.add(child);
  let message = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    message = (message + text).slice(-MAX_MESSAGE_CHARACTERS);
  });
  // A process that stops reading has failed, and its exit code says so.
  child.stdin.on('error', () => {});
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      if (code === 0) resolve(lastLine(message));
      else reject(new FfmpegError(lastLine(message) || `it ended with ${signal ?? code}`));
    });
  });
  // Who reads the output learns of the end there, and asks for this afterwards.
  ended.catch(() => {});
  return { child, ended };
}

/** Runs a program to its end, and returns what it printed. @throws {FfmpegError} */
export async function runToEnd(program: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const { child, ended } = startProgram(program, args);
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  child.stdin.end();
  const parts: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes <= MAX_REPORT_BYTES) parts.push(part);
    else child.kill('SIGKILL');
  });
  await ended.finally(() => signal?.removeEventListener('abort', stop));
  return Buffer.concat(parts).toString('utf8');
}

/**
 * What a program writes to stdout, as it comes; it is killed where the reader stops.
 *
 * @param onComplaint called at the end with the last line of what it complained of, though it ended well
 * @throws {FfmpegError} at the end
 */
export async function* outputOf(
  program: string,
  args: readonly string[],
  onComplaint?: (line: string) => void,
): AsyncGenerator<Buffer> {
  const { child, ended } = startProgram(program, args);
  child.stdin.end();
  try {
    for await (const part of child.stdout) yield part as Buffer;
    const complaint = await ended;
    if (complaint) onComplaint?.(complaint);
  } finally {
    child.kill('SIGKILL');
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';
