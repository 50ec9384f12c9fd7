/** The problems that the log has told of last, for the page of whoever runs the server: at most 50, and 500 characters of each. */
import type { LoggedProblem } from '@mediasoup-booth/protocol';
import type { LoggerOptions } from 'pino';

const MAX_PROBLEMS = 50;
const MAX_CHARACTERS = 500;
const WARN = 40;
const ERROR = 50;

export class RecentProblems {
  readonly #problems: LoggedProblem[] = [];
  readonly #wallNow: () => number;

  /** @param wallNow milliseconds since 1970. Default: `Date.now` */
  constructor(wallNow: () => number = Date.now) {
    this.#wallNow = wallNow;
  }

  /** The newest first. */
  get all(): LoggedProblem[] {
    return this.#problems.toReversed();
  }

  /**
   * The option `hooks` of the log whose problems are remembered, those of its children included. A log that is set to be silent has none.
   *
   * @example
   * const problems = new RecentProblems();
   * const log = pino({ hooks: problems.hooks });
   */
  get hooks(): NonNullable<LoggerOptions['hooks']> {
    const add = this.#add.bind(this);
    return {
      logMethod(args, method, level) {
        if (level >= WARN) add(level, args, this.bindings());
        method.apply(this, args);
      },
    };
  }

  #add(level: number, [first, second]: readonly unknown[], bindings: object): void {
    const fields = { ...bindings, ...(typeof first === 'object' && first !== null ? first : {}) };
    const message = typeof first === 'string' ? first : typeof second === 'string' ? second : '';
    const [detail, room] = [detailOf(fields), 'room' in fields ? fields.room : undefined];
    this.#problems.push({
      at: new Date(this.#wallNow()).toISOString(),
      level: level >= ERROR ? 'error' : 'warn',
      message: message.slice(0, MAX_CHARACTERS),
      ...(detail !== undefined && { detail: detail.slice(0, MAX_CHARACTERS) }),
      ...(typeof room === 'string' && { room }),
    });
    if (this.#problems.length > MAX_PROBLEMS) this.#problems.shift();
  }
}

function detailOf(fields: object): string | undefined {
  if ('err' in fields && fields.err instanceof Error) return fields.err.message;
  return 'problem' in fields && typeof fields.problem === 'string' ? fields.problem : undefined;
}
