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
const reportOf = (/** @type {string} */ line, /** @type {number} */ run) => `${line}-${run}.json`;
const project = (/** @type {string} */ name) => `--project=${name}`;
/**
 * Two lines of runs, each one after another: what is in fake time keeps a core busy while what is in real time mostly waits.
 * @type {string[][][]}
 */
const inTwoLines = [
  [[project('unit')], [project('integration'), '--shard=1/2']],
  [[project('browser')], [project('integration'), '--shard=2/2']],
];
const chosen = vitestArgs.some((arg) => arg.startsWith('--project'))
  ? []
  : ['unit', 'integration', 'browser'].map(project);
const lines = isLong ? [[[project('long')]]] : vitestArgs.length > 0 ? [[chosen]] : inTwoLines;

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
    const codes = await Promise.all(lines.map((runs, line) => inTurn(runs, join(scratch, `line-${line}`))));
    const reports = lines.flatMap((runs, line) => runs.map((_, run) => reportOf(join(scratch, `line-${line}`), run)));
    // Vitest has said why where it could not even begin.
    const counted = await Promise.all(reports.map((report) => readFile(report, 'utf8').catch(() => undefined)));
    const known = counted.flatMap((text) => (text === undefined ? [] : [JSON.parse(text)]));
    if (known.length > 0) console.log(countsOf(known));
    return codes.flat().find((code) => code !== 0) ?? 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @returns the exit codes */
async function inTurn(/** @type {string[][]} */ runs, /** @type {string} */ line) {
  const codes = [];
  for (const [run, selection] of runs.entries()) codes.push(await vitest(selection, reportOf(line, run)));
  return codes;
}

/** @returns the exit code */
function vitest(/** @type {string[]} */ selection, /** @type {string} */ report) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // The other core belongs to the other line.
  const workers = lines.length > 1 ? ['--maxWorkers=1'] : [];
  return packaged('vitest/vitest.mjs', 'run', ...workers, ...selection, ...reporters, ...vitestArgs);
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
