#!/usr/bin/env node
/**
 * `booth …` from a clone: sets up what the command needs, then runs it on a suitable Node, and ends with the command's exit code.
 *
 * A server (`booth start`) or an edge node (`booth edge`) that crashed or was killed is started again; people come back by themselves.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { libopusPath } from '../engine/setup/places.mjs';
import { endsWithThisProcess, endWithParent } from '../process/parent-watchdog.mjs';
import { repository } from './places.mjs';
import { runInPlace } from './setup/child.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { usableNode } from './setup/node.mjs';
import { engineNote, partsFor } from './setup/setup.mjs';

/** The delay before a restart doubles from the first to the longest; a run of `STABLE_MS` makes the next one the first again. */
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
const STABLE_MS = 3000;
/** So many restarts that do not get as far as a running server end the attempt: what hinders them does not go away by itself. */
const MOST_FAILED_STARTS = 10;
/** The exit code of a server that met an unforeseen error; from 128 on, a signal ended it. */
const UNFORESEEN = 70;
const BY_SIGNAL = 128;

const args = process.argv.slice(2);
endWithParent();
const note = engineNote(args, process.env);
if (note !== undefined) process.stderr.write(`booth: ${note}\n`);
await prepareOrExit(partsFor(args, process.env));
process.exitCode = ['start', 'edge'].includes(args[0] ?? '') ? await runServer() : await run(args);

/** @returns its exit code */
function run(/** @type {readonly string[]} */ commandArgs) {
  const env = {
    // Interpreters encode with it where set-up has fetched it: see `audio/native-opus.ts`.
    BOOTH_LIBOPUS: libopusPath(process.env),
    ...process.env,
    ...endsWithThisProcess(),
  };
  return runInPlace(usableNode(), [join(repository, 'cli/booth.ts'), ...commandArgs], { env });
}

/** Runs the server, or the edge node, until it is stopped, or does not start. @returns its last exit code */
async function runServer() {
  let isStopped = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      isStopped = true;
    });
  let delayMs = FIRST_DELAY_MS;
  let failedStarts = 0;
  for (let isRestart = false; ; isRestart = true) {
    const startedMs = performance.now();
    // The browser is open already.
    const code = await run(isRestart ? args.filter((arg) => arg !== '--open') : args);
    const crashed = code === UNFORESEEN || code >= BY_SIGNAL;
    if (performance.now() - startedMs >= STABLE_MS) [delayMs, failedStarts] = [FIRST_DELAY_MS, 0];
    else failedStarts++;
    if (isStopped || code === 0 || (!crashed && !isRestart) || failedStarts > MOST_FAILED_STARTS) return code;
    process.stderr.write(
      `booth: the ${args[0] === 'edge' ? 'edge node' : 'server'} ended (${code}) and is started again\n`,
    );
    await sleep(delayMs);
    if (isStopped) return code;
    delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS);
  }
}
