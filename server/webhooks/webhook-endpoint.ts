/**
 * Delivers the messages of one endpoint, one after the other in the order in which they happened. A message that is not taken is sent
 * again, and the later ones wait for it: after 1 s, doubling to 5 minutes, or when the receiver says, until it is 24 hours old. None is
 * sent before it is stored, so that what was sent before a crash keeps its number and its id. An endpoint that answers 410 is disabled.
 */
import { randomBytes } from 'node:crypto';
import {
  messageOf,
  type WebhookEndpointView,
  type WebhookEvent,
  type WebhookEventType,
} from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { backoffDelayMs } from '../../time/backoff.ts';
import { type Clock, sleep, within } from '../../time/clock.ts';
import type { DeliveryJournal, StoredEndpoint } from './delivery-journal.ts';
import { DeliveryQueue, type QueueBounds, type QueuedMessage } from './delivery-queue.ts';
import { signatures } from './signature.ts';
import type { WebhookAnswer, WebhookSender } from './webhook-sender.ts';

const RETRY = { firstMs: 1000, maxMs: 300_000, jitter: 0.2 };
const MAX_RETRY_AFTER_MS = 3_600_000;
const GIVE_UP_AFTER_MS = 86_400_000;
/** A disk that takes longer keeps no message back. */
const STORED_WITHIN_MS = 2000;
/** The log tells of messages that were given up once in this time. */
const TOLD_EVERY_MS = 60_000;

/** Why a message was not delivered. */
export type AbandonReason = 'expired' | 'overflow' | 'disabled' | 'deleted';

/** What is counted of webhooks. */
export interface WebhookCounts {
  webhookAttempted(endpoint: string, outcome: 'delivered' | 'failed'): void;
  webhookAbandoned(endpoint: string, reason: AbandonReason, count: number): void;
}

export interface WebhookEndpointSettings {
  /** Of the file in which its messages wait, and in metrics. */
  id: string;
  url: URL;
  /** The one that is used, and an earlier one. */
  secrets: readonly string[];
  events: readonly WebhookEventType[];
}

export interface WebhookEndpointDeps {
  sender: Pick<WebhookSender, 'post'>;
  journal: Pick<DeliveryJournal, 'added' | 'done' | 'rewrite' | 'close'>;
  counts: WebhookCounts;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
  /** Default: those of {@link DeliveryQueue}. */
  bounds?: QueueBounds | undefined;
}

export class WebhookEndpoint {
  readonly settings: WebhookEndpointSettings;
  readonly #deps: WebhookEndpointDeps;
  readonly #queue: DeliveryQueue;
  readonly #wanted: ReadonlySet<WebhookEventType>;
  readonly #closing = new AbortController();
  /** Whether each message that waits is stored; absent: it was, by an earlier process. */
  readonly #stored = new Map<string, Promise<boolean>>();
  #disabled: boolean;
  #delivering: Promise<void> | undefined;
  /** The attempts in a row that have failed. */
  #failures = 0;
  #problem: string | undefined;
  #delivered = 0;
  #abandoned = 0;
  #untold: { count: number; reason: AbandonReason } | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;

  /** Begins to deliver what an earlier process has left. */
  constructor(settings: WebhookEndpointSettings, stored: StoredEndpoint, deps: WebhookEndpointDeps) {
    this.settings = settings;
    this.#deps = deps;
    this.#queue = new DeliveryQueue(stored, deps.bounds);
    this.#wanted = new Set(settings.events);
    this.#disabled = stored.disabled;
    this.#wake();
  }

