/**
 * The sessions of one interpreter. Connections are scarce (the service allows a few per minute for the whole account), so speakers
 * share sessions: whoever starts to speak leases an idle session of the right kind (one with the same options) and releases it when their
 * turn has ended. A connection is reserved and opened only if no session is idle.
 *
 * Hard requirements: no connection without a reservation; whoever has waited longest is served first; an idle session is kept for a
 * limited time and then ended; a kind of session that the service denied is not requested for a minute at first, and for ten at most. At
 * most 64 sessions, or as many as the account is set to hold, and 8 reservations.
 */

import type { Model } from '../../config/models.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { ConnectionLimiter } from './connection-limiter.ts';
import { ConnectionReservation } from './connection-reservation.ts';
import { type LeaseHolder, MAX_SESSION_AGE, PooledSession, type SessionAge } from './pooled-session.ts';
import { type OpenSession, type SessionOptions, sessionKey, type TranslationError } from './translation-session.ts';

/** Sessions of one interpreter at the same time, where nothing else is set. */
export const DEFAULT_MAX_SESSIONS = 64;
const MAX_RESERVATIONS = 8;
/** Speech is buffered for this long: if somebody would wait longer, captions (with readers) are served before voices (with listeners alone). */
const LONG_WAIT_MS = 20_000;

/** The exclusive use of a session, until it is released or discarded. */
export interface Lease {
  /** The session has reached its maximum age: the next speech belongs on another session. */
  readonly isExpired: boolean;
  /** Whether the service speaks the translation as well as writing it. */
  readonly hasAudioOutput: boolean;
  /** Identifies the session and so what the model has been shown: the same object in every lease of it. */
  readonly session: object;
  /** Milliseconds of audio sent to the session, in all leases together. */
  readonly sentMs: number;
  send(samples: Int16Array): void;
  /** @returns whether the picture was sent */
  sendImage(jpeg: Uint8Array): boolean;
  /** Gives the session back at the end of a turn, for the next speaker. The holder receives nothing more of it. */
  release(): void;
  /** Gives back a session that may be broken: nobody gets it any more. */
  discard(): void;
}

export interface LeaseRequester extends LeaseHolder {
  granted(lease: Lease): void;
  /** No session is free yet. `waitMs`: until the next connection, if known; `reason`: why the last attempt failed. */
  waiting(waitMs: number | undefined, reason?: TranslationError): void;
  /** The service denies sessions of this kind at the moment. */
  denied(error: TranslationError): void;
}

export interface LeaseRequest {
  cancel(): void;
}

interface QueuedRequest {
  sessionOptions: SessionOptions;
  key: string;
  requester: LeaseRequester;
  sinceMs: number;
  hasCaptionSubscribers: boolean;
}

export interface SessionPoolOptions {
  openSession: OpenSession;
  connectionLimiter: ConnectionLimiter;
  model: Pick<Model, 'rates'>;
  /** How long an idle session is kept, in milliseconds; at most 240,000, before the service ends it. */
  sessionIdleTimeoutMs: number;
  /** How many sessions are open at the same time. Default: 64. */
  maxSessions?: number | undefined;
  /** Default: 110 minutes or 40,000 tokens. */
  maxSessionAge?: SessionAge;
  clock: Clock;
  /** Returns a number from 0 (inclusive) to 1 (exclusive) that spreads retries, so that interpreters which failed together do not retry together. */
  random: () => number;
  /** The service has denied a kind of session, or grants one again that it had denied: see `denial`. */
  onDenialChanged?: () => void;
  /** A session has opened. */
  onOpened?: () => void;
  /** A session was lost or refused. */
  onError?: (error: TranslationError) => void;
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
}

