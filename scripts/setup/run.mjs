/** Runs a program to its end. Its output is never shown as it is: it is read line by line, and its end explains a failure. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Lines of a failed program that its error keeps. */
const KEPT_LINES = 25;
/** A linker's command line can have 30,000 characters. */
const KEPT_WIDTH = 240;
/** Lines of it that are shown where only some of them tell why. */
const TELLING_LINES = 6;

/** npm, asked to stop, first does all it wanted to do and then undoes it. */
const KILL_AFTER_MS = 2000;

/** A program that could not be started, was stopped or said no. */
export class RunError extends Error {
  /** What happened, in a few words. */
  what;
  /** The last lines of what it printed. */
  output;
  /** @type {number | string | undefined} Its exit code, or the signal that ended it. */
  code;
  constructor(/** @type {string} */ what, output = '', /** @type {number | string | undefined} */ code = undefined) {
    super(withLines(what, output.split('\n')));
    this.name = 'RunError';
    this.what = what;
    this.output = output;
    this.code = code;
  }

  /** The message with the lines that tell why, for a program whose output is long; with all of them where none does. */
  because(/** @type {RegExp} */ telling) {
    const lines = this.output.split('\n').filter((line) => telling.test(line));
    return lines.length > 0 ? withLines(this.what, lines.slice(0, TELLING_LINES)) : this.message;
  }
}

const withLines = (/** @type {string} */ what, /** @type {readonly string[]} */ lines) =>
  [what, ...lines.filter(Boolean).map((line) => `    ${line.trim().slice(0, KEPT_WIDTH)}`)].join('\n');

/**
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal, timeoutMs?: number,
 *   onLine?: (line: string) => void }} RunOptions
 */

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>} what it wrote to its standard output
 */
export async function run(command, args, { cwd, env, signal, timeoutMs, onLine } = {}) {
  signal?.throwIfAborted();
  const limit = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, limit].filter((each) => each !== undefined));
  const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {NodeJS.Timeout | undefined} */
  let kill;
  const end = () => {
    child.kill('SIGTERM');
    kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  };
  stop.addEventListener('abort', end);

  /** @type {string[]} */
  const last = [];
  /** @type {string[]} */
  const out = [];
  const listen = (
    /** @type {import('node:stream').Readable} */ stream,
    /** @type {string[] | undefined} */ kept = undefined,
  ) =>
    createInterface({ input: stream }).on('line', (line) => {
      kept?.push(line);
      last.push(line);
      if (last.length > KEPT_LINES) last.shift();
      onLine?.(line);
    });
  listen(child.stdout, out);
  listen(child.stderr);

  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, killedBy) => resolve(exit ?? killedBy));
      // Children of a stopped program may live on and keep its pipes open.
      child.once('exit', () => {
        if (stop.aborted) for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
      });
    });
    signal?.throwIfAborted();
    if (limit?.aborted)
      throw new RunError(`${command} took longer than ${Number(timeoutMs) / 1000} s`, last.join('\n'));
    if (code !== 0) throw new RunError(`${command} ended with ${code}`, last.join('\n'), code);
    return out.join('\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new RunError(`${command} is not installed`);
    throw error;
  } finally {
    clearTimeout(kill);
    stop.removeEventListener('abort', end);
  }
}
