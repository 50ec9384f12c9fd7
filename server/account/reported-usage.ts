/**
 * Decides whether what an interpreter reports is counted. A report that was counted already is not counted again, and one that is out of
 * order waits until the ones before it came, so that nothing is lost when a connection is. Nobody can have used more than the time since
 * they were first heard of allows: a report of more is refused, and whoever sent it may send it again later.
 *
 * Knows at most 1000 interpreters; the first heard of is forgotten first.
 */

import { ApiError, type RequestData, type UsageEntry } from '@mediasoup-booth/protocol';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';

type UsageReport = Required<RequestData<'usage.report'>>;

interface Reporter {
  sinceMs: number;
  /** Milliseconds of audio, and tokens, that were counted so far. */
  audioMs: number;
  tokens: number;
  /** Tokens that were reported for the limit of a minute. */
  minuteTokens: number;
  /** The newest counted report of each life of its process. */
  lives: BoundedMap<string, number>;
  throttled: TokenBucket;
}

/** Everybody is trusted with what a minute allows, when they are first heard of. */
const GRACE_MS = 60_000;
/** An interpreter's sessions at the same time: speakers and languages. */
const DEFAULT_MAX_SESSIONS = 64;
/** The service may answer with more than the account's limit of a minute before it refuses. */
const TOKEN_MARGIN = 2;
/** A picture counts as so much audio: no more are sent in a session. */
const PICTURE_MS = 500;
const LIVES = 8;

export interface ReportedUsageOptions {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** What the service gives in a minute to all interpreters together. */
  tokensPerMinute: number;
  /** Sessions that one interpreter may hold at the same time. Default: 64. */
  maxSessions?: number | undefined;
}

export class ReportedUsage {
  readonly #options: ReportedUsageOptions;
  readonly #reporters = new BoundedMap<string, Reporter>(limits.usageReporters);

  constructor(options: ReportedUsageOptions) {
    this.#options = options;
  }

  /**
   * Whether to count a report.
   *
   * @param interpreter room and participant id
   * @returns false for one that was counted already
   * @throws {ApiError} `conflict` where an earlier one is missing; `invalid` for more than can have been used
   */
  accept(interpreter: string, { reporter: life, number, entries }: UsageReport): boolean {
    const reporter = this.#reporter(interpreter);
    const last = reporter.lives.get(life);
    if (last !== undefined && number <= last) return false;
    if (last !== undefined && number > last + 1)
      throw new ApiError('conflict', `report ${number} came before report ${last + 1}: send that first`);
    const audioMs = reporter.audioMs + sum(entries, audioOf);
    const tokens = reporter.tokens + sum(entries, tokensOf);
    this.#requirePossible(reporter, audioMs, tokens);
    Object.assign(reporter, { audioMs, tokens });
    reporter.lives.set(life, number);
    return true;
  }

  /** @throws {ApiError} `invalid` for more tokens than can have been used */
  requireTokens(interpreter: string, tokens: number): void {
    const reporter = this.#reporter(interpreter);
    this.#requirePossible(reporter, 0, reporter.minuteTokens + tokens);
    reporter.minuteTokens += tokens;
  }

  /** @throws {ApiError} `tooMany` where the service cannot have throttled this interpreter so often */
  requireThrottled(interpreter: string): void {
    if (!this.#reporter(interpreter).throttled.take(this.#options.nowMs()))
      throw new ApiError('tooMany', 'the service was said to have throttled just now: all wait already');
  }

  #reporter(interpreter: string): Reporter {
    const known = this.#reporters.get(interpreter);
    if (known) return known;
    const sinceMs = this.#options.nowMs();
    const lives = new BoundedMap<string, number>(LIVES);
    const throttled = new TokenBucket(limits.throttledReports, sinceMs);
    const reporter = { sinceMs, audioMs: 0, tokens: 0, minuteTokens: 0, lives, throttled };
    this.#reporters.set(interpreter, reporter);
    return reporter;
  }

  #requirePossible({ sinceMs }: Reporter, audioMs: number, tokens: number): void {
    const { nowMs, tokensPerMinute, maxSessions = DEFAULT_MAX_SESSIONS } = this.#options;
    const elapsedMs = nowMs() - sinceMs + GRACE_MS;
    if (audioMs > elapsedMs * maxSessions)
      throw new ApiError('invalid', 'more audio was reported than can have been sent in this time');
    if (tokens > (elapsedMs / 60_000) * tokensPerMinute * TOKEN_MARGIN)
      throw new ApiError('invalid', 'more tokens were reported than can have been used in this time');
  }
}

const sum = (entries: readonly UsageEntry[], of: (entry: UsageEntry) => number): number =>
  entries.reduce((total, entry) => total + of(entry), 0);

const audioOf = ({ sentMs, pictures }: UsageEntry): number =>
  sentMs.speech + sentMs.replayed + sentMs.silence + pictures * PICTURE_MS;

/** What is charged by: the parts, or the sum that the service reports. */
const tokensOf = ({ tokens: { total, ...parts } }: UsageEntry): number =>
  Math.max(
    total,
    Object.values(parts).reduce((all, one) => all + one, 0),
  );
