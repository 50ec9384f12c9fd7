#!/usr/bin/env node
/**
 * `npm test [-- vitest's arguments]`: sets up, checks format, lint and types, then runs the tests; with arguments (a file, say) the
 * tests alone. `--long` runs the tests that take longer than anyone wants to wait.
 *
 * Nothing is run a second time: a test that fails beside others and passes alone is a defect of the test or of the product. A process
 * that the tests leave behind is a failure, too: it is named and killed. A signal ends this process and all that it started at once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { endsWithThisProcess, endWithParent } from '../process/parent-watchdog.mjs';
import { repository } from './places.mjs';
import { runInPlace } from './setup/child.mjs';
import { findChromium } from './setup/chromium.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { usableNode } from './setup/node.mjs';
import { testParts } from './setup/setup.mjs';
import { adoptOrphans, endDescendants, killDescendants } from './test/left-behind.mjs';
import { countsOf, failuresIn } from './test/report.mjs';

const args = process.argv.slice(2);
const isLong = args.includes('--long');
const vitestArgs = args.filter((arg) => arg !== '--long');
const project = (/** @type {string} */ name) => `--project=${name}`;
/**
 * The browsers' tests have a line to themselves, and come first, as sound that is played must have no gaps. Beside them the unit tests, which
 * compute and wait for nothing, take what is left of the processor; then the runs of the integration tests are worked off, each of which
 * mostly waits for what is said at its own pace, by two more lines when the browsers are done.
 */
const browserRun = [project('browser')];
const unitRun = [project('unit')];
const UNIT_PRIORITY = 10;
const LATER_LINES = 2;
/** So many that the lines end at about the same time. */
const SHARDS = 12;
const integrationRuns = Array.from({ length: SHARDS }, (_, index) => [
  project('integration'),
  `--shard=${index + 1}/${SHARDS}`,
]);
const everyProject = ['unit', 'integration', 'browser'].map(project);

endWithParent();
await prepareOrExit(testParts);
await adoptOrphans();
const folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.once(signal, () => {
    killDescendants();
    process.exit(128 + constants.signals[signal]);
  });
const code = isLong || vitestArgs.length > 0 ? await runSomeTests() : (await check()) || (await runAllTests());
const leftBehind = await endDescendants();
if (leftBehind.length > 0) console.log(['Left behind by the tests, and killed:', ...leftBehind].join('\n  '));
process.exitCode = code || (leftBehind.length > 0 ? 1 : 0);

/** Stops at the first check that fails, whose output then stands last. @returns the exit code */
async function check() {
  return (
    (await runPackaged('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])) ||
    runPackaged('typescript/bin/tsc')
  );
}

/** @returns the exit code */
async function runSomeTests() {
  const chosen = isLong ? [project('long')] : vitestArgs.some((arg) => arg.startsWith('--project')) ? [] : everyProject;
  const { code, files } = await vitest([...chosen, ...vitestArgs], join(folder, 'report.json'));
  if (files) console.log(countsOf(files));
  return code;
}

/** @returns the exit code */
async function runAllTests() {
  const results = await runInLines();
  const files = results.flatMap((result) => result.files ?? []);
  printFailures(failuresIn(files));
  if (files.length > 0) console.log(countsOf(files));
  return results.find(({ code }) => code !== 0)?.code ?? 0;
}

async function runInLines() {
  /** @type {Awaited<ReturnType<typeof vitest>>[]} */
  const results = [];
  const waiting = [...integrationRuns];
  let started = 0;
  const run = async (/** @type {readonly string[]} */ selection, priority = 0) => {
    const report = join(folder, `${++started}.json`);
    // The other core belongs to the other lines.
    results.push(await vitest(['--maxWorkers=1', ...selection], report, priority));
  };
  const line = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await run(next);
  };
  const browsers = async () => {
    await run(browserRun);
    await Promise.all(Array.from({ length: LATER_LINES }, line));
  };
  const others = async () => {
    await run(unitRun, UNIT_PRIORITY);
    await line();
  };
  await Promise.all([browsers(), others()]);
  return results;
}

/**
 * @param {readonly string[]} selection
 * @param {string} report
 * @param {number} [priority] as `nice` has it
 * @returns {Promise<{ code: number, files?: readonly import('./test/report.mjs').FileReport[] }>} no files where vitest could
 *   not start and has said why
 */
async function vitest(selection, report, priority = 0) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await runPackaged('vitest/vitest.mjs', ['run', ...selection, ...reporters], priority);
  const text = await readFile(report, 'utf8').catch(() => undefined);
  return text === undefined ? { code } : { code, files: JSON.parse(text).testResults };
}

/** Prints all failures together, at the end of the output of all runs. */
function printFailures(/** @type {readonly import('./test/report.mjs').Failure[]} */ failures) {
  if (failures.length === 0) return;
  const lines = failures.map(({ file, test, why }) => `  ${relative(repository, file)}: ${test}\n    ${why}`);
  console.log(['Failed:', ...lines].join('\n'));
}

/**
 * Runs a dependency's program.
 * @param {string} program
 * @param {readonly string[]} [programArgs]
 * @param {number} [priority] as `nice` has it, which what it starts inherits
 * @returns its exit code
 */
function runPackaged(program, programArgs = [], priority = 0) {
  return runInPlace(usableNode(), [join(repository, 'node_modules', program), ...programArgs], {
    cwd: repository,
    // `vitest.config.ts` ends the run where this process is killed.
    env: { ...process.env, ...endsWithThisProcess(), CHROME_PATH: findChromium(process.env) },
    priority,
  });
}
