/** Calls of what a host has given, whose bugs harm nobody: neither the room nor the others in it. */
import type { Logger } from '../logging/logger.ts';
import type { ConnectionLimiter } from './session/connection-limiter.ts';

/**
 * Calls at once. Resolves when the call is over; what it threw, or rejected with, is reported.
 *
 * @example
 * void callHost(() => room.message?.(message), (error) => log.error({ err: error, member: 'message' }, 'member of the room failed'));
 */
export async function callHost(call: () => unknown, onFailed: (error: unknown) => void): Promise<void> {
  try {
    await call();
  } catch (error) {
    onFailed(error);
  }
}

/** Reads what a host has, again and again. Of each thing the first failure is logged. */
export class HostReader {
  readonly #log: Pick<Logger, 'error'>;
  readonly #failed = new Set<string>();

  constructor(log: Pick<Logger, 'error'>) {
    this.#log = log;
  }

  /** @param what names it in the log @returns `instead` where reading it throws */
  read<T>(what: string, read: () => T, instead: T): T {
    try {
      return read();
    } catch (error) {
      if (!this.#failed.has(what)) this.#log.error({ err: error, member: what }, 'member of the room failed');
      this.#failed.add(what);
      return instead;
    }
  }
}

/** A host's limiter, of which `reserve` alone fails, and that by rejecting. */
export const safeLimiter = (limiter: ConnectionLimiter, host: HostReader): ConnectionLimiter => ({
  reserve: async (onWaitChanged) => limiter.reserve(onWaitChanged),
  tokensUsed: (tokens) => host.read('connectionLimiter.tokensUsed', () => limiter.tokensUsed(tokens), undefined),
  throttled: () => host.read('connectionLimiter.throttled', () => limiter.throttled(), undefined),
});
