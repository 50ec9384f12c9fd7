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
  connectQueueLength: number;
}

type WebhookSnapshot = Pick<WebhookEndpointView, 'id' | 'queued' | 'state'>;

export class Metrics implements SessionCounts, WebhookCounts {
  readonly #registry = new Registry();
  readonly interpreters = new InterpreterStatsCollector(this.#registry);
  readonly #connections = this.#counter('booth_session_connections_total', 'Connections to the service granted');
  readonly #tokens = this.#counter('booth_session_tokens_total', 'Tokens that interpreters have reported');
  readonly #throttled = this.#counter(
    'booth_session_throttled_total',
    'How often the service asked for fewer requests',
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
  readonly #gauges: Record<keyof Snapshot, Gauge> = {
    connectQueueLength: this.#gauge(
      'booth_session_connect_queue_length',
      'Connections to the service that are waited for',
    ),
    rooms: this.#gauge('booth_rooms', 'Rooms that are open'),
    participants: this.#gauge('booth_participants', 'People in rooms'),
    interpreters: this.#gauge('booth_interpreters', 'Interpreters in rooms'),
  };

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

  webhookAttempted(endpoint: string, outcome: 'delivered' | 'failed'): void {
    this.#webhookAttempts.inc({ endpoint, outcome });
  }

  webhookAbandoned(endpoint: string, reason: AbandonReason, count: number): void {
    this.#webhooksAbandoned.inc({ endpoint, reason }, count);
  }

  text(now: Snapshot, webhooks: readonly WebhookSnapshot[]): Promise<string> {
    for (const { id: endpoint, queued, state } of webhooks) {
      this.#webhookQueue.set({ endpoint }, queued);
      this.#webhooksDisabled.set({ endpoint }, state === 'disabled' ? 1 : 0);
    }
    this.#gauges.rooms.set(now.rooms);
    this.#gauges.participants.set(now.participants);
    this.#gauges.interpreters.set(now.interpreters);
    this.#gauges.connectQueueLength.set(now.connectQueueLength);
    return this.#registry.metrics();
  }

  #counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<L extends string = never>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
