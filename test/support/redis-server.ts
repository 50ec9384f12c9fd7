/** A Redis server of its own, on a port of its own: it can be killed and started again, stopped for a while, and emptied. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedis } from '../../scripts/setup/redis.mjs';
import { freePort } from './free-port.ts';

/**
 * @example
 * const redis = await RedisServer.start();
 * onTestFinished(() => redis.close());
 */
export class RedisServer {
  readonly port: number;
  readonly address: string;
  readonly #program: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'booth-redis-'));
  #process: ChildProcess | undefined;

  static async start({ address = '127.0.0.1' } = {}): Promise<RedisServer> {
    const program = findRedis(process.env);
    if (!program) throw new Error('no Redis server: "npm test" fetches one, or install redis-server');
    const redis = new RedisServer(program, address, await freePort(address));
    await redis.run();
    return redis;
  }

  private constructor(program: string, address: string, port: number) {
    this.#program = program;
    this.address = address;
    this.port = port;
  }

  get url(): string {
    return `redis://${this.address}:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process, with nothing in it, and waits until it answers. */
  async run(): Promise<void> {
    const args = ['--port', `${this.port}`, '--bind', this.address, '--save', '', '--dir', this.#folder];
    // Without a password, Redis serves nobody else but this machine unless it is told to.
    args.push('--protected-mode', 'no');
    this.#process = spawn(this.#program, args, { stdio: 'ignore' });
    while (!(await isListening(this.address, this.port))) {
      if (this.#process.exitCode !== null) throw new Error(`redis-server ended (${this.#process.exitCode})`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the process at once, with all that it held. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const isListening = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });
