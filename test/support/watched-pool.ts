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

  override claim(kind: SessionOptions, claimant: LeaseRequester, wishes?: { read?: boolean }): LeaseRequest {
    const atMs = this.#clock.now();
    const watched: LeaseRequester = {
      ...claimant,
      granted: (lease) => {
        this.waits.push({ atMs, waitMs: this.#clock.now() - atMs });
        claimant.granted(lease);
      },
    };
    return super.claim(kind, watched, wishes);
  }
}
