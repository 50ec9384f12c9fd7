/** An error whose message is for the person who typed the command: one line, printed without a stack. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** The command line was wrong, and nothing was done. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
}
