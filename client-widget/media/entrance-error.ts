/** Nobody was let in; `message` says why and what to do. `retryable`: later it may work. `code`: the server's, else empty. */
export class EntranceError extends Error {
  // Declared, so that nothing is emitted for them: captions have to be light.
  declare readonly retryable: boolean;
  declare readonly code: string;
  constructor(message: string, retryable: boolean, code = '') {
    super(message);
    this.retryable = retryable;
    this.code = code;
  }
}
