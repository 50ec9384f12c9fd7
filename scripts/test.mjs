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
    // Vitest has said why where it could not even begin.
    const counted = await readFile(report, 'utf8').catch(() => undefined);
    if (counted !== undefined) console.log(countsOf(JSON.parse(counted)));
    return code;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * @typedef {{ status: string, assertionResults: readonly { status: string }[] }} FileReport
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   testResults: readonly FileReport[] }} Report
 */

/** A line that programs read, whichever runner counted. A file that could not be loaded counts as a test that failed. */
function countsOf(/** @type {Report} */ { numPassedTests, numFailedTests, numPendingTests, testResults }) {
  const unloadable = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  const counts = [`${numPassedTests} passed`, `${numFailedTests + unloadable.length} failed`];
  return [...counts, ...(numPendingTests > 0 ? [`${numPendingTests} skipped`] : [])].join(', ');
}

/** Runs a dependency's program. @returns its exit code */
function packaged(/** @type {string} */ program, /** @type {string[]} */ ...programArgs) {
  return runInPlace(usableNode(), [join(repository, 'node_modules', program), ...programArgs], {
    cwd: repository,
    env: { ...process.env, CHROME_PATH: findChromium(process.env) },
  });
}
