#!/usr/bin/env node
/**
 * `booth …` from a clone: sets up what the command needs, then runs it on a suitable Node, and ends with the command's exit code.
 */
import { join } from 'node:path';
import { repository } from './places.mjs';
import { runInPlace } from './setup/child.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { usableNode } from './setup/node.mjs';
import { partsFor } from './setup/setup.mjs';

const args = process.argv.slice(2);
await prepareOrExit(partsFor(args, process.env));
// `process/parent-watchdog.ts` ends the command where this process is killed.
const env = { ...process.env, BOOTH_PARENT_PID: String(process.pid) };
process.exitCode = await runInPlace(usableNode(), [join(repository, 'cli/booth.ts'), ...args], { env });
