/**
 * How far a translation service is behind with the speech that it was sent, as far as it reports that, and what people are told of it.
 * Speech beyond a bound waits here and not there, so that a service on a starved computer loses none, and has it in order when it
 * catches up. No timers, no sockets.
 */
import type { StatusReason } from '@mediasoup-booth/protocol';

/** Speech waits here while this much waits at the service. */
const MAX_BACKLOG_MS = 8000;
/** A delay is reported to people from this length on, and again when it has changed by as much. */
const REPORT_STEP_MS = 5000;
/** With less than this waiting, the service keeps up. */
const KEEPS_UP_MS = 1000;

/** How messages name the service, where its owner has no other name for it. */
export const SERVICE_NAME = 'The translation service';

/** A message for people; undefined text: the service keeps up again. */
export interface BacklogNotice {
  message: string | undefined;
  reason?: Extract<StatusReason, 'behind' | 'speechLost'>;
}

export class ServiceBacklog {
  readonly #serviceName: string;
  #waitingMs = 0;
  #speakersAhead = 0;
  #reportedAtMs = Number.NEGATIVE_INFINITY;
  /** The delay that people were told last; 0: that the service keeps up, or nothing. */
  #toldMs = 0;
  #toldDroppedMs = 0;

  /** @param serviceName what messages call the service, at the beginning of a sentence */
  constructor(serviceName: string = SERVICE_NAME) {
    this.#serviceName = serviceName;
  }

  /** Milliseconds of speech that wait at the service. */
  get waitingMs(): number {
    return this.#waitingMs;
  }

  /** When the service last reported on its backlog: the time of a sign of life. */
  get reportedAtMs(): number {
    return this.#reportedAtMs;
  }

  /** No more speech is to be sent until the service has caught up. */
  get isFull(): boolean {
    return this.#waitingMs >= MAX_BACKLOG_MS;
  }

  /** People know that the service is behind. */
  get isTold(): boolean {
    return this.#toldMs > 0;
  }

  /** Another session begins: it has no backlog. */
  restart(): void {
    this.#waitingMs = 0;
    this.#toldMs = 0;
    this.#reportedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** The service has reported how much speech waits there, and for how many other speakers. */
  report({ waitingMs, speakersAhead }: { waitingMs: number; speakersAhead: number }, nowMs: number): void {
    this.#waitingMs = waitingMs;
    this.#speakersAhead = speakersAhead;
    this.#reportedAtMs = nowMs;
  }

  /** Speech was sent to a service that is behind: it waits there too, until the next report. */
  sent(ms: number): void {
    if (this.#waitingMs > 0) this.#waitingMs += ms;
  }

  /**
   * What people are to be told now; undefined: nothing new.
   *
   * @param heldMs milliseconds of speech that wait here
   * @param droppedMs milliseconds of speech that were dropped here so far
   */
  notice(heldMs: number, droppedMs: number): BacklogNotice | undefined {
    const isNewLoss = droppedMs > 0 && (this.#toldDroppedMs === 0 || droppedMs >= this.#toldDroppedMs + REPORT_STEP_MS);
    if (isNewLoss) {
      this.#toldDroppedMs = droppedMs;
      return { message: droppedMessage(droppedMs), reason: 'speechLost' };
    }
    const hasReported = Number.isFinite(this.#reportedAtMs);
    return hasReported ? this.#delayNotice(this.#waitingMs + heldMs) : undefined;
  }

  #delayNotice(behindMs: number): BacklogNotice | undefined {
    if (this.isTold && behindMs < KEEPS_UP_MS) {
      this.#toldMs = 0;
      return { message: undefined };
    }
    const isNews = behindMs >= REPORT_STEP_MS && Math.abs(behindMs - this.#toldMs) >= REPORT_STEP_MS;
    if (!isNews) return undefined;
    this.#toldMs = behindMs;
    return { message: this.#behindMessage(behindMs), reason: 'behind' };
  }

  #behindMessage(ms: number): string {
    const why =
      this.#speakersAhead > 0
        ? `is busy with ${others(this.#speakersAhead)} who began earlier: it`
        : 'cannot keep up: it';
    return `${this.#serviceName} ${why} is about ${seconds(ms)} s behind. What is said waits and is translated in order.`;
  }
}

const others = (speakers: number): string => (speakers === 1 ? 'another speaker' : `${speakers} other speakers`);
const droppedMessage = (ms: number): string =>
  `No translation service took the speech in time: ${seconds(ms)} s of it were left out. What is said now is kept.`;
const seconds = (ms: number): number => Math.max(1, Math.round(ms / 1000));
