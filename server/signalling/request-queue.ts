/**
 * The requests of one connection that are not answered yet: at most 512, of which 4 are being handled. It also limits how much they cost,
 * and how many bytes they have; whoever sends more is not served any more.
 */
import type { Clock } from '../../time/clock.ts';
import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { RequestScheduler, RequestSource } from './request-scheduler.ts';

export interface RequestQueueOptions {
  scheduler: RequestScheduler;
  clock: Clock;
  /** Handles a message of the client. @throws nothing */
  handle(message: Buffer): Promise<void>;
  /** Called when a limit is exceeded, with a sentence for people. */
  onExceeded(reason: string): void;
}

export class RequestQueue implements RequestSource {
  readonly #options: RequestQueueOptions;
  readonly #costs: TokenBucket;
  readonly #bytes: TokenBucket;
  #waiting: Buffer[] = [];
  #running = 0;
  #closed = false;

  constructor(options: RequestQueueOptions) {
    const nowMs = options.clock.now();
    this.#options = options;
    this.#costs = new TokenBucket(limits.requests, nowMs);
    this.#bytes = new TokenBucket(limits.requestBytes, nowMs);
  }

  push(message: Buffer): void {
    if (!this.#bytes.take(this.#options.clock.now(), message.byteLength)) {
      this.#exceeded(`more than ${limits.requestBytes.perSecond} bytes a second`);
    } else if (this.#waiting.length + this.#running >= limits.requestsUnderWay) {
      this.#exceeded(`more than ${limits.requestsUnderWay} requests under way`);
    } else if (!this.#closed) {
      this.#waiting.push(message);
      this.#scheduleNext();
    }
  }

  /** Takes the cost of a request that is about to be handled. @returns whether it may be */
  take(cost: number): boolean {
    if (this.#costs.take(this.#options.clock.now(), cost)) return true;
    this.#exceeded(`more than the work of ${limits.requests.perSecond} requests a second`);
    return false;
  }

  handleNext(): boolean {
    const message = this.#canHandle() ? this.#waiting.shift() : undefined;
    if (message) void this.#handle(message);
    return this.#canHandle();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#options.scheduler.remove(this);
  }

  async #handle(message: Buffer): Promise<void> {
    this.#running++;
    try {
      await this.#options.handle(message);
    } finally {
      this.#running--;
      this.#scheduleNext();
    }
  }

  #canHandle(): boolean {
    return !this.#closed && this.#waiting.length > 0 && this.#running < limits.requestsAtOnce;
  }

  #scheduleNext(): void {
    if (this.#canHandle()) this.#options.scheduler.add(this);
  }

  #exceeded(reason: string): void {
    if (!this.#closed) this.#options.onExceeded(reason);
  }
}
