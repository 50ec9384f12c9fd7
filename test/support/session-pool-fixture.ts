import pino from 'pino';
import type { ConnectionLimiter, OnWaitChanged } from '../../bot/session/connection-limiter.ts';
import { type Lease, type LeaseRequest, type LeaseRequester, SessionPool } from '../../bot/session/session-pool.ts';
import { type SessionOptions, TranslationError } from '../../bot/session/translation-session.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { type ScriptedSession, ScriptedSessions } from './scripted-session.ts';

export const SESSION_IDLE_TIMEOUT_MS = 240_000;
export const spanish: SessionOptions = { source: 'en', target: 'es', audio: true };
export const french: SessionOptions = { source: 'en', target: 'fr', audio: true };
export const error = (errorClass: TranslationError['class'], code = errorClass) =>
  new TranslationError(errorClass, code, `it was ${code}`);

/** Grants every reservation after `waitMs`. */
export class ScriptedConnectionLimiter implements ConnectionLimiter {
  waitMs = 0;
  failing = false;
  readonly reservations: OnWaitChanged[] = [];
  throttles = 0;
  tokens = 0;

  async reserve(moved: OnWaitChanged = () => {}): Promise<number> {
    this.reservations.push(moved);
    if (this.failing) throw new Error('nobody there');
    return this.waitMs;
  }

  tokensUsed(tokens: number): void {
    this.tokens += tokens;
  }

  throttled(): void {
    this.throttles++;
  }
}

export class Speaker implements LeaseRequester {
  readonly events: string[] = [];
  lease: Lease | undefined;
  request: LeaseRequest | undefined;
  readonly #onGranted: () => void;

  constructor(onGranted = () => {}) {
    this.#onGranted = onGranted;
  }

  granted(lease: Lease): void {
    this.lease = lease;
    this.events.push('granted');
    this.#onGranted();
  }
  waiting(waitMs: number | undefined, reason?: TranslationError): void {
    this.events.push(`waits ${waitMs}${reason ? ` ${reason.code}` : ''}`);
  }
  denied({ code }: TranslationError): void {
    this.events.push(`denied ${code}`);
  }
  lost(reason: TranslationError | undefined): void {
    this.events.push(`lost ${reason?.code}`);
    this.lease = undefined;
  }
  source = ({ segment }: { segment: string }): void => {
    this.events.push(`source ${segment}`);
  };
  translation = (): void => {};
  audio = (): void => {};
  audioEnd = (): void => {};
  contentFiltered = (): void => {};
  usage = (): void => {};
}

export const turns = () => new Promise((resolve) => setImmediate(resolve));

export class SessionPoolFixture {
  readonly clock = new FakeClock();
  readonly sessions: ScriptedSessions;
  readonly connectionLimiter = new ScriptedConnectionLimiter();
  readonly pool: SessionPool;
  random = 0;
  denialChanges = 0;

  constructor({
    readies = true,
    connectionLimiter,
    maxSessions,
  }: {
    readies?: boolean;
    connectionLimiter?: (clock: FakeClock) => ConnectionLimiter;
    maxSessions?: number;
  } = {}) {
    this.sessions = new ScriptedSessions({ readies });
    this.pool = new SessionPool({
      openSession: this.sessions.open,
      connectionLimiter: connectionLimiter?.(this.clock) ?? this.connectionLimiter,
      model: { rates: { audioInPerSecond: 10, audioOutPerSecond: 10, imagePatchPixels: 28 } },
      sessionIdleTimeoutMs: SESSION_IDLE_TIMEOUT_MS,
      maxSessions,
      clock: this.clock,
      random: () => this.random,
      onDenialChanged: () => this.denialChanges++,
      log: pino({ level: 'silent' }),
    });
  }

  /** Requests a lease for a speaker who starts to speak. */
  speaks(kind = spanish, { read = true, onGranted }: { read?: boolean; onGranted?: () => void } = {}): Speaker {
    const speaker = new Speaker(onGranted);
    speaker.request = this.pool.requestLease(kind, speaker, { hasCaptionSubscribers: read });
    return speaker;
  }

  /** Advances the clock step by step, and runs all pending promises after each step. */
  async passTime(ms = 0, stepMs = 100): Promise<void> {
    await turns();
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(left, stepMs));
      await turns();
    }
    this.clock.advance(0);
    await turns();
  }

  /** The kinds of the sessions opened so far. */
  get opened(): string[] {
    return this.sessions.all.map(({ options }) => options.target);
  }

  session(index: number): ScriptedSession {
    const session = this.sessions.all[index];
    if (!session) throw new Error('it was not opened');
    return session;
  }
}
