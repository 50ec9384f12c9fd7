/**
 * The edge nodes of this server: machines that carry listeners of its rooms. Each connects by itself, proves that it knows the
 * cluster's secret, and from then on is asked to; when its connection ends, its listeners are told to join again.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { refuseUpgrade } from '../../sockets/refuse-upgrade.ts';
import type { Clock } from '../../time/clock.ts';
import { ListenerLoad } from '../media/listener-load.ts';
import type { MediaCarrier } from '../media/piped-router.ts';
import { answerTo, ClusterDoor, type ClusterSecrets } from './cluster-credential.ts';
import { EdgeLink } from './edge-link.ts';
import { EDGE_CREDENTIAL_HEADER, EDGE_PATH, type EdgeNotification, MAX_EDGE_MESSAGE_BYTES } from './edge-protocol.ts';
import { EdgeRouter } from './edge-router.ts';
import type { PipeAddress } from './pipe-transport.ts';

const MAX_EDGES = 1000;

export interface EdgeNodesOptions {
  secrets: ClusterSecrets;
  /** Where this server receives what comes from edge nodes through pipes. */
  pipeAddress: PipeAddress;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
}

export class EdgeNodes {
  readonly #options: EdgeNodesOptions;
  readonly #door: ClusterDoor;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_EDGE_MESSAGE_BYTES });
  readonly #edges = new Set<Edge>();

  constructor(options: EdgeNodesOptions) {
    this.#options = options;
    this.#door = new ClusterDoor(options.secrets, options.wallNow);
  }

  /** The media workers of the edge nodes that are connected. */
  get carriers(): readonly MediaCarrier[] {
    return [...this.#edges].flatMap(({ carriers }) => carriers);
  }

  /** How many are connected and ready. */
  get size(): number {
    return [...this.#edges].filter(({ carriers }) => carriers.length > 0).length;
  }

  /** Whether an upgrade is for edge nodes. */
  isFor({ url = '' }: IncomingMessage): boolean {
    return url === EDGE_PATH;
  }

  /** Accepts or refuses an upgrade to a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const credential = request.headers[EDGE_CREDENTIAL_HEADER];
    const secret = typeof credential === 'string' ? this.#door.verify(credential) : undefined;
    if (typeof credential !== 'string' || secret === undefined) refuseUpgrade(socket, this.#options.clock, 401);
    else if (this.#edges.size >= MAX_EDGES) refuseUpgrade(socket, this.#options.clock, 503);
    else
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#accept(webSocket, answerTo(credential, secret), request.socket.remoteAddress),
      );
  }

  close(): void {
    for (const edge of [...this.#edges]) edge.close();
    this.#sockets.close();
  }

  #accept(webSocket: WebSocket, proof: string, address: string | undefined): void {
    const log = this.#options.log.child({ edge: address });
    const edge: Edge = new Edge(webSocket, { ...this.#options, log }, () => {
      this.#edges.delete(edge);
      log.warn('edge node is not connected any more, its listeners join again');
    });
    this.#edges.add(edge);
    edge.prove(proof);
  }
}

/** One edge node. */
class Edge {
  readonly #options: EdgeNodesOptions;
  readonly #link: EdgeLink;
  readonly #routers = new Map<string, EdgeRouter>();
  #carriers: readonly MediaCarrier[] = [];
  #routersOpened = 0;

  constructor(webSocket: WebSocket, options: EdgeNodesOptions, closed: () => void) {
    this.#options = options;
    this.#link = new EdgeLink(webSocket, {
      ...options,
      onNotification: (notification) => this.#notified(notification),
      onClosed: () => {
        this.#carriers = [];
        for (const router of [...this.#routers.values()]) router.lose();
        closed();
      },
    });
  }

  /** One for each media worker; none before the edge is ready, and after it has gone. */
  get carriers(): readonly MediaCarrier[] {
    return this.#carriers;
  }

  prove(proof: string): void {
    this.#link.send('prove', { proof });
  }

  close(): void {
    this.#link.close();
  }

  #notified(notification: EdgeNotification): void {
    switch (notification.event) {
      case 'ready':
        this.#carriers = Array.from({ length: notification.workers }, (_, worker) => this.#carrier(worker));
        this.#options.log.info({ workers: notification.workers }, 'edge node is connected');
        break;
      case 'transport.closed':
        for (const router of this.#routers.values()) router.transportClosed(notification.transport);
        break;
      case 'router.closed':
        this.#routers.get(notification.router)?.lose();
        break;
    }
  }

  #carrier(worker: number): MediaCarrier {
    const load = new ListenerLoad();
    return {
      load,
      openRouter: (origin, closed) => {
        const router = new EdgeRouter({
          id: String(++this.#routersOpened),
          link: this.#link,
          worker,
          load,
          origin,
          pipeAddress: this.#options.pipeAddress,
          closed: () => {
            this.#routers.delete(router.id);
            closed();
          },
        });
        this.#routers.set(router.id, router);
        return router;
      },
    };
  }
}
