/**
 * The sessions of one interpreter. Connections are few (the service allows some in a minute for the whole account), so a session
 * goes from speaker to speaker: who begins to speak takes one that is idle and of the right kind, and gives it back when what
 * they said is finished. Only where there is none does a connection get booked and opened.
 *
 * Hard requirements: no connection without a permit; who waits longest is served first; an idle session is held for a time
 * and then ended; a service that refuses for good is not asked again. At most 64 sessions, 8 connections booked ahead.
 */
import type { Logger } from 'pino';
import type { Model } from '../../config/models.ts';
import type { Clock } from '../../time/clock.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { ConnectionLimiter } from './connection-limiter.ts';
import { ConnectionReservation } from './connection-reservation.ts';
import { type LeaseHolder, MAX_SESSION_AGE, PooledSession, type SessionAge } from './pooled-session.ts';
import { keyOf } from './session-kind.ts';
import type { OpenSession, SessionOptions, TranslationError } from './translation-session.ts';

const MAX_SESSIONS = 64;
const MAX_BOOKED = 8;
/** Speech is kept for as long: who would have to wait longer, and has readers, goes before who has only listeners. */
const LONG_WAIT_MS = 20_000;

/** A session in somebody's hands. */
export interface Lease {
  /** Used up: what is said next belongs on another. */
  readonly isWorn: boolean;
  /** What it writes it says, too. */
  readonly speaks: boolean;
  /** Who remembers what it was shown: the same as long as the session lasts, in whosever hands. */
  readonly session: object;
  /** How much it has been sent, by all who had it. */
  readonly heardMs: number;
  send(samples: Int16Array): void;
  image(jpeg: Uint8Array): boolean;
  /** At a finished utterance: the next may have it. Nothing of it is heard any more. */
  release(): void;
  /** It is in doubt: nobody gets it any more. */
  discard(): void;
}

export interface LeaseRequester extends LeaseHolder {
  granted(lease: Lease): void;
  /** There is none yet. `reason`: why the last attempt failed. */
  waiting(waitMs: number | undefined, reason?: TranslationError): void;
  /** No session of this kind will come. */
  denied(error: TranslationError): void;
}

export interface LeaseRequest {
  cancel(): void;
}

interface Waiting {
  kind: SessionOptions;
  key: string;
  claimant: LeaseRequester;
  sinceMs: number;
  /** Somebody reads what comes of it. */
  read: boolean;
}

export interface SessionPoolOptions {
  openSession: OpenSession;
  permits: ConnectionLimiter;
  model: Pick<Model, 'rates'>;
  /** How long an idle session is held, in milliseconds; at most 240,000, before the service ends it. */
  sessionIdleTimeoutMs: number;
  /** Default: 110 minutes or 40,000 tokens. */
  wear?: SessionAge;
  clock: Clock;
  /** From 0 to 1: so that interpreters that were cut off together do not come back together. */
  random: () => number;
  /** The service has refused for good: `denial` tells for which kinds. */
  onDenied?: () => void;
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
}

