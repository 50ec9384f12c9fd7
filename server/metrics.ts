/** The metrics that Prometheus scrapes: counts alone, nobody's name. Each server has a registry of its own. */
import type { WebhookEndpointView } from '@mediasoup-booth/protocol';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SessionCounts } from './account/shared-connection-limiter.ts';
import { InterpreterStatsCollector } from './interpreter-stats.ts';
import type { AbandonReason, WebhookCounts } from './webhooks/webhook-endpoint.ts';

/** The values of the gauges at this moment. */
export interface Snapshot {
  rooms: number;
  participants: number;
  interpreters: number;
  /** Rooms whose interpreter ended again and again, and is started again only after a pause. */
  failedInterpreters: number;
  /** Tracks and caption channels that are brought to a further router of their room. */
  pipes: number;
  /** Edge nodes that are connected. */
  edges: number;
  /** Rooms whose interpreter waits for a computer that has room for it. */
  queuedInterpreters: number;
  mediaWorkers: { running: number; wanted: number };
  /** The used share of the account's daily budget, from 0 to 1 and beyond; 0 where there is none. */
  budgetUsed: number;
  connectQueueLength: number;
}

type WebhookSnapshot = Pick<WebhookEndpointView, 'id' | 'queued' | 'state'>;

/** What becomes of a launched interpreter, as its launcher reports it. */
type LaunchState = 'starting' | 'running' | 'restarting' | 'failed';

export class Metrics implements SessionCounts, WebhookCounts {
  readonly #registry = new Registry();
  readonly interpreters = new InterpreterStatsCollector(this.#registry);
  readonly #connections = this.#counter('booth_session_connections_total', 'Connections to the service granted');
  readonly #tokens = this.#counter('booth_session_tokens_total', 'Tokens that interpreters have reported');
  readonly #throttled = this.#counter(
    'booth_session_throttled_total',
    'How often the service asked for fewer requests',
  );
  readonly #restarts = this.#counter(
    'booth_interpreter_restarts_total',
    'How often an interpreter of this server ended, or lost its room, and was started or joined again',
  );
  readonly #failures = this.#counter(
    'booth_interpreter_failures_total',
    'How often an interpreter of this server ended again and again, and was given up for a while',
  );
  readonly #wait = new Histogram({
    name: 'booth_session_connection_wait_seconds',
    help: 'How long a connection to the service was waited for',
    buckets: [0.1, 0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300],
    registers: [this.#registry],
  });
  readonly #webhookAttempts = this.#counter(
    'booth_webhooks_attempts_total',
    'Attempts to deliver a message to a webhook endpoint',
    ['endpoint', 'outcome'],
  );
  readonly #webhooksAbandoned = this.#counter(
    'booth_webhooks_abandoned_total',
    'Messages that no webhook endpoint was sent',
    ['endpoint', 'reason'],
  );
  readonly #webhookQueue = this.#gauge('booth_webhooks_queue_length', 'Messages that wait for a webhook endpoint', [
    'endpoint',
  ]);
  readonly #webhooksDisabled = this.#gauge(
    'booth_webhooks_disabled',
    'Whether a webhook endpoint is disabled, because it has answered 410',
    ['endpoint'],
  );
  readonly #gauges: Record<Exclude<keyof Snapshot, 'mediaWorkers'>, Gauge> = {
    connectQueueLength: this.#gauge(
      'booth_session_connect_queue_length',
      'Connections to the service that are waited for',
    ),
    rooms: this.#gauge('booth_rooms', 'Rooms that are open'),
    participants: this.#gauge('booth_participants', 'People in rooms'),
    interpreters: this.#gauge('booth_interpreters', 'Interpreters in rooms'),
    failedInterpreters: this.#gauge(
      'booth_interpreters_failed',
      'Rooms whose interpreter ended again and again, and is started again only after a pause',
    ),
    pipes: this.#gauge('booth_media_pipes', 'Tracks and caption channels brought to a further router of their room'),
    edges: this.#gauge('booth_media_edges', 'Edge nodes that are connected'),
    queuedInterpreters: this.#gauge(
      'booth_interpreters_queued',
      'Rooms whose interpreter waits for a worker that has room for it',
    ),
    budgetUsed: this.#gauge('booth_budget_used_ratio', 'The used share of the daily budget of all interpreters'),
  };
  readonly #mediaWorkers = new Gauge({
    name: 'booth_media_workers',
    help: 'Media workers, those that run and those that should',
    labelNames: ['state'],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  connectionGranted(waitedMs: number): void {
    this.#connections.inc();
    this.#wait.observe(waitedMs / 1000);
  }

  tokensUsed(tokens: number): void {
    this.#tokens.inc(tokens);
  }

  throttled(): void {
    this.#throttled.inc();
  }

  /**
   * Counts the states of one interpreter from its launch on: each restart once, however often it is reported.
   *
   * @returns to be called with each state
   */
  countLaunch(): (state: LaunchState) => void {
    let last: LaunchState = 'starting';
    return (state) => {
      if (state === 'restarting' && last !== 'restarting') this.#restarts.inc();
      if (state === 'failed' && last !== 'failed') this.#failures.inc();
      last = state;
    };
  }

  webhookAttempted(endpoint: string, outcome: 'delivered' | 'failed'): void {
    this.#webhookAttempts.inc({ endpoint, outcome });
  }

  webhookAbandoned(endpoint: string, reason: AbandonReason, count: number): void {
    this.#webhooksAbandoned.inc({ endpoint, reason }, count);
  }

  text({ mediaWorkers, ...now }: Snapshot, webhooks: readonly WebhookSnapshot[]): Promise<string> {
    for (const { id: endpoint, queued, state } of webhooks) {
      this.#webhookQueue.set({ endpoint }, queued);
      this.#webhooksDisabled.set({ endpoint }, state === 'disabled' ? 1 : 0);
    }
    for (const [name, value] of Object.entries(now)) this.#gauges[name as keyof typeof now].set(value);
    for (const [state, value] of Object.entries(mediaWorkers)) this.#mediaWorkers.set({ state }, value);
    return this.#registry.metrics();
  }

  #counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<L extends string = never>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
