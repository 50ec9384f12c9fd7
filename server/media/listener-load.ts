/**
 * How much a router, or a whole media worker, sends to who only listens: its consumers, where a listener who consumes nothing yet counts
 * as one, so that many who come at once are spread as well.
 */
export class ListenerLoad {
  readonly #whole: ListenerLoad | undefined;
  #count = 0;

  /** @param whole what this is a part of, and counts there too */
  constructor(whole?: ListenerLoad) {
    this.#whole = whole;
  }

  get count(): number {
    return this.#count;
  }

  /** Counts a listener from now on. */
  add(): CountedListener {
    let consumers = 0;
    let present = true;
    this.#change(1);
    return {
      consuming: () => {
        consumers++;
        if (consumers > 1) this.#change(1);
        return () => {
          consumers--;
          if (consumers > 0) this.#change(-1);
        };
      },
      left: () => {
        if (present) this.#change(-1);
        present = false;
      },
    };
  }

  #change(by: number): void {
    this.#count += by;
    if (this.#whole) this.#whole.#change(by);
  }
}

/** A listener who is counted. */
export interface CountedListener {
  /** Counts a consumer of theirs. @returns to be called once, when it has closed */
  consuming(): () => void;
  /** To be called when they have left, and their consumers have closed. */
  left(): void;
}
