/** A program that a test starts, and what it has printed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOKS_EVERY_MS = 50;
const PRINTS_WITHIN_MS = 180_000;

export class StartedProgram {
  readonly #child;
  #printed = '';

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (data: string) => {
        this.#printed += data;
      });
  }

  /** What it has printed so far, on stdout and stderr. */
  get printed(): string {
    return this.#printed;
  }

  /** @throws with all that it has printed, where it ends or minutes pass before it prints this */
  async prints(what: RegExp): Promise<RegExpExecArray> {
    const began = performance.now();
    for (;;) {
      const match = what.exec(this.#printed);
      if (match) return match;
      if (this.#hasEnded || performance.now() - began > PRINTS_WITHIN_MS)
        throw new Error(`it has not printed ${what}, but:\n${this.#printed}`);
      await sleep(LOOKS_EVERY_MS);
    }
  }

  /** Resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.#hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
