/**
 * Runs apt with a state of its own in the cache folder, in which no package counts as installed: it needs no root, does not touch the
 * system, and fetches all dependencies of a package. Sources and trusted keys are the system's; signatures and hashes are checked.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadErrorCode, SetupError } from './error.mjs';
import { cacheDir } from './places.mjs';
import { RunError, run } from './run.mjs';

/** @typedef {import('./steps.mjs').Setup} Setup */
/** @typedef {import('./steps.mjs').Report} Report */

const SYSTEM_SOURCES = '/etc/apt';

/** The states whose package lists this process has updated, with the error where that failed. @type {Map<string, RunError | undefined>} */
const updates = new Map();

/** Fetches packages and all their dependencies as .deb files. */
export async function fetchPackages(
  /** @type {Setup} */ setup,
  /** @type {readonly string[]} */ packages,
  /** @type {string} */ into,
  /** @type {Report} */ report,
) {
  requireApt(packages);
  const state = join(cacheDir(setup.environment), 'apt/packages');
  await mkdir(join(into, 'partial'), { recursive: true });
  const options = [...stateOptions(state), '-o', `Dir::Cache::archives=${into}`];
  await fetchWith(setup, { state, options, command: ['install', '--download-only', '--yes', ...packages], report });
}

/**
 * The versions that Debian offers now, by package. Where the network is away they are those of the last time; a package that was
 * never heard of is left out.
 * @returns {Promise<Record<string, string>>}
 */
export async function candidateVersions(
  /** @type {Setup} */ setup,
  /** @type {readonly string[]} */ packages,
  /** @type {Report} */ report,
) {
  requireApt(packages);
  const state = join(cacheDir(setup.environment), 'apt/packages');
  const options = stateOptions(state);
  await prepareState(state);
  await updateLists(setup, { state, options, report });
  return versionsIn(await run('apt-cache', [...options, 'policy', ...packages], { signal: setup.signal }));
}

/** The candidates in the output of `apt-cache policy`. @returns {Record<string, string>} */
export const versionsIn = (/** @type {string} */ policy) =>
  Object.fromEntries(
    [...policy.matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (\S+)$/gm)]
      .map(([, name = '', version = '']) => [name, version])
      .filter(([, version]) => version !== '(none)'),
  );

/** Fetches the source of a package as its authors published it, without what Debian adds. */
export async function fetchSource(
  /** @type {Setup} */ setup,
  /** @type {string} */ name,
  /** @type {string} */ into,
  /** @type {Report} */ report,
) {
  requireApt([name]);
  const state = join(cacheDir(setup.environment), 'apt/sources');
  await mkdir(into, { recursive: true });
  const lists = await writeSourceLists(state);
  const options = [
    ...stateOptions(state),
    ...['-o', 'Dir::Etc::sourcelist=/dev/null', '-o', `Dir::Etc::sourceparts=${lists}`],
  ];
  await fetchWith(setup, {
    state,
    options,
    command: ['source', '--download-only', '--tar-only', name],
    cwd: into,
    report,
  });
}

/**
 * @param {Setup} setup
 * @param {{ state: string, options: string[], command: string[], cwd?: string, report: Report }} how
 */
async function fetchWith(setup, { state, options, command, cwd, report }) {
  await prepareState(state);
  await updateLists(setup, { state, options, report });
  const fetching = aptGet(setup, [...options, ...command], {
    cwd: cwd ?? state,
    report: (how) => report(`packages: ${how}`),
  });
  const result = await runError(fetching);
  if (!result) return;
  const reasons = [updates.get(state), result].flatMap((error) => error?.because(/^[EW]: /) ?? []);
  throw new SetupError(
    [`Debian's packages could not be fetched (apt-get ${command.join(' ')}).`, ...reasons].join('\n'),
    'Is the network there, and does "apt-get update" work on this machine? Then try again.',
    downloadErrorCode(reasons.join('\n')),
  );
}

/** Once in a process, for each state. */
async function updateLists(
  /** @type {Setup} */ setup,
  /** @type {{ state: string, options: string[], report: Report }} */ { state, options, report },
) {
  if (updates.has(state)) return;
  report('reading the lists of packages');
  // One source that cannot be reached (a vendor's, say) is no reason to stop: the packages may come from the others.
  const updating = aptGet(setup, [...options, 'update', '--error-on=any'], {
    cwd: state,
    report: (how) => report(`lists of packages: ${how}`),
  });
  updates.set(state, await runError(updating));
}

const aptGet = (
  /** @type {Setup} */ { signal },
  /** @type {string[]} */ words,
  /** @type {{ cwd: string, report: Report }} */ { cwd, report },
) =>
  run('apt-get', ['-q', ...words], {
    signal,
    cwd,
    onLine: (line) => {
      const percent = downloaded(line);
      if (percent !== undefined) report(`fetching ${percent} %`);
    },
  });

/** The error of a program that failed; undefined where it succeeded. */
const runError = (/** @type {Promise<string>} */ running) =>
  running.then(
    () => undefined,
    (error) => {
      if (error instanceof RunError) return error;
      throw error;
    },
  );

/** Whether this system has Debian's packages, as Debian and Ubuntu do. */
export const hasApt = () => ['apt-get', 'dpkg-deb'].every((program) => existsSync(`/usr/bin/${program}`));

function requireApt(/** @type {readonly string[]} */ packages) {
  if (hasApt()) return;
  throw new SetupError(
    `This system has no apt, and Booth takes ${packages.join(', ')} from Debian's packages.`,
    'Use Debian 12 or 13, or the Dockerfile.',
    'notSupported',
  );
}

const stateOptions = (/** @type {string} */ state) =>
  Object.entries({
    'Dir::State': state,
    'Dir::State::Lists': join(state, 'lists'),
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': state,
    'Dir::Log': state,
    'APT::Sandbox::User': '',
    'APT::Install-Recommends': 'false',
    'APT::Status-Fd': '1',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`]);

async function prepareState(/** @type {string} */ state) {
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await writeFile(join(state, 'status'), '');
}

/** Derives the lists of source packages from the system's lists of binary packages. @returns the folder of the lists */
async function writeSourceLists(/** @type {string} */ state) {
  const lists = join(state, 'sources.list.d');
  await mkdir(lists, { recursive: true });
  const inParts = (await readdir(join(SYSTEM_SOURCES, 'sources.list.d')).catch(() => [])).map((name) =>
    join('sources.list.d', name),
  );
  for (const name of ['sources.list', ...inParts]) {
    const text = await readFile(join(SYSTEM_SOURCES, name), 'utf8').catch(() => '');
    await writeFile(join(lists, name.replace(/.*\//, '')), ofSources(text));
  }
  return lists;
}

/** A source list for binary packages, changed into one for source packages; both of apt's formats are read. */
export const ofSources = (/** @type {string} */ list) =>
  list.replace(/^Types:.*$/gm, 'Types: deb-src').replace(/^deb(-src)?(?=\s)/gm, 'deb-src');

/** The percentage in a line of apt's status; undefined in other lines. */
export function downloaded(/** @type {string} */ line) {
  const percent = /^dlstatus:\d+:([\d.]+):/.exec(line)?.[1];
  return percent === undefined ? undefined : Math.round(Number(percent));
}
