/** What a command says to the person who typed it, in one line and without a stack. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** It was typed wrong, and nothing was done. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
}
