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
const all = ['unit', 'integration', 'browser'];
/** Those in fake time run beside those in real time, which leave a core idle. */
const runs = isLong ? [['long']] : vitestArgs.length > 0 ? [all] : [['unit'], ['integration', 'browser']];

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
  try {
    const reports = runs.map((_, i) => join(scratch, `report-${i}.json`));
    const codes = await Promise.all(runs.map((projects, i) => vitest(projects, reports[i] ?? '')));
    // Vitest has said why where it could not even begin.
    const counted = await Promise.all(reports.map((report) => readFile(report, 'utf8').catch(() => undefined)));
    const known = counted.flatMap((text) => (text === undefined ? [] : [JSON.parse(text)]));
    if (known.length > 0) console.log(countsOf(known));
    return codes.find((code) => code !== 0) ?? 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @returns the exit code */
function vitest(/** @type {string[]} */ projects, /** @type {string} */ report) {
  const chosen = vitestArgs.includes('--project') ? [] : projects.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // The other core belongs to what runs in real time.
  const workers = runs.length > 1 ? ['--maxWorkers=1'] : [];
  return packaged('vitest/vitest.mjs', 'run', ...workers, ...chosen, ...reporters, ...vitestArgs);
}

/**
 * @typedef {{ status: string, assertionResults: readonly { status: string }[] }} FileReport
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   testResults: readonly FileReport[] }} Report
 */

/** A line that programs read, whichever runner counted. A file that could not be loaded counts as a test that failed. */
function countsOf(/** @type {readonly Report[]} */ reports) {
  const sum = (/** @type {(report: Report) => number} */ count) => reports.reduce((all, one) => all + count(one), 0);
  const unloadable = sum(
    ({ testResults }) =>
      testResults.filter(
        ({ status, assertionResults }) =>
          status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
      ).length,
  );
  const pending = sum(({ numPendingTests }) => numPendingTests);
  const counts = [
    `${sum(({ numPassedTests }) => numPassedTests)} passed`,
    `${sum(({ numFailedTests }) => numFailedTests) + unloadable} failed`,
  ];
  return [...counts, ...(pending > 0 ? [`${pending} skipped`] : [])].join(', ');
}

/** Runs a dependency's program. @returns its exit code */
function packaged(/** @type {string} */ program, /** @type {string[]} */ ...programArgs) {
  return runInPlace(usableNode(), [join(repository, 'node_modules', program), ...programArgs], {
    cwd: repository,
    env: { ...process.env, CHROME_PATH: findChromium(process.env) },
  });
}
