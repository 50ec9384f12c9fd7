/** Whether the same may succeed a while later, by why the engine cannot be used. */
const retryableCodes = {
  /** The engine does not run on this kind of computer. */
  notSupported: false,
  /** Its parts could not be fetched. */
  networkUnreachable: true,
  /** Its parts could not be put in place. */
  setupFailed: false,
  /** Parts are missing, and are not to be fetched. */
  incomplete: false,
  /** It ended, or took too long, before it could be used. */
  startFailed: true,
  portInUse: false,
  invalidOption: false,
} as const;

export type EngineErrorCode = keyof typeof retryableCodes;

/** The engine cannot be used. `message` says why, and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;
  /** Whether another attempt may succeed although nothing was changed. */
  readonly retryable: boolean;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = retryableCodes[code];
  }
}
