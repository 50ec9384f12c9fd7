/** Finds or fetches FFmpeg, which reads and writes recordings: the system's, or Debian's unpacked in the cache. */
import { accessSync, constants } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { make } from '../../engine/setup/cache.mjs';
import { unpackDebian } from '../../engine/setup/debian.mjs';
import { debianEnvironment, ffmpegPackages, ffmpegRoot, soxPackages, soxRoot } from '../places.mjs';

/** @typedef {import('../places.mjs').Environment} Environment */
/** @typedef {import('./setup.mjs').Setup} Setup */
/** @typedef {import('./setup.mjs').SetupStep} SetupStep */

/** @returns {SetupStep} */
export const ffmpegStep = (/** @type {Setup} */ setup) =>
  unpackingStep(setup, {
    title: 'fetching FFmpeg for recordings',
    packages: ffmpegPackages,
    root: ffmpegRoot(setup.environment),
    programs: ['ffmpeg', 'ffprobe'],
  });

/** SoX makes recordings of many formats for the tests. @returns {SetupStep} */
export const soxStep = (/** @type {Setup} */ setup) =>
  unpackingStep(setup, {
    title: 'fetching SoX for the tests',
    packages: soxPackages,
    root: soxRoot(setup.environment),
    programs: ['sox'],
  });

/**
 * The paths of `ffmpeg` and `ffprobe`, the system's or those in the cache; undefined where one is missing.
 * @returns {{ ffmpeg: string, ffprobe: string } | undefined}
 */
export function findFfmpegPrograms(/** @type {Environment} */ environment) {
  const [ffmpeg, ffprobe] = findPrograms(environment, ffmpegRoot(environment), ['ffmpeg', 'ffprobe']) ?? [];
  return ffmpeg && ffprobe ? { ffmpeg, ffprobe } : undefined;
}

/** What set-up says at its end, where there is no FFmpeg; undefined: nothing. */
export const ffmpegOffer = (/** @type {Environment} */ environment) =>
  findFfmpegPrograms(environment)
    ? undefined
    : 'without FFmpeg, recordings are WAV, MP3, Ogg Opus and FLAC: "npm run setup -- ffmpeg" fetches Debian\'s for all others, without root.';

/** The path of `sox`; undefined where there is none. */
export const findSox = (/** @type {Environment} */ environment) =>
  findPrograms(environment, soxRoot(environment), ['sox'])?.[0];

/**
 * @param {Setup} setup
 * @param {{ title: string, packages: readonly string[], root: string, programs: readonly string[] }} what
 * @returns {SetupStep}
 */
function unpackingStep(setup, { title, packages, root, programs }) {
  const { environment } = setup;
  return {
    title,
    usually: 'about 30 s',
    isDone: () => findPrograms(environment, root, programs) !== undefined,
    run: (report) =>
      make(root, async (part) => {
        await unpackDebian(setup, packages, part, { report });
        for (const program of programs) {
          await writeFile(join(part, program), startScript(environment, root, program));
          await chmod(join(part, program), 0o755);
        }
      }),
  };
}

/** All of the programs from one folder, so that they are of one version. @returns {string[] | undefined} */
function findPrograms(
  /** @type {Environment} */ environment,
  /** @type {string} */ root,
  /** @type {readonly string[]} */ programs,
) {
  const folders = [...(environment.PATH ?? '').split(':').filter(Boolean), root];
  const folder = folders.find((one) => programs.every((program) => isProgram(join(one, program))));
  return folder === undefined ? undefined : programs.map((program) => join(folder, program));
}

function isProgram(/** @type {string} */ file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The libraries are found by a variable that nothing else of the process inherits. */
const startScript = (
  /** @type {Environment} */ environment,
  /** @type {string} */ root,
  /** @type {string} */ program,
) => `#!/bin/sh
export LD_LIBRARY_PATH='${debianEnvironment(environment, root).LD_LIBRARY_PATH}'
exec '${root}/usr/bin/${program}' "$@"
`;
