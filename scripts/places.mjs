/**
 * The paths of everything that set-up fetches and builds. The environment is passed in, and no path is checked for existence: set-up
 * does that before any command runs.
 *
 * A folder's name holds all that its content depends on: a folder that exists is complete and right for this machine.
 */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * A program from Debian's packages, and the environment variables that it needs in addition.
 * @typedef {{ command: string, env: Record<string, string> }} Program
 */

export const repository = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

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

/** The path at which mediasoup looks for its worker. */
export const workerBinary = join(repository, 'node_modules/mediasoup/worker/out/Release/mediasoup-worker');

/** What the installed worker was made of, where set-up has made it: a JSON file. */
export const workerManifest = `${workerBinary}.json`;

/** The built meeting page, which the server serves. */
export const pageDir = join(repository, 'client-widget/dist');

export const enginePackages = ['apertium-eng-spa', 'espeak-ng'];
export const chromiumPackages = ['chromium', 'fonts-dejavu-core'];

/** The folder into which Debian packages are unpacked; they are not installed on the system. */
function debianRoot(
  /** @type {Environment} */ environment,
  /** @type {string} */ use,
  /** @type {readonly string[]} */ packages,
) {
  return join(cacheDir(environment), `${use}-${platform}-${fingerprint(packages.join())}`);
}

export const engineRoot = (/** @type {Environment} */ environment) => debianRoot(environment, 'engine', enginePackages);
export const chromiumRoot = (/** @type {Environment} */ environment) =>
  debianRoot(environment, 'chromium', chromiumPackages);

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

/**
 * Recorded human sentences: `NAME.wav` (16 kHz, 16 bit, mono) and `transcript.json`, an object from NAME to what is said.
 * They are Allison Smith's prompts for Asterisk (CC BY-SA 3.0).
 */
export const speechDir = (/** @type {Environment} */ environment) => join(cacheDir(environment), 'speech-en-1');

/** A short hash that tells recipes and lists of packages apart. */
export const fingerprint = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex').slice(0, 10);
