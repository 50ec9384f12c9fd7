/**
 * The paths of the offline engine's parts, and of the cache folder in which they are. The environment is passed in, and no path is checked
 * for existence: set-up does that.
 *
 * A folder's name holds all that its content depends on: a folder that exists is complete and right for this machine.
 */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * A program from Debian's packages, and the environment variables that it needs in addition.
 * @typedef {{ command: string, env: Record<string, string> }} Program
 */

/** The version of glibc that Node runs on; undefined on another C library (Alpine's musl, macOS). */
export const glibcVersion = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  .header?.glibcVersionRuntime;

/** The kind of this machine: parts made for another kind are not used. */
export const platform = [process.platform, process.arch, ...(glibcVersion ? [`glibc${glibcVersion}`] : [])].join('-');

/** Debian's name for this architecture, as in its library folders. */
export const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/** `BOOTH_CACHE_DIR`, else `booth` in the user's cache folder (XDG base directories: a relative path does not count). */
export function cacheDir(/** @type {Environment} */ environment) {
  if (environment.BOOTH_CACHE_DIR) return resolve(environment.BOOTH_CACHE_DIR);
  const xdg = environment.XDG_CACHE_HOME ?? '';
  return join(isAbsolute(xdg) ? xdg : join(environment.HOME || homedir(), '.cache'), 'booth');
}

export const enginePackages = ['apertium-eng-spa', 'espeak-ng'];
/** The folder into which Debian packages are unpacked; they are not installed on the system. */
export function debianRoot(
  /** @type {Environment} */ environment,
  /** @type {string} */ use,
  /** @type {readonly string[]} */ packages,
) {
  return join(cacheDir(environment), `${use}-${platform}-${fingerprint(packages.join())}`);
}

export const engineRoot = (/** @type {Environment} */ environment) => debianRoot(environment, 'engine', enginePackages);
/** The variables with which a program below such a folder finds its libraries and uses UTF-8. */
export const debianEnvironment = (/** @type {Environment} */ environment, /** @type {string} */ root) => ({
  PATH: `${root}/usr/bin:${environment.PATH ?? '/usr/bin:/bin'}`,
  LD_LIBRARY_PATH: `${root}/libraries`,
  LC_ALL: 'C.UTF-8',
});

export const voskDir = (/** @type {Environment} */ environment) =>
  join(cacheDir(environment), `vosk-0.3.39-${process.platform}-${process.arch}`);
export const voskModelDir = (/** @type {Environment} */ environment) =>
  join(cacheDir(environment), 'vosk-model-en-us-1');

/**
 * The parts of the offline engine. `apertium.mode` is a file whose last line is the pipeline to run, with absolute paths
 * of its data; its programs are found by the `PATH` of `apertium.env`.
 * @param {Environment} environment
 * @returns {{ voskLibrary: string, voskModel: string,
 *   apertium: { mode: string, root: string, env: Record<string, string> }, espeak: Program }}
 */
export function engineParts(environment) {
  const root = engineRoot(environment);
  const env = debianEnvironment(environment, root);
  return {
    voskLibrary: join(voskDir(environment), 'libvosk.so'),
    voskModel: voskModelDir(environment),
    apertium: { mode: `${root}/usr/share/apertium/modes/eng-spa.mode`, root, env },
    espeak: { command: `${root}/usr/bin/espeak-ng`, env: { ...env, ESPEAK_DATA_PATH: `${root}/usr/lib/${triplet}` } },
  };
}

/** The libopus that comes with the engine's programs. */
export const libopusPath = (/** @type {Environment} */ environment) =>
  join(engineRoot(environment), 'libraries', 'libopus.so.0');

/** A short hash that tells recipes and lists of packages apart. */
export const fingerprint = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex').slice(0, 10);
