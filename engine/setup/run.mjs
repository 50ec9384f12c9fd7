/** Runs a program to its end. Its output is not printed but read line by line; the last lines explain a failure. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Lines of output that the error of a failed program holds. */
const MAX_OUTPUT_LINES = 25;
/** A linker's command line can have 30,000 characters. */
const MAX_LINE_WIDTH = 240;
/** Lines that are printed where only some of them give the reason. */
const REASON_LINES = 6;

/** npm reacts to SIGTERM only after it has finished, and then undoes its work. */
const KILL_AFTER_MS = 2000;

/** A program could not be started, was stopped, or failed. */
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

  /** The message with only the lines of output that match `reasons`; with all lines where none does. */
  because(/** @type {RegExp} */ reasons) {
    const lines = this.output.split('\n').filter((line) => reasons.test(line));
    return lines.length > 0 ? withLines(this.what, lines.slice(0, REASON_LINES)) : this.message;
  }
}

const withLines = (/** @type {string} */ what, /** @type {readonly string[]} */ lines) =>
  [what, ...lines.filter(Boolean).map((line) => `    ${line.trim().slice(0, MAX_LINE_WIDTH)}`)].join('\n');

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
      if (last.length > MAX_OUTPUT_LINES) last.shift();
      onLine?.(line);
    });
  listen(child.stdout, out);
  listen(child.stderr);

  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, killedBy) => resolve(exit ?? killedBy));
      // Children of a stopped program may run on and keep its pipes open.
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