  get view(): WebhookEndpointView {
    const { id, url, events } = this.settings;
    return {
      id,
      url: `${url.origin}${url.pathname}`,
      events: [...events],
      state: this.#disabled ? 'disabled' : this.#failures > 0 ? 'failing' : 'ok',
      queued: this.#queue.length,
      delivered: this.#delivered,
      abandoned: this.#abandoned,
      ...(this.#problem !== undefined && { problem: this.#problem }),
    };
  }

  /** Takes an event in, if it is one of those that the endpoint is told. */
  push(event: WebhookEvent): void {
    if (this.#closing.signal.aborted || !this.#wanted.has(event.type)) return;
    if (this.#disabled) {
      this.#queue.skip();
      this.#count('disabled', 1);
      return;
    }
    const { message, dropped } = this.#queue.push(`msg_${randomBytes(18).toString('base64url')}`, event);
    this.#stored.set(message.id, this.#deps.journal.added(message));
    if (dropped.length > 0) this.#abandon(dropped, 'overflow');
    this.#wake();
  }

  /** Gives up the captions of a room that wait, on the disk too: what was written down there was deleted. */
  removeCaptions(room: string): void {
    const removed = this.#queue.removeCaptions(room);
    if (removed.length === 0) return;
    this.#forget(removed);
    this.#count('deleted', removed.length);
    this.#deps.journal.rewrite(this.#state);
  }

  /** Sends messages again after the endpoint has answered 410. */
  enable(): void {
    if (!this.#disabled) return;
    this.#disabled = false;
    this.#problem = undefined;
    this.#deps.journal.rewrite(this.#state);
    this.#deps.log.info(this.#fields, 'webhook endpoint enabled');
    this.#wake();
  }

  /** Ends an attempt that is under way, whose message waits for the next start. Resolves when everything is stored. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#delivering;
    if (this.#queue.length === 0) this.#deps.journal.rewrite(this.#state);
    await this.#deps.journal.close();
  }

  get #state(): StoredEndpoint {
    return { ...this.#queue.stored, disabled: this.#disabled };
  }

  get #hasWork(): boolean {
    return this.#queue.length > 0 && !this.#disabled && !this.#closing.signal.aborted;
  }

  /** The path of a URL may be a secret: the log has none. */
  get #fields(): { endpoint: string; host: string } {
    return { endpoint: this.settings.id, host: this.settings.url.host };
  }

  #wake(): void {
    this.#delivering ??= this.#deliverAll().then(
      () => {
        this.#delivering = undefined;
        // One may have come when the last was done.
        if (this.#hasWork) this.#wake();
      },
      (error: unknown) => {
        this.#delivering = undefined;
        this.#deps.log.error({ err: error, ...this.#fields }, 'webhook delivery failed unexpectedly');
      },
    );
  }

  async #deliverAll(): Promise<void> {
    const { signal } = this.#closing;
    for (let message = this.#next(); message && this.#hasWork; message = this.#next()) {
      const stored = this.#stored.get(message.id);
      if (stored) await within(this.#deps.clock, STORED_WITHIN_MS, stored);
      if (signal.aborted) return;
      const pauseMs = await this.#attempt(message);
      if (pauseMs > 0) await sleep(this.#deps.clock, pauseMs, signal);
    }
  }

  /** The message to send, after those were given up that are too old. */
  #next(): QueuedMessage | undefined {
    const expired = this.#queue.removeExpired(this.#deps.wallNow() - GIVE_UP_AFTER_MS);
    if (expired.length > 0) this.#abandon(expired, 'expired');
    return this.#queue.head;
  }

  /** @returns milliseconds before the next attempt */
  async #attempt(message: QueuedMessage): Promise<number> {
    let answer: WebhookAnswer;
    try {
      answer = await this.#post(message);
    } catch (error) {
      return this.#closing.signal.aborted ? 0 : this.#failed(reasonOf(error));
    }
    if (answer.status === 410) return this.#gone();
    if (answer.status >= 200 && answer.status < 300) return this.#taken(message);
    return this.#failed(`the receiver answered ${answer.status}`, answer.retryAfterMs);
  }

  #post({ id, payload }: QueuedMessage): Promise<WebhookAnswer> {
    const { url, secrets } = this.settings;
    const body = JSON.stringify(payload);
    const timestamp = Math.floor(this.#deps.wallNow() / 1000);
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures(secrets, { id, timestamp, body }),
    };
    return this.#deps.sender.post(url, headers, body, this.#closing.signal);
  }

  #taken(message: QueuedMessage): number {
    const { counts, log } = this.#deps;
    counts.webhookAttempted(this.settings.id, 'delivered');
    this.#delivered++;
    if (this.#failures > 0) log.info({ ...this.#fields, attempts: this.#failures + 1 }, 'webhook delivery works again');
    this.#failures = 0;
    this.#problem = undefined;
    this.#stored.delete(message.id);
    this.#queue.removeHead();
    this.#done([message]);
    return 0;
  }

  #failed(problem: string, retryAfterMs = 0): number {
    const { counts, log } = this.#deps;
    counts.webhookAttempted(this.settings.id, 'failed');
    const pauseMs = Math.max(backoffDelayMs(this.#failures, RETRY), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
    if (this.#failures === 0) log.warn({ ...this.#fields, problem }, 'webhook delivery failed, it is tried again');
    this.#failures++;
    this.#problem = problem;
    return pauseMs;
  }

  #gone(): number {
    const { counts, journal, log } = this.#deps;
    counts.webhookAttempted(this.settings.id, 'failed');
    this.#disabled = true;
    this.#failures = 0;
    this.#problem = 'the receiver answered 410: it wants no more messages';
    log.warn(this.#fields, 'webhook endpoint disabled: it answered 410');
    const dropped = this.#queue.clear();
    this.#forget(dropped);
    this.#count('disabled', dropped.length);
    journal.rewrite(this.#state);
    return 0;
  }

  #abandon(messages: readonly QueuedMessage[], reason: AbandonReason): void {
    this.#forget(messages);
    this.#count(reason, messages.length);
    this.#done(messages);
  }

  #done(messages: readonly QueuedMessage[]): void {
    this.#deps.journal.done(messages, this.#queue.bytes, () => this.#state);
  }

  #forget(messages: readonly QueuedMessage[]): void {
    for (const { id } of messages) this.#stored.delete(id);
  }

  /** Counts messages that were given up, and logs that, at most once a minute. */
  #count(reason: AbandonReason, count: number): void {
    if (count === 0) return;
    const { counts, clock, log } = this.#deps;
    counts.webhookAbandoned(this.settings.id, reason, count);
    this.#abandoned += count;
    this.#untold = { reason, count: (this.#untold?.count ?? 0) + count };
    if (clock.now() - this.#toldMs < TOLD_EVERY_MS) return;
    this.#toldMs = clock.now();
    log.warn({ ...this.#fields, ...this.#untold }, 'webhook messages given up');
    this.#untold = undefined;
  }
}

/** Why there was no answer. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return message.includes(code) ? message || 'no connection' : `${code}: ${message}`;
}
