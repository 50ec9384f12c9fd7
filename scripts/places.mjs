/**
 * The paths of everything that set-up fetches and builds. The environment is passed in, and no path is checked for existence: set-up
 * does that before any command runs. Those of the offline engine are in its package, which sets itself up where it is installed alone.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir, debianRoot } from '../engine/setup/places.mjs';

export {
  cacheDir,
  debianEnvironment,
  engineParts,
  engineRoot,
  fingerprint,
  glibcVersion,
  platform,
  triplet,
  voskDir,
  voskModelDir,
} from '../engine/setup/places.mjs';

/** @typedef {import('../engine/setup/places.mjs').Environment} Environment */

export const repository = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** The path at which mediasoup looks for its worker. */
export const workerBinary = join(repository, 'node_modules/mediasoup/worker/out/Release/mediasoup-worker');

/** What the installed worker was made of, where set-up has made it: a JSON file. */
export const workerManifest = `${workerBinary}.json`;

/** The built meeting page, which the server serves. */
export const pageDir = join(repository, 'client-widget/dist');

export const chromiumPackages = ['chromium', 'fonts-dejavu-core'];

export const chromiumRoot = (/** @type {Environment} */ environment) =>
  debianRoot(environment, 'chromium', chromiumPackages);

export const firefoxPackages = ['firefox-esr', 'fonts-dejavu-core'];

export const firefoxRoot = (/** @type {Environment} */ environment) =>
  debianRoot(environment, 'firefox', firefoxPackages);

export const coturnPackages = ['coturn'];

export const coturnRoot = (/** @type {Environment} */ environment) => debianRoot(environment, 'coturn', coturnPackages);

export const redisPackages = ['redis-server'];

export const redisRoot = (/** @type {Environment} */ environment) => debianRoot(environment, 'redis', redisPackages);

export const proxyPackages = ['nginx', 'haproxy'];

/** The proxies for the tests: `usr/sbin/nginx` and `usr/sbin/haproxy`, with their `libraries`. */
export const proxyRoot = (/** @type {Environment} */ environment) => debianRoot(environment, 'proxies', proxyPackages);

export const ffmpegPackages = ['ffmpeg'];

/** The folder of Debian's FFmpeg, with the scripts that start its programs. */
export const ffmpegRoot = (/** @type {Environment} */ environment) => debianRoot(environment, 'ffmpeg', ffmpegPackages);

export const soxPackages = ['sox'];

/** The folder of Debian's SoX, which only the tests use. */
export const soxRoot = (/** @type {Environment} */ environment) => debianRoot(environment, 'sox', soxPackages);

/**
 * Recorded human sentences: `NAME.wav` (16 kHz, 16 bit, mono) and `transcript.json`, an object from NAME to what is said.
 * They are Allison Smith's prompts for Asterisk (CC BY-SA 3.0).
 */
export const speechDir = (/** @type {Environment} */ environment) => join(cacheDir(environment), 'speech-en-1');
