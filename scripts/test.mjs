#!/usr/bin/env node
/**
 * `npm test [-- vitest's arguments]`: sets up, checks format, lint and types, then runs the tests; with arguments (a file,
 * say) the tests alone. `--long` runs those that take longer than anyone wants to wait.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './places.mjs';
import { runInPlace } from './setup/child.mjs';
import { findChromium } from './setup/chromium.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { usableNode } from './setup/node.mjs';
import { forTests } from './setup/setup.mjs';

const args = process.argv.slice(2);
const isLong = args.includes('--long');
const vitestArgs = args.filter((arg) => arg !== '--long');
const projects = isLong ? ['long'] : ['unit', 'integration', 'browser'];

await prepareOrExit(forTests);
process.exitCode = (isLong || vitestArgs.length > 0 ? 0 : await check()) || (await test());

/** Stops at the first that fails: its output is what has to be read. @returns the exit code */
async function check() {
  return (
    (await packaged('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')) || packaged('typescript/bin/tsc')
  );
}

async function test() {
  const scratch = await mkdtemp(join(tmpdir(), 'booth-test-'));
  const report = join(scratch, 'report.json');
  try {
    const chosen = vitestArgs.includes('--project') ? [] : projects.flatMap((name) => ['--project', name]);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await packaged('vitest/vitest.mjs', 'run', ...chosen, ...reporters, ...vitestArgs);
    console.log(countsOf(JSON.parse(await readFile(report, 'utf8'))));
    return code;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A line that programs read, whichever runner counted. */
function countsOf(
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number }} */ {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
  },
) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Runs a dependency's program. @returns its exit code */
function packaged(/** @type {string} */ program, /** @type {string[]} */ ...programArgs) {
  return runInPlace(usableNode(), [join(repository, 'node_modules', program), ...programArgs], {
    cwd: repository,
    env: { ...process.env, CHROME_PATH: findChromium(process.env) },
  });
}
