/** What a worker answers over HTTP: whether it lives, whether it takes rooms, and what it counts. Nobody's name, and nothing can be changed. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { loadOf, type WorkerView } from './worker-load.ts';

export interface WorkerEndpointOptions {
  /** The address to listen on: `0.0.0.0` for every network of the computer. */
  host: string;
  /** 0: any free one. */
  port: number;
  /** How the worker is doing at this moment. */
  view(): WorkerView;
  /** Whether Redis can be reached: without it a worker is given no rooms, and those that it has go on. */
  isRedisReady(): boolean;
}

/** @returns why a worker takes no rooms; empty: it takes some, as far as it has room */
export function workerProblems({ draining }: Pick<WorkerView, 'draining'>, isRedisReady: boolean): string[] {
  return [
    ...(draining ? ['this worker is being stopped, and gives its rooms to others'] : []),
    ...(isRedisReady ? [] : ['Redis cannot be reached: rooms that are interpreted go on, and none are taken']),
  ];
}

/**
 * @example
 * const endpoint = await WorkerEndpoint.open({ host: '127.0.0.1', port: 3000, view: () => worker.view, isRedisReady: () => redis.isReady });
 * await fetch(`http://127.0.0.1:${endpoint.port}/metrics`);
 * await endpoint.close();
 */
export class WorkerEndpoint {
  readonly #options: WorkerEndpointOptions;
  readonly #registry = new Registry();
  readonly #gauges: Readonly<Record<string, { gauge: Gauge; of(view: WorkerView): number }>>;
  readonly #server: Server;

  /** @throws where the port is taken */
  static async open(options: WorkerEndpointOptions): Promise<WorkerEndpoint> {
    const endpoint = new WorkerEndpoint(options);
    endpoint.#server.listen(options.port, options.host);
    await once(endpoint.#server, 'listening');
    return endpoint;
  }

  private constructor(options: WorkerEndpointOptions) {
    this.#options = options;
    collectDefaultMetrics({ register: this.#registry });
    const gauge = (name: string, help: string, of: (view: WorkerView) => number) => ({
      gauge: new Gauge({ name, help, registers: [this.#registry] }),
      of,
    });
    this.#gauges = {
      load: gauge('booth_worker_load_ratio', 'How busy this worker is: from 1 on it takes no further room', loadOf),
      rooms: gauge('booth_worker_rooms', 'Rooms that this worker interprets', ({ rooms }) => rooms),
      capacity: gauge('booth_worker_capacity', 'Rooms that this worker interprets at most', ({ capacity }) => capacity),
      cpu: gauge('booth_worker_cpu_ratio', 'The busy share of all cores of its computer', ({ cpu }) => cpu),
      delay: gauge(
        'booth_worker_event_loop_delay_seconds',
        'The 99th percentile of how late the event loop of this worker is',
        ({ eventLoopDelayMs }) => eventLoopDelayMs / 1000,
      ),
      draining: gauge('booth_worker_draining', '1 while this worker is being stopped', ({ draining }) =>
        Number(draining),
      ),
    };
    this.#server = createServer((request, response) => void this.#answer(request.url ?? '', response));
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    if (url === '/healthz') return sendJson(response, 200, { status: 'ok' });
    if (url === '/readyz') {
      const reasons = workerProblems(this.#options.view(), this.#options.isRedisReady());
      return sendJson(response, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
    }
    if (url !== '/metrics') return sendJson(response, 404, { status: 'there is nothing here' });
    const view = this.#options.view();
    for (const { gauge, of } of Object.values(this.#gauges)) gauge.set(of(view));
    const text = await this.#registry.metrics();
    response.writeHead(200, { 'Content-Type': this.#registry.contentType }).end(text);
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
