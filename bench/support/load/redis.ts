/** A Redis server of the benchmark's own, which says what was asked of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { endsWithThisProcess } from '../../../process/parent-watchdog.mjs';

const READY = 'Ready to accept connections';
/** What this file asks for itself. */
const OWN_COMMANDS = ['info', 'config|resetstat'];

export interface RedisUse {
  /** Commands by name, those within scripts too, without what was asked to count them: `{ evalsha: 120, get: 80 }`. */
  calls: Readonly<Record<string, number>>;
  /** CPU time of the server, in seconds. */
  cpuSeconds: number;
}

/** The calls by command in the answer to `INFO commandstats`: lines such as `cmdstat_evalsha:calls=120,usec=…`. */
export function callsIn(info: string): Record<string, number> {
  const lines = [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return Object.fromEntries(
    lines.flatMap(([, name = '', calls]) => (OWN_COMMANDS.includes(name) ? [] : [[name, Number(calls)] as const])),
  );
}

/** The calls in all that were added from `before` to `after`. */
export const callsBetween = (before: RedisUse, after: RedisUse): number =>
  Object.entries(after.calls).reduce((sum, [name, calls]) => sum + calls - (before.calls[name] ?? 0), 0);

/**
 * @example
 * const redis = await MeasuredRedis.start(program);
 * const before = await redis.use();
 * await delay(60_000);
 * callsBetween(before, await redis.use());
 * await redis.close();
 */
export class MeasuredRedis {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #client: Redis;

  /** @param program the path of `redis-server` */
  static async start(program: string): Promise<MeasuredRedis> {
    const folder = await mkdtemp(join(tmpdir(), 'booth-bench-redis-'));
    const port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...endsWithThisProcess() },
    });
    for await (const line of createInterface({ input: child.stdout })) if (line.includes(READY)) break;
    if (child.exitCode !== null) throw new Error(`redis-server ended (${child.exitCode})`);
    child.stdout.resume();
    return new MeasuredRedis(`redis://127.0.0.1:${port}`, child, folder);
  }

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#process = child;
    this.#folder = folder;
    this.#client = new Redis(url);
  }

  /** What was asked of it so far, and what that took. */
  async use(): Promise<RedisUse> {
    const [commands, cpu] = [await this.#client.info('commandstats'), await this.#client.info('cpu')];
    const seconds = [...cpu.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].map(([, value]) => Number(value));
    return { calls: callsIn(commands), cpuSeconds: seconds.reduce((sum, value) => sum + value, 0) };
  }

  async close(): Promise<void> {
    this.#client.disconnect();
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
