/**
 * The server did not admit the person. `message` says why and what to do; `retryable` whether the same may work later; `code` is the
 * server's error code or empty.
 */
export class EntranceError extends Error {
  // Declared only, so that no code is emitted for the fields: the captions widget has to stay small.
  declare readonly retryable: boolean;
  declare readonly code: string;
  constructor(message: string, retryable: boolean, code = '') {
    super(message);
    this.retryable = retryable;
    this.code = code;
  }
}
