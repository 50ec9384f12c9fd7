/** A part of the load in a process of its own, which ends with this one. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { endsWithThisProcess } from '../../../process/parent-watchdog.mjs';

/** How long a part may take to answer on a busy computer. */
const ANSWER_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

/** `Up` is an object with one key, which names the message. */
export class LoadChild<Down, Up extends object> {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #listeners = new Set<(message: Up) => void>();
  readonly #ends = new Set<(error: Error) => void>();

  /** @param file in this folder */
  constructor(file: string, args: readonly string[] = []) {
    this.#name = file;
    const env = { ...process.env, ...endsWithThisProcess() };
    // A session of its own, for `prefer`.
    this.#child = fork(new URL(`./${file}`, import.meta.url), args, { env, execArgv: [], detached: true });
    this.#child.on('message', (message) => {
      for (const listener of this.#listeners) listener(message as Up);
    });
    this.#child.once('exit', (code, signal) => {
      for (const end of this.#ends) end(new Error(`${file} ended (${signal ?? code})`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send(message: Down): void {
    this.#child.send(message as object);
  }

  on(listener: (message: Up) => void): void {
    this.#listeners.add(listener);
  }

  /** The next message with this key. @throws where the process ends, or is silent for a minute */
  async next<K extends Up extends unknown ? keyof Up : never>(key: K): Promise<Extract<Up, Record<K, unknown>>[K]> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<Up, Record<K, unknown>>[K]>();
    const listener = (message: Up): void => {
      if (key in message) resolve((message as Extract<Up, Record<K, unknown>>)[key]);
    };
    this.#listeners.add(listener);
    this.#ends.add(reject);
    const timer = setTimeout(
      () => reject(new Error(`${this.#name} did not answer (${String(key)})`)),
      ANSWER_WITHIN_MS,
    );
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
      this.#ends.delete(reject);
    }
  }

  /** Resolves when the process is gone. @param last what it is told, where it ends by itself then */
  async stop(last?: Down): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    if (last === undefined) child.kill('SIGKILL');
    else this.send(last);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }
}