export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #sessions = new Set<PooledSession>();
  readonly #holds = new Map<PooledSession, () => void>();
  #waiting: Waiting[] = [];
  /** Who may speak soon: how many for each kind. */
  #expected = new Map<string, { kind: SessionOptions; speakers: number }>();
  readonly #spareWanted = new Set<string>();
  readonly #booked = new Set<ConnectionReservation>();
  readonly #setbacks: CircuitBreaker;
  #serveScheduled = false;
  #closed = false;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#setbacks = new CircuitBreaker({ clock, random, onOver: () => this.#serveSoon() });
  }

  /** The claimant hears in a later turn. */
  claim(kind: SessionOptions, claimant: LeaseRequester, { read = true } = {}): LeaseRequest {
    const claim = { kind, key: keyOf(kind), claimant, sinceMs: this.#options.clock.now(), read };
    this.#waiting.push(claim);
    this.#serveSoon();
    return { cancel: () => this.#drop(claim) };
  }

  /** One entry for each speaker who may speak: a session of each kind is made ready, and one more than are in use. */
  expect(kinds: readonly SessionOptions[]): void {
    const before = this.#expected;
    this.#expected = new Map();
    for (const kind of kinds) {
      const key = keyOf(kind);
      const speakers = (this.#expected.get(key)?.speakers ?? 0) + 1;
      this.#expected.set(key, { kind, speakers });
      if (speakers > (before.get(key)?.speakers ?? 0)) this.#spareWanted.add(key);
    }
    this.#serveSoon();
  }

  /** Why no session of this kind will come; undefined: one may. */
  denial(kind: SessionOptions): TranslationError | undefined {
    return this.#setbacks.denial(keyOf(kind));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    this.#setbacks.close();
    for (const booking of this.#booked) booking.cancel();
    for (const cancel of this.#holds.values()) cancel();
    for (const session of this.#sessions) session.close();
  }

  #drop(claim: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== claim);
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
    for (const claim of this.#byNeed()) {
      // Who was served before may have cancelled it.
      if (!this.#waiting.includes(claim)) continue;
      const denied = this.denial(claim.kind);
      const session = denied ? undefined : this.#idle(claim.key);
      if (denied) {
        this.#drop(claim);
        claim.claimant.denied(denied);
      } else if (session) {
        this.#drop(claim);
        this.#grant(session, claim);
      }
    }
    this.#bookMissing();
  }

  /** The one that was used last: the others come to the end of their time. */
  #idle(key: string): PooledSession | undefined {
    const fit = this.#of(key, 'idle').filter(({ isWorn }) => !isWorn);
    return fit.sort((a, b) => b.sinceMs - a.sinceMs)[0];
  }

  #grant(session: PooledSession, { key, claimant }: Waiting): void {
    this.#letGo(session);
    session.lease(claimant);
    this.#spareWanted.add(key);
    let held = true;
    const once = (give: () => void) => () => {
      if (held) give();
      held = false;
    };
    claimant.granted({
      get isWorn() {
        return session.isWorn;
      },
      speaks: session.speaks,
      session,
      get heardMs() {
        return session.heardMs;
      },
      send: (samples) => held && session.send(samples),
      image: (jpeg) => held && session.image(jpeg),
      release: once(() => this.#released(session)),
      discard: once(() => this.#retire(session)),
    });
  }

  #released(session: PooledSession): void {
    if (session.state !== 'leased' || !this.#sessions.has(session)) return;
    session.release();
    if (session.isWorn) this.#retire(session);
    else this.#hold(session);
    this.#serveSoon();
  }

  #letGo(session: PooledSession): void {
    this.#holds.get(session)?.();
    this.#holds.delete(session);
  }

  #hold(session: PooledSession): void {
    this.#letGo(session);
    this.#holds.set(
      session,
      this.#options.clock.after(this.#options.sessionIdleTimeoutMs, () => this.#retire(session)),
    );
  }

  #retire(session: PooledSession): void {
    this.#letGo(session);
    session.retire();
    this.#serveSoon();
  }

  #bookMissing(): void {
    if (this.#closed) return;
    const missing = this.#missing();
    while (this.#booked.size < Math.min(missing.length, MAX_BOOKED, this.#room)) this.#book();
    const firstMs = Math.min(...[...this.#booked].map(({ dueMs }) => dueMs));
    const waitMs = Number.isFinite(firstMs) ? Math.max(0, firstMs - this.#options.clock.now()) : undefined;
    for (const { claimant } of this.#waiting) claimant.waiting(waitMs);
  }

  /** How many sessions could be opened: a permit that comes due without room is spent for nothing. */
  get #room(): number {
    const idle = [...this.#sessions].filter(({ state }) => state === 'idle');
    return MAX_SESSIONS - this.#sessions.size + idle.length;
  }

  /** The connections that are needed and not on their way, the most needed first. */
  #missing(): SessionOptions[] {
    const kinds: SessionOptions[] = [];
    const opening = new Map<string, number>();
    for (const session of this.#sessions) {
      const key = keyOf(session.kind);
      if (session.state === 'opening') opening.set(key, (opening.get(key) ?? 0) + 1);
    }
    for (const { key, kind } of this.#byNeed()) {
      const coming = opening.get(key) ?? 0;
      if (coming > 0) opening.set(key, coming - 1);
      else if (!this.#setbacks.waits(key)) kinds.push(kind);
    }
    return [...kinds, ...this.#missingSpares()];
  }

  /** Longest waiting first; where somebody would wait too long for their speech to be kept, captions come before voice. */
  #byNeed(): Waiting[] {
    const now = this.#options.clock.now();
    const dueMs = [...this.#booked]
      .map((booking) => booking.dueMs)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const late = this.#waiting.some(({ sinceMs }, i) => Math.max(now, dueMs[i] ?? now) - sinceMs > LONG_WAIT_MS);
    return late ? this.#waiting.toSorted((a, b) => Number(b.read) - Number(a.read)) : [...this.#waiting];
  }

  #missingSpares(): SessionOptions[] {
    const kinds: SessionOptions[] = [];
    for (const key of this.#spareWanted) {
      const expected = this.#expected.get(key);
      const fresh = this.#of(key, 'opening', 'idle', 'leased').filter(({ isNearlyWorn }) => !isNearlyWorn);
      const leased = fresh.filter(({ state }) => state === 'leased').length;
      if (!expected || fresh.length >= Math.min(expected.speakers, leased + 1)) this.#spareWanted.delete(key);
      else if (!this.#setbacks.waits(key) && !this.#setbacks.denial(key)) kinds.push(expected.kind);
    }
    return kinds;
  }

  #book(): void {
    const over = (): void => {
      this.#booked.delete(booking);
      this.#serveSoon();
    };
    const booking = new ConnectionReservation(this.#options, {
      moved: () => this.#serveSoon(),
      due: () => {
        const [kind] = this.#missing();
        if (kind) this.#open(kind);
        over();
      },
      failed: over,
    });
    this.#booked.add(booking);
  }

  #open(kind: SessionOptions): void {
    if (this.#sessions.size >= MAX_SESSIONS && !this.#makeRoom()) return;
    const key = keyOf(kind);
    const session = new PooledSession({
      wear: MAX_SESSION_AGE,
      ...this.#options,
      kind,
      onReady: () => {
        this.#setbacks.overcome(key);
        this.#hold(session);
        this.#serveSoon();
      },
      onUsage: (usage) => {
        this.#options.permits.used(usage.total ?? 0);
        if (session.isNearlyWorn) this.#spareWanted.add(key);
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
    const key = keyOf(session.kind);
    this.#sessions.delete(session);
    this.#letGo(session);
    if (this.#closed) return;
    if (error && session.state !== 'retired') this.#learn(key, error, worked);
    this.#serveSoon();
  }

  #learn(key: string, error: TranslationError, worked: boolean): void {
    this.#options.log.info({ code: error.code, class: error.class }, error.message);
    if (error.class === 'throttle') this.#options.permits.throttled();
    if (error.class === 'account' || error.class === 'config') {
      this.#setbacks.deny(key, error);
      this.#options.onDenied?.();
    } else if (!worked) {
      const ms = this.#setbacks.backOff(key);
      for (const waiting of this.#waiting) if (waiting.key === key) waiting.claimant.waiting(ms, error);
    }
  }

  #of(key: string, ...states: PooledSession['state'][]): PooledSession[] {
    return [...this.#sessions].filter((session) => states.includes(session.state) && keyOf(session.kind) === key);
  }
}