/**
 * @example
 * const pool = new SessionPool({ openSession, connectionLimiter, model, sessionIdleTimeoutMs: 240_000, clock, random: Math.random, log });
 * pool.prepare([{ source: 'en', target: 'es', audio: true }]);
 * const request = pool.requestLease({ source: 'en', target: 'es', audio: true }, requester);
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #sessions = new Set<PooledSession>();
  readonly #idleTimeouts = new Map<PooledSession, () => void>();
  #queue: QueuedRequest[] = [];
  /** The number of people who may speak soon, for each kind. */
  #expected = new Map<string, { sessionOptions: SessionOptions; speakers: number }>();
  readonly #spareNeeded = new Set<string>();
  readonly #reservations = new Set<ConnectionReservation>();
  readonly #circuitBreaker: CircuitBreaker;
  #serveScheduled = false;
  #closed = false;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#circuitBreaker = new CircuitBreaker({ clock, random, onRetry: () => this.#serveSoon() });
  }

  /**
   * Queues a request for a session of this kind. The requester is called in a later turn of the event loop.
   * `hasCaptionSubscribers`: somebody reads the captions. Default: true.
   */
  requestLease(
    sessionOptions: SessionOptions,
    requester: LeaseRequester,
    { hasCaptionSubscribers = true } = {},
  ): LeaseRequest {
    const request = {
      sessionOptions,
      key: sessionKey(sessionOptions),
      requester,
      sinceMs: this.#options.clock.now(),
      hasCaptionSubscribers,
    };
    this.#queue.push(request);
    this.#serveSoon();
    return { cancel: () => this.#dequeue(request) };
  }

  /** Keeps one more session ready of each kind than are in use. @param kinds one entry for each person who may speak soon */
  prepare(kinds: readonly SessionOptions[]): void {
    const before = this.#expected;
    this.#expected = new Map();
    for (const sessionOptions of kinds) {
      const key = sessionKey(sessionOptions);
      const speakers = (this.#expected.get(key)?.speakers ?? 0) + 1;
      this.#expected.set(key, { sessionOptions, speakers });
      if (speakers > (before.get(key)?.speakers ?? 0)) this.#spareNeeded.add(key);
    }
    this.#serveSoon();
  }

  /** Why the service denied sessions of this kind, until it opens one again; undefined: it does not deny them. */
  denial(sessionOptions: SessionOptions): TranslationError | undefined {
    return this.#circuitBreaker.lastDenial(sessionKey(sessionOptions));
  }

  /** How many sessions are open, or opening. */
  get size(): number {
    return this.#sessions.size;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#circuitBreaker.close();
    for (const reservation of this.#reservations) reservation.cancel();
    for (const cancel of this.#idleTimeouts.values()) cancel();
    for (const session of this.#sessions) session.close();
  }

  #dequeue(request: QueuedRequest): void {
    this.#queue = this.#queue.filter((other) => other !== request);
  }

  #serveSoon(): void {
    if (this.#serveScheduled) return;
    this.#serveScheduled = true;
    queueMicrotask(() => {
      this.#serveScheduled = false;
      if (!this.#closed) this.#serve();
    });
  }

  #serve(): void {
    for (const request of this.#byPriority()) {
      // A requester that was served before this one may have cancelled it.
      if (!this.#queue.includes(request)) continue;
      const denied = this.#circuitBreaker.denial(request.key);
      const session = denied ? undefined : this.#idle(request.key);
      if (denied) {
        this.#dequeue(request);
        request.requester.denied(denied);
      } else if (session) {
        this.#dequeue(request);
        this.#grant(session, request);
      }
    }
    this.#reserveMissing();
  }

  /** The idle session that was used last, so that those no longer needed reach their idle timeout. */
  #idle(key: string): PooledSession | undefined {
    const usable = this.#sessionsOf(key, 'idle').filter(({ isExpired }) => !isExpired);
    return usable.sort((a, b) => b.sinceMs - a.sinceMs)[0];
  }

  #grant(session: PooledSession, { key, requester }: QueuedRequest): void {
    this.#cancelIdleTimeout(session);
    session.lease(requester);
    this.#spareNeeded.add(key);
    let held = true;
    const once = (giveBack: () => void) => () => {
      if (held) giveBack();
      held = false;
    };
    requester.granted({
      get isExpired() {
        return session.isExpired;
      },
      hasAudioOutput: session.hasAudioOutput,
      session,
      get sentMs() {
        return session.sentMs;
      },
      send: (samples) => held && session.send(samples),
      sendImage: (jpeg) => held && session.sendImage(jpeg),
      release: once(() => this.#released(session)),
      discard: once(() => this.#retire(session)),
    });
  }

  #released(session: PooledSession): void {
    if (session.state !== 'leased' || !this.#sessions.has(session)) return;
    session.release();
    if (session.isExpired) this.#retire(session);
    else this.#startIdleTimeout(session);
    this.#serveSoon();
  }

  #cancelIdleTimeout(session: PooledSession): void {
    this.#idleTimeouts.get(session)?.();
    this.#idleTimeouts.delete(session);
  }

  #startIdleTimeout(session: PooledSession): void {
    this.#cancelIdleTimeout(session);
    this.#idleTimeouts.set(
      session,
      this.#options.clock.after(this.#options.sessionIdleTimeoutMs, () => this.#retire(session)),
    );
  }

  #retire(session: PooledSession): void {
    this.#cancelIdleTimeout(session);
    session.retire();
    this.#serveSoon();
  }

  #reserveMissing(): void {
    if (this.#closed) return;
    const missing = this.#missing();
    // Half open: one session finds out whether the account is still denied.
    const maxReservations = this.#circuitBreaker.isAccountHalfOpen ? 1 : MAX_RESERVATIONS;
    while (this.#reservations.size < Math.min(missing.length, maxReservations, this.#freeSlots))
      this.#reserveConnection();
    const firstMs = Math.min(...[...this.#reservations].map(({ dueMs }) => dueMs));
    const waitMs = Number.isFinite(firstMs) ? Math.max(0, firstMs - this.#options.clock.now()) : undefined;
    for (const { requester } of this.#queue) requester.waiting(waitMs);
  }

  get #maxSessions(): number {
    return this.#options.maxSessions ?? DEFAULT_MAX_SESSIONS;
  }

  /** How many sessions could be opened: a reservation that falls due without a free slot is spent for nothing. */
  get #freeSlots(): number {
    const idle = [...this.#sessions].filter(({ state }) => state === 'idle');
    return this.#maxSessions - this.#sessions.size + idle.length;
  }

  /** The kinds for which a connection is needed and none is opening, in order of priority. */
  #missing(): SessionOptions[] {
    const isOpening = [...this.#sessions].some(({ state }) => state === 'opening');
    if (this.#circuitBreaker.isAccountHalfOpen && isOpening) return [];
    const kinds: SessionOptions[] = [];
    const opening = new Map<string, number>();
    for (const session of this.#sessions) {
      const key = sessionKey(session.sessionOptions);
      if (session.state === 'opening') opening.set(key, (opening.get(key) ?? 0) + 1);
    }
    for (const { key, sessionOptions } of this.#byPriority()) {
      const pending = opening.get(key) ?? 0;
      if (pending > 0) opening.set(key, pending - 1);
      else if (!this.#circuitBreaker.isOpen(key)) kinds.push(sessionOptions);
    }
    return [...kinds, ...this.#missingSpares()];
  }

  /** Longest waiting first; but if somebody would wait longer than speech is buffered, captions come before voices. */
  #byPriority(): QueuedRequest[] {
    const now = this.#options.clock.now();
    const dueMs = [...this.#reservations]
      .map((reservation) => reservation.dueMs)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const late = this.#queue.some(({ sinceMs }, i) => Math.max(now, dueMs[i] ?? now) - sinceMs > LONG_WAIT_MS);
    return late
      ? this.#queue.toSorted((a, b) => Number(b.hasCaptionSubscribers) - Number(a.hasCaptionSubscribers))
      : [...this.#queue];
  }

  #missingSpares(): SessionOptions[] {
    const kinds: SessionOptions[] = [];
    for (const key of this.#spareNeeded) {
      const expected = this.#expected.get(key);
      const fresh = this.#sessionsOf(key, 'opening', 'idle', 'leased').filter(
        ({ isNearlyExpired }) => !isNearlyExpired,
      );
      const leased = fresh.filter(({ state }) => state === 'leased').length;
      if (!expected || fresh.length >= Math.min(expected.speakers, leased + 1)) this.#spareNeeded.delete(key);
      else if (!this.#circuitBreaker.isOpen(key) && !this.#circuitBreaker.denial(key))
        kinds.push(expected.sessionOptions);
    }
    return kinds;
  }

  #reserveConnection(): void {
    const remove = (): void => {
      this.#reservations.delete(reservation);
      this.#serveSoon();
    };
    const reservation = new ConnectionReservation(this.#options, {
      moved: () => this.#serveSoon(),
      due: () => {
        const [sessionOptions] = this.#missing();
        if (sessionOptions) this.#open(sessionOptions);
        remove();
      },
      failed: remove,
    });
    this.#reservations.add(reservation);
  }

  #open(sessionOptions: SessionOptions): void {
    if (this.#sessions.size >= this.#maxSessions && !this.#makeRoom()) return;
    const key = sessionKey(sessionOptions);
    const session = new PooledSession({
      maxSessionAge: MAX_SESSION_AGE,
      ...this.#options,
      sessionOptions,
      onReady: () => {
        const wasDenied = this.#circuitBreaker.recordSuccess(key);
        this.#options.onOpened?.();
        if (wasDenied) this.#options.onDenialChanged?.();
        this.#startIdleTimeout(session);
        this.#serveSoon();
      },
      onUsage: (usage) => {
        this.#options.connectionLimiter.tokensUsed(usage.total ?? 0);
        if (session.isNearlyExpired) this.#spareNeeded.add(key);
        this.#serveSoon();
      },
      onEnded: (error, worked) => this.#ended(session, error, worked),
    });
    this.#sessions.add(session);
  }

  #makeRoom(): boolean {
    const [idlest] = [...this.#sessions].filter(({ state }) => state === 'idle').sort((a, b) => a.sinceMs - b.sinceMs);
    if (idlest) this.#retire(idlest);
    return idlest !== undefined;
  }

  #ended(session: PooledSession, error: TranslationError | undefined, worked: boolean): void {
    this.#sessions.delete(session);
    this.#cancelIdleTimeout(session);
    if (this.#closed) return;
    if (error && session.state !== 'retired') this.#recordError(session, error, worked);
    this.#serveSoon();
  }

  #recordError({ sessionOptions }: PooledSession, error: TranslationError, worked: boolean): void {
    const key = sessionKey(sessionOptions);
    const { source, target } = sessionOptions;
    const { code, class: errorClass, message: reason } = error;
    this.#options.log.info({ source, target, code, class: errorClass, reason }, 'translation session lost');
    this.#options.onError?.(error);
    if (error.class === 'throttle') this.#options.connectionLimiter.throttled();
    if (error.class === 'account' || error.class === 'config') {
      this.#circuitBreaker.deny(key, error);
      // A session that nobody needs yet finds out whether they are still denied, before somebody speaks.
      for (const expected of error.class === 'account' ? this.#expected.keys() : [key]) this.#spareNeeded.add(expected);
      this.#options.onDenialChanged?.();
    } else if (!worked) {
      const waitMs = this.#circuitBreaker.recordFailure(key);
      for (const request of this.#queue) if (request.key === key) request.requester.waiting(waitMs, error);
    }
  }

  #sessionsOf(key: string, ...states: PooledSession['state'][]): PooledSession[] {
    return [...this.#sessions].filter(
      (session) => states.includes(session.state) && sessionKey(session.sessionOptions) === key,
    );
  }
}
