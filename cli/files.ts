/** Errors of files, in words for the person who named the file. */
import { readFile } from 'node:fs/promises';
import { fileProblems } from '../recordings/recording-error.ts';
import { CommandError } from './errors.ts';

export const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;

/** "prompt.wav: there is no such file or directory" */
export const fileProblem = (path: string, error: NodeJS.ErrnoException): string =>
  `${path}: ${fileProblems[error.code ?? ''] ?? error.message}`;

/** @throws {CommandError} */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isFileError(error)) throw new CommandError(fileProblem(path, error));
    throw error;
  }
}
