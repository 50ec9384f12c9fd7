/**
 * Where set-up keeps what it fetched and built, so that whoever uses a part asks here. Pure: the environment is passed in,
 * and nothing here looks whether a part is really there (`booth.mjs` has seen to that before any command runs).
 *
 * A folder's name says all that its content depends on: a folder that exists is complete and right for this machine.
 */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * A program out of Debian's packages, and the variables that it needs besides ours.
 * @typedef {{ command: string, env: Record<string, string> }} Program
 */

export const repository = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** The C library that Node itself runs on; undefined where it is another one (Alpine's musl) or there is none (macOS). */
export const glibcVersion = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  .header?.glibcVersionRuntime;

/** This machine's kind: what was made for another kind is not taken. */
export const platform = [process.platform, process.arch, ...(glibcVersion ? [`glibc${glibcVersion}`] : [])].join('-');

/** Debian's name for this architecture, as in its library folders. */
export const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/** `BOOTH_CACHE_DIR`, else `booth` in the user's cache folder (XDG base directories: a relative path does not count). */
export function cacheDir(/** @type {Environment} */ environment) {
  if (environment.BOOTH_CACHE_DIR) return resolve(environment.BOOTH_CACHE_DIR);
  const xdg = environment.XDG_CACHE_HOME ?? '';
  return join(isAbsolute(xdg) ? xdg : join(environment.HOME || homedir(), '.cache'), 'booth');
}

/** Where mediasoup looks for its worker. */
export const workerBinary = join(repository, 'node_modules/mediasoup/worker/out/Release/mediasoup-worker');

/** The built meeting page, which the server serves. */
export const pageDir = join(repository, 'client-widget/dist');

export const enginePackages = ['apertium-eng-spa', 'espeak-ng'];
export const chromiumPackages = ['chromium', 'fonts-dejavu-core'];

/** Debian packages are unpacked below such a folder; nothing of them is installed on the system. */
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

/** What a program below such a folder needs to find its libraries, and to read and write UTF-8. */
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

/** Short and stable: enough to tell recipes and lists apart. */
export const fingerprint = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex').slice(0, 10);
