/** A recording that cannot be read or written. The message names the file and the remedy, for the person who chose it. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';

/** What the system's errors mean to people, by their codes. */
export const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EISDIR: 'is a directory, not a file',
  ENOTDIR: 'part of the path is not a directory',
  EACCES: 'may not be opened (permissions)',
  EPERM: 'may not be opened (permissions)',
  EROFS: 'is on a file system that cannot be written',
  ENOSPC: 'there is no room left on the disk',
};

/** The system's errors as errors of the recording at `path`; others as they are. */
export function recordingProblem(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return new RecordingError(`${path}: ${fileProblems[error.code ?? ''] ?? error.message}`);
}
