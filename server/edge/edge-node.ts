/**
 * A machine that carries listeners of rooms whose origin is on others. It connects to each of its origins, again and again while it
 * runs, and does what they ask; it takes no decisions, and nobody connects to it but listeners' media and the pipes of origins.
 */
import { once } from 'node:events';
import { messageOf } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import { Backoff } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { MediaWorkers, type RtcOptions } from '../media/media-workers.ts';
import { type ClusterSecrets, clusterCredential, isAnswerTo } from './cluster-credential.ts';
import { EdgeLink } from './edge-link.ts';
import { EDGE_CREDENTIAL_HEADER, EDGE_PATH, MAX_EDGE_MESSAGE_BYTES } from './edge-protocol.ts';
import { EdgeSession } from './edge-session.ts';
import type { PipeAddress } from './pipe-transport.ts';

const RETRY = { firstMs: 500, maxMs: 10_000, jitter: 0.2 };
const CONNECT_WITHIN_MS = 10_000;

export interface EdgeNodeOptions {
  /** The address on which listeners' media are received, unless `rtc` says more. */
  host: string;
  rtc: RtcOptions;
  /** The servers whose listeners it carries: `http://10.0.0.5:3000`. */
  origins: readonly string[];
  secrets: ClusterSecrets;
  pipeAddress: PipeAddress;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
}

export class EdgeNode {
  readonly #options: EdgeNodeOptions;
  readonly #workers: MediaWorkers;
  readonly #closing = new AbortController();
  readonly #links = new Set<EdgeLink>();
  readonly #connecting: Promise<unknown>;

  /**
   * Resolves when its media workers run; it then connects to its origins.
   *
   * @throws {StartError} that names the setting which helps
   */
  static async start(options: EdgeNodeOptions): Promise<EdgeNode> {
    const { host, rtc, clock, log } = options;
    return new EdgeNode(options, await MediaWorkers.start(host, rtc, clock, log));
  }

  private constructor(options: EdgeNodeOptions, workers: MediaWorkers) {
    this.#options = options;
    this.#workers = workers;
    this.#connecting = Promise.all(options.origins.map((origin) => this.#serve(origin)));
  }

  /** Its listeners are told to join again; resolves when its media workers have ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#workers.beginClosing();
    for (const link of [...this.#links]) link.close();
    await this.#connecting;
    await this.#workers.close();
  }

  /** Stays connected to an origin while this node runs. */
  async #serve(origin: string): Promise<void> {
    const { clock, log } = this.#options;
    const backoff = new Backoff(RETRY);
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (await this.#connect(origin)) backoff.reset();
      } catch (error) {
        log.warn({ err: error, origin }, 'origin could not be reached');
      }
      await sleep(clock, backoff.next(), signal);
    }
  }

  /** From connecting to the end of the connection. @returns whether the origin has proved that it is one */
  async #connect(origin: string): Promise<boolean> {
    const { clock, log, secrets, wallNow, pipeAddress } = this.#options;
    const credential = clusterCredential(secrets, wallNow());
    const socket = new WebSocket(new URL(EDGE_PATH, origin.replace(/^http/, 'ws')), {
      headers: { [EDGE_CREDENTIAL_HEADER]: credential },
      maxPayload: MAX_EDGE_MESSAGE_BYTES,
      handshakeTimeout: CONNECT_WITHIN_MS,
    });
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    let isProved = false;
    const session = new EdgeSession({
      workers: this.#workers,
      pipeAddress,
      isProof: (proof) => {
        const isNode = isAnswerTo(credential, proof, secrets);
        if (!isNode) link.close();
        return isNode;
      },
      proved: () => {
        isProved = true;
        log.info({ origin }, 'connected to the origin');
        link.notify({ event: 'ready', workers: this.#workers.state.wanted });
      },
      notify: (notification) => link.notify(notification),
    });
    // At once: the first request of the origin may come with the answer to the upgrade.
    const link: EdgeLink = new EdgeLink(socket, { clock, log, onRequest: session.handle, onClosed: () => end() });
    this.#links.add(link);
    try {
      await opened(socket);
      await ended;
      log.warn({ origin }, 'connection to the origin has ended');
      return isProved;
    } finally {
      this.#links.delete(link);
      session.close();
    }
  }
}

async function opened(socket: WebSocket): Promise<void> {
  try {
    await once(socket, 'open');
  } catch (error) {
    throw new Error(`no edge node is taken in there: ${messageOf(error)}`);
  }
}
