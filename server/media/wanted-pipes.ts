/**
 * The pipes to one router: each is opened once, however many want what it carries, and closed some seconds after nobody does any more,
 * so that who leaves and comes back, or changes languages, finds it there.
 */
import type { Clock } from '../../time/clock.ts';

/** How long a pipe stays that nobody wants. */
export const UNWANTED_MS = 5000;

interface Pipe {
  close(): void;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

interface WantedPipe<T> {
  opened: Promise<T>;
  /** How many want it. */
  wantedBy: number;
  cancelClosing?: (() => void) | undefined;
}

export class WantedPipes<T extends Pipe> {
  readonly #clock: Clock;
  readonly #pipes = new Map<string, WantedPipe<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many there are, those that are being opened included. */
  get size(): number {
    return this.#pipes.size;
  }

  /**
   * Resolves when there is a pipe for `id`, which stays at least until the returned function is called.
   *
   * @param open opens it, where there is none. @throws what `open` throws; the next who wants it tries again
   */
  async want(id: string, open: () => Promise<T>): Promise<() => void> {
    const wanted = this.#pipes.get(id) ?? this.#open(id, open);
    wanted.cancelClosing?.();
    wanted.cancelClosing = undefined;
    wanted.wantedBy++;
    await wanted.opened;
    let stillWanted = true;
    return () => {
      if (!stillWanted) return;
      stillWanted = false;
      wanted.wantedBy--;
      if (wanted.wantedBy === 0 && this.#pipes.get(id) === wanted)
        wanted.cancelClosing = this.#clock.after(UNWANTED_MS, () => this.#closeUnwanted(id, wanted));
    };
  }

  /** Forgets all of them: their router closes, and they with it. */
  clear(): void {
    for (const { cancelClosing } of this.#pipes.values()) cancelClosing?.();
    this.#pipes.clear();
  }

  #open(id: string, open: () => Promise<T>): WantedPipe<T> {
    const wanted: WantedPipe<T> = { opened: open(), wantedBy: 0 };
    this.#pipes.set(id, wanted);
    wanted.opened.then(
      (pipe) => pipe.observer.once('close', () => this.#remove(id, wanted)),
      () => this.#remove(id, wanted),
    );
    return wanted;
  }

  #closeUnwanted(id: string, wanted: WantedPipe<T>): void {
    this.#remove(id, wanted);
    // It has opened: who no longer wants it had waited for that.
    void wanted.opened.then((pipe) => pipe.close());
  }

  #remove(id: string, wanted: WantedPipe<T>): void {
    wanted.cancelClosing?.();
    if (this.#pipes.get(id) === wanted) this.#pipes.delete(id);
  }
}
