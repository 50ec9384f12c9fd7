/** The session pool, and how long each voice waited for its session: nothing, where one was ready. */

import {
  type LeaseRequest,
  type LeaseRequester,
  SessionPool,
  type SessionPoolOptions,
} from '../../bot/session/session-pool.ts';
import type { SessionOptions } from '../../bot/session/translation-session.ts';

export class WatchedPool extends SessionPool {
  /** By when it began to wait. */
  readonly waits: { atMs: number; waitMs: number }[] = [];
  readonly #clock: SessionPoolOptions['clock'];

  constructor(options: SessionPoolOptions) {
    super(options);
    this.#clock = options.clock;
  }

  override requestLease(
    kind: SessionOptions,
    requester: LeaseRequester,
    preferences?: { hasReaders?: boolean },
  ): LeaseRequest {
    const atMs = this.#clock.now();
    const watched: LeaseRequester = {
      ...requester,
      granted: (lease) => {
        this.waits.push({ atMs, waitMs: this.#clock.now() - atMs });
        requester.granted(lease);
      },
    };
    return super.requestLease(kind, watched, preferences);
  }
}
