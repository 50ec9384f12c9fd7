/** Several `booth start` side by side, each a process of its own, with a Redis and a load balancer before them, as in production. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readiness } from '@mediasoup-booth/protocol';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './booth-process.ts';
import { freePort } from './free-port.ts';
import { RedisServer } from './redis-server.ts';
import { person, tokenOf } from './server.ts';
import { type ServerWithoutEngine, startServerWithoutEngine } from './server-without-engine.ts';
import { until } from './until.ts';

export class TestNode {
  readonly url: string;
  readonly #start: () => Promise<ServerWithoutEngine>;
  #server: ServerWithoutEngine | undefined;

  constructor(url: string, start: () => Promise<ServerWithoutEngine>) {
    this.url = url;
    this.#start = start;
  }

  async start(): Promise<void> {
    this.#server = await this.#start();
  }

  /** What it has logged in this life. */
  get log(): string {
    return this.#running.output.stderr;
  }

  get pid(): number {
    return Number(this.#running.process.pid);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#running.process.kill('SIGKILL');
    await this.#running.ended;
  }

  /** Tells it to stop, as a rolling deploy does. @returns its exit code */
  async stop(): Promise<number | null> {
    this.#running.process.kill('SIGTERM');
    return (await this.#running.ended).exitCode;
  }

  async readiness(): Promise<{ status: number; reasons: string[] }> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5000) });
    return { status: answer.status, reasons: Readiness.parse(await answer.json()).reasons };
  }

  get #running(): ServerWithoutEngine['running'] {
    if (!this.#server) throw new Error(`${this.url} was not started`);
    return this.#server.running;
  }
}

export class TestCluster {
  readonly redis: RedisServer;
  readonly nodes: readonly TestNode[];
  readonly #balancer: Balancer;

  /** Runs until the test is over. @param environment further settings of every node */
  static async start(count: number, environment: Readonly<Record<string, string>> = {}): Promise<TestCluster> {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.close());
    await hasSettled(redis);
    const transcripts = temporaryFolder();
    const nodes: TestNode[] = [];
    for (let index = 0; index < count; index++) {
      const port = await freePort();
      const [url, dataDir] = [`http://127.0.0.1:${port}`, temporaryFolder()];
      const settings = {
        BOOTH_PORT: String(port),
        BOOTH_NODE_URL: url,
        BOOTH_REDIS_URL: redis.url,
        BOOTH_TRANSCRIPT_FOLDER: join(transcripts, 'shared'),
        ...environment,
      };
      nodes.push(new TestNode(url, () => startServerWithoutEngine(dataDir, settings)));
    }
    await Promise.all(nodes.map((node) => node.start()));
    return new TestCluster(redis, nodes, await Balancer.start(nodes));
  }

  private constructor(redis: RedisServer, nodes: readonly TestNode[], balancer: Balancer) {
    this.redis = redis;
    this.nodes = nodes;
    this.#balancer = balancer;
  }

  /** The address for people: that of the load balancer. */
  get url(): string {
    return this.#balancer.url;
  }

  node(index: number): TestNode {
    const node = this.nodes[index];
    if (!node) throw new Error(`there is no node ${index}`);
    return node;
  }
}

/** The node that has the room `demo`. */
export async function ownerAmong(nodes: readonly TestNode[]): Promise<TestNode> {
  const token = tokenOf(person('root', { grants: ['admin'] }));
  for (const node of nodes) {
    const rooms = await fetch(`${node.url}/v1/rooms`, { headers: { Authorization: `Bearer ${token}` } });
    if ((await rooms.text()).includes('"demo"')) return node;
  }
  throw new Error('no node has the room');
}

/** Nodes of a Redis that was just started would open no room for six seconds, in which others might say what they have. */
async function hasSettled({ url }: RedisServer): Promise<void> {
  const redis = new Redis(url);
  await redis.set('booth:pins-born', '1');
  redis.disconnect();
}

/** Passes each connection on to the next node that says it is ready. */
class Balancer {
  readonly url: string;
  readonly #nodes: readonly TestNode[];
  readonly #ready = new Set<TestNode>();
  readonly #sockets = new Set<Socket>();
  #next = 0;

  static async start(nodes: readonly TestNode[]): Promise<Balancer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const balancer = new Balancer(server, nodes);
    await until(() => balancer.#ready.size === nodes.length);
    return balancer;
  }

  constructor(server: Server, nodes: readonly TestNode[]) {
    this.#nodes = nodes;
    const address = server.address();
    this.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    server.on('connection', (socket) => this.#passOn(socket));
    const checking = setInterval(() => void this.#check(), 200);
    onTestFinished(() => {
      clearInterval(checking);
      for (const socket of this.#sockets) socket.destroy();
      server.close();
    });
  }

  async #check(): Promise<void> {
    for (const node of this.#nodes) {
      const status = await node.readiness().then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) this.#ready.add(node);
      else this.#ready.delete(node);
    }
  }

  #passOn(socket: Socket): void {
    const ready = this.#nodes.filter((node) => this.#ready.has(node));
    const node = ready[this.#next++ % Math.max(1, ready.length)];
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
    if (!node) return void socket.destroy();
    const { hostname, port } = new URL(node.url);
    const other = connect(Number(port), hostname);
    other.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => other.destroy());
    socket.pipe(other).pipe(socket);
  }
}
