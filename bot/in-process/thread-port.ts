/**
 * One end of the message port between the host's thread and the interpreter's. What is sent in one turn of the event loop goes as one
 * message. Nothing is dropped: the thread that takes no messages is ended (`interpreter-thread.ts`).
 */
export interface ThreadPortOptions<In> {
  /** Posts to the other end, as a `MessagePort` does. */
  post(messages: unknown): void;
  onMessage(message: In): void;
  /** Calls `run` at the end of this turn of the event loop. Default: `setImmediate`. */
  schedule?(run: () => void): void;
}

export class ThreadPort<In, Out> {
  readonly #options: ThreadPortOptions<In>;
  #unsent: Out[] = [];
  #closed = false;

  constructor(options: ThreadPortOptions<In>) {
    this.#options = options;
  }

  send(message: Out): void {
    if (this.#closed) return;
    this.#unsent.push(message);
    if (this.#unsent.length === 1) (this.#options.schedule ?? setImmediate)(() => this.#post());
  }

  /** Takes what the other end has posted. */
  receive(messages: unknown): void {
    for (const message of messages as In[]) if (!this.#closed) this.#options.onMessage(message);
  }

  /** Nothing is sent or received any more. */
  close(): void {
    this.#closed = true;
  }

  #post(): void {
    const messages = this.#unsent;
    this.#unsent = [];
    if (!this.#closed) this.#options.post(messages);
  }
}
