/** Errors of files, in words for the person who named the file. */
import { readFile } from 'node:fs/promises';
import { CommandError } from './errors.ts';

export const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EISDIR: 'is a directory, not a file',
  ENOTDIR: 'part of the path is not a directory',
  EACCES: 'may not be opened (permissions)',
  EPERM: 'may not be opened (permissions)',
  EROFS: 'is on a file system that cannot be written',
  ENOSPC: 'there is no room left on the disk',
};

/** "prompt.wav: there is no such file or directory" */
export const fileProblem = (path: string, error: NodeJS.ErrnoException): string =>
  `${path}: ${problems[error.code ?? ''] ?? error.message}`;

/** @throws {CommandError} */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isFileError(error)) throw new CommandError(fileProblem(path, error));
    throw error;
  }
}
