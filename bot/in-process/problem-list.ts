/**
 * The problems of one room. One that the host's calls may still resolve, because they come one after another, is told when it has lasted for
 * 3 s. Each is logged when it is told for the first time.
 */
import { BoundedSet } from '../../collections/bounded-map.ts';
import type { Clock } from '../../time/clock.ts';
import type { RoomProblem, RoomProblemCode } from './room-state.ts';

const LASTING: ReadonlySet<RoomProblemCode> = new Set([
  'noDelivery',
  'nobodySpeaks',
  'noMicrophone',
  'notDescribed',
  'speaksUnknown',
]);
const LASTS_MS = 3000;
const MAX_LOGGED = 256;

export interface ProblemListOptions {
  clock: Clock;
  /** What `current` returns has changed. */
  onChanged(): void;
  /** A problem was told for the first time. */
  onNew(problem: RoomProblem): void;
}

interface Listed {
  problem: RoomProblem;
  isTold: boolean;
  cancel(): void;
}

export class ProblemList {
  readonly #options: ProblemListOptions;
  /** By source, and by what identifies each there. */
  readonly #sources = new Map<string, Map<string, Listed>>();
  readonly #logged = new BoundedSet<string>(MAX_LOGGED);
  #closed = false;

  constructor(options: ProblemListOptions) {
    this.#options = options;
  }

  get current(): RoomProblem[] {
    return [...this.#sources.values()].flatMap((listed) =>
      [...listed.values()].filter(({ isTold }) => isTold).map(({ problem }) => problem),
    );
  }

  /** Sets all problems that one source knows of. */
  set(source: string, problems: readonly RoomProblem[]): void {
    if (this.#closed) return;
    const before = this.#sources.get(source) ?? new Map<string, Listed>();
    const now = new Map(problems.map((problem) => [keyOf(problem), problem]));
    let changed = false;
    for (const [key, { isTold, cancel }] of before) {
      if (now.has(key)) continue;
      cancel();
      before.delete(key);
      changed ||= isTold;
    }
    for (const [key, problem] of now) {
      if (before.has(key)) continue;
      const isLasting = LASTING.has(problem.code);
      const cancel = isLasting ? this.#options.clock.after(LASTS_MS, () => this.#tell(source, key)) : () => {};
      before.set(key, { problem, isTold: !isLasting, cancel });
      if (!isLasting) this.#logOnce(problem);
      changed ||= !isLasting;
    }
    if (before.size === 0) this.#sources.delete(source);
    else this.#sources.set(source, before);
    if (changed) this.#options.onChanged();
  }

  /** Removes the sources that are not to be kept. */
  retain(isKept: (source: string) => boolean): void {
    for (const source of [...this.#sources.keys()]) if (!isKept(source)) this.set(source, []);
  }

  close(): void {
    this.#closed = true;
    for (const listed of this.#sources.values()) for (const { cancel } of listed.values()) cancel();
    this.#sources.clear();
  }

  #tell(source: string, key: string): void {
    const listed = this.#sources.get(source)?.get(key);
    if (!listed) return;
    listed.isTold = true;
    this.#logOnce(listed.problem);
    this.#options.onChanged();
  }

  #logOnce(problem: RoomProblem): void {
    const { code, person = '', language = '' } = problem;
    const key = JSON.stringify([code, person, language]);
    if (this.#logged.has(key)) return;
    this.#logged.add(key);
    this.#options.onNew(problem);
  }
}

const keyOf = ({ code, person = '', language = '', message }: RoomProblem): string =>
  JSON.stringify([code, person, language, message]);
