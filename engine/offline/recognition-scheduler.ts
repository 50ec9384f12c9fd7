/**
 * Decides which session's speech is recognised next, where more people speak than there are cores. Whoever began to speak first comes
 * first, so that those whom the computer can serve lose nothing; the others wait, know it, and get what time is left. A session that has
 * been sent no speech for two seconds, and none of whose speech waits, begins anew behind all others.
 *
 * Hard requirements: no more turns at the same time than `threads`, and a session that leaves waits no longer and holds none. Each session
 * waits for one turn at a time.
 */
import { type Clock, every } from '../../time/clock.ts';

/** A pause of this length between two pieces of speech ends the session's precedence. */
const PRECEDENCE_ENDS_AFTER_MS = 2000;
/** Sessions that wait are called so often, so that their clients can be told. */
const WAITING_EVERY_MS = 1000;

export interface RecognitionSchedulerOptions {
  /** How many sessions are recognised at the same moment: one for each core. */
  threads: number;
  clock: Clock;
}

export interface RecognitionPlace {
  /** Speech has arrived. */
  speechArrived(): void;
  /**
   * Resolves when it is this session's turn, which ends with its next one, or with `rest`; also when it has left. One turn follows
   * the other where nobody comes before. Undefined: it is its turn already.
   */
  turn(): Promise<void> | undefined;
  /** Ends the turn: nothing waits to be recognised. */
  rest(): void;
  /** How many sessions that began to speak earlier make this one wait; 0: it need not wait for anybody. */
  readonly ahead: number;
  /** Ends the turn, and the wait for one. */
  leave(): void;
}

/** The place of a session that has the computer to itself. */
export const NO_OTHERS: RecognitionPlace = {
  speechArrived() {},
  turn: () => undefined,
  rest() {},
  ahead: 0,
  leave() {},
};

interface Session {
  /** When it began to speak, as a number that grows with every beginning. */
  order: number;
  lastSpeechMs: number;
  isRecognizing: boolean;
  /** Called when its turn has come. */
  grant: (() => void) | undefined;
  onWaiting: () => void;
}

/**
 * @example
 * const place = scheduler.enter(() => console.log(`waits for ${place.ahead} others`));
 * place.speechArrived();
 * await place.turn();
 * await recognize(samples);
 * place.rest();
 * place.leave();
 */
export class RecognitionScheduler {
  readonly #options: RecognitionSchedulerOptions;
  readonly #sessions = new Set<Session>();
  #recognizing = 0;
  #beginnings = 0;
  #cancelNotices: (() => void) | undefined;

  constructor(options: RecognitionSchedulerOptions) {
    this.#options = options;
  }

  /** @param onWaiting called every second while the session waits for its turn */
  enter(onWaiting: () => void): RecognitionPlace {
    const session: Session = {
      order: ++this.#beginnings,
      lastSpeechMs: Number.NEGATIVE_INFINITY,
      isRecognizing: false,
      grant: undefined,
      onWaiting,
    };
    this.#sessions.add(session);
    const ahead = () => this.#ahead(session);
    return {
      speechArrived: () => this.#speechArrived(session),
      turn: () => this.#turn(session),
      rest: () => this.#rest(session),
      get ahead() {
        return ahead();
      },
      leave: () => this.#leave(session),
    };
  }

  #speechArrived(session: Session): void {
    const nowMs = this.#options.clock.now();
    if (!speaks(session, nowMs)) session.order = ++this.#beginnings;
    session.lastSpeechMs = nowMs;
  }

  #turn(session: Session): Promise<void> | undefined {
    if (!this.#sessions.has(session)) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#endTurn(session);
    session.grant = () => {
      session.grant = undefined;
      if (this.#sessions.has(session)) this.#startTurn(session);
      resolve();
    };
    this.#grantNext();
    if (session.isRecognizing) return undefined;
    this.#cancelNotices ??= every(this.#options.clock, WAITING_EVERY_MS, () => this.#notify());
    return promise;
  }

  #startTurn(session: Session): void {
    session.isRecognizing = true;
    this.#recognizing++;
  }

  #endTurn(session: Session): void {
    if (session.isRecognizing) this.#recognizing--;
    session.isRecognizing = false;
  }

  #rest(session: Session): void {
    this.#endTurn(session);
    this.#grantNext();
  }

  #grantNext(): void {
    while (this.#recognizing < this.#options.threads) {
      const [first] = this.#waiting.sort((a, b) => a.order - b.order);
      if (!first?.grant) break;
      first.grant();
    }
    if (this.#waiting.length === 0) this.#stopNotices();
  }

  get #waiting(): Session[] {
    return [...this.#sessions].filter(({ grant }) => grant !== undefined);
  }

  /** Fewer than there are threads take nobody's turn away. */
  #ahead(session: Session): number {
    const nowMs = this.#options.clock.now();
    const earlier = [...this.#sessions].filter((other) => other.order < session.order && speaks(other, nowMs)).length;
    return earlier < this.#options.threads ? 0 : earlier;
  }

  #notify(): void {
    for (const { onWaiting } of this.#waiting) onWaiting();
  }

  #stopNotices(): void {
    this.#cancelNotices?.();
    this.#cancelNotices = undefined;
  }

  #leave(session: Session): void {
    this.#sessions.delete(session);
    session.grant?.();
    this.#rest(session);
  }
}

const speaks = ({ lastSpeechMs, isRecognizing, grant }: Session, nowMs: number): boolean =>
  isRecognizing || grant !== undefined || nowMs - lastSpeechMs <= PRECEDENCE_ENDS_AFTER_MS;
