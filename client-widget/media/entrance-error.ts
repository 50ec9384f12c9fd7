/** Nobody was let in; `message` says why and what to do. `retryable`: later it may work. */
export class EntranceError extends Error {
  override readonly name = 'EntranceError';
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}
