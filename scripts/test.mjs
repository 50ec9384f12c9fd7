#!/usr/bin/env node
/**
 * `npm test [-- vitest's arguments]`: sets up, checks format, lint and types, then runs the tests; with arguments (a file,
 * say) the tests alone. `--long` runs those that take longer than anyone wants to wait.
 *
 * All the tests run in two lines side by side, and many of them keep time: a few files that fail beside others are run once
 * more alone, and the end says which those were. What fails alone has failed.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { repository } from './places.mjs';
import { runInPlace } from './setup/child.mjs';
import { findChromium } from './setup/chromium.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { usableNode } from './setup/node.mjs';
import { forTests } from './setup/setup.mjs';
import { countsOf, failuresIn, withLater } from './test/report.mjs';

const args = process.argv.slice(2);
const isLong = args.includes('--long');
const vitestArgs = args.filter((arg) => arg !== '--long');
const project = (/** @type {string} */ name) => `--project=${name}`;
/**
 * In two lines, each of which takes the next that nobody has begun: what is in fake time keeps a core busy while what is in
 * real time mostly waits. The longest come first.
 */
const LINES = 2;
const runs = [
  [project('browser')],
  [project('unit')],
  ...[1, 2, 3, 4].map((shard) => [project('integration'), `--shard=${shard}/4`]),
];
/** More than this is no accident of timing. */
const FILES_AGAIN = 5;
const everyProject = ['unit', 'integration', 'browser'].map(project);

await prepareOrExit(forTests);
process.exitCode = isLong || vitestArgs.length > 0 ? await someTests() : (await check()) || (await allTests());

/** Stops at the first that fails: its output is what has to be read. @returns the exit code */
async function check() {
  return (
    (await packaged('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')) || packaged('typescript/bin/tsc')
  );
}

/** @returns the exit code */
function someTests() {
  const chosen = isLong ? [project('long')] : vitestArgs.some((arg) => arg.startsWith('--project')) ? [] : everyProject;
  return inScratch(async (folder) => {
    const { code, files } = await vitest([...chosen, ...vitestArgs], join(folder, 'report.json'));
    if (files) console.log(countsOf(files));
    return code;
  });
}

/** @returns the exit code */
function allTests() {
  return inScratch(async (folder) => {
    const done = await inLines(folder);
    const files = done.flatMap((run) => run.files ?? []);
    const failures = failuresIn(files);
    const failed = [...new Set(failures.map(({ file }) => file))];
    if (failures.length > 0) tell('Failed, beside other tests:', failures);
    // A run that ended badly without a test that did: nothing that running a file again could mend.
    const unexplained = done.find((run) => run.code !== 0 && failuresIn(run.files ?? []).length === 0);
    const again =
      failed.length > 0 && failed.length <= FILES_AGAIN && !unexplained
        ? await vitest([...everyProject, '--no-file-parallelism', ...failed], join(folder, 'again.json'))
        : undefined;
    const final = withLater(files, again?.files ?? []);
    if (again) tell('Failed again, alone:', failuresIn(final));
    if (final.length > 0) console.log(countsOf(final));
    return unexplained?.code ?? again?.code ?? (failed.length > 0 ? 1 : 0);
  });
}

/** @returns the exit code */
async function inScratch(/** @type {(folder: string) => Promise<number>} */ work) {
  const folder = await mkdtemp(join(tmpdir(), 'booth-test-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inLines(/** @type {string} */ folder) {
  /** @type {Awaited<ReturnType<typeof vitest>>[]} */
  const done = [];
  const waiting = [...runs.entries()];
  const line = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [run, selection] = next;
      // The other core belongs to the other line.
      done.push(await vitest(['--maxWorkers=1', ...selection], join(folder, `${run}.json`)));
    }
  };
  await Promise.all(Array.from({ length: LINES }, line));
  return done;
}

/**
 * @param {readonly string[]} selection
 * @param {string} report
 * @returns {Promise<{ code: number, files?: readonly import('./test/report.mjs').FileReport[] }>} no files where it did not
 *   even begin: vitest has said why
 */
async function vitest(selection, report) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await packaged('vitest/vitest.mjs', 'run', ...selection, ...reporters);
  const text = await readFile(report, 'utf8').catch(() => undefined);
  return text === undefined ? { code } : { code, files: JSON.parse(text).testResults };
}

function tell(/** @type {string} */ title, /** @type {readonly import('./test/report.mjs').Failure[]} */ failures) {
  const lines = failures.map(({ file, test, why }) => `  ${relative(repository, file)}: ${test}\n    ${why}`);
  console.log([title, ...(lines.length > 0 ? lines : ['  none'])].join('\n'));
}

/** Runs a dependency's program. @returns its exit code */
function packaged(/** @type {string} */ program, /** @type {string[]} */ ...programArgs) {
  return runInPlace(usableNode(), [join(repository, 'node_modules', program), ...programArgs], {
    cwd: repository,
    env: { ...process.env, CHROME_PATH: findChromium(process.env) },
  });
}
