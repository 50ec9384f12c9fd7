/** Fetches recorded human sentences for the demo, the tests and the benchmark, from Debian's prompts for Asterisk. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { isMade, make, withScratch } from '../../engine/setup/cache.mjs';
import { unpackDebian } from '../../engine/setup/debian.mjs';
import { run } from '../../engine/setup/run.mjs';
import { debianEnvironment, speechDir } from '../places.mjs';
import { usableNode } from './node.mjs';

/** The G.722 recordings, which spandsp decodes. Those in plain PCM have telephone quality, in which Vosk mishears six words of ten. */
const PACKAGES = ['asterisk-core-sounds-en-g722', 'asterisk-core-sounds-en', 'libspandsp2'];
const RECORDINGS = 'usr/share/asterisk/sounds/en_US_f_Allison';
const TRANSCRIPT = 'usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz';

/** Shorter prompts are words and parts of sentences. */
const WORDS_OF_A_SENTENCE = 5;

/** @returns {import('./setup.mjs').SetupStep} */
export function speechStep(/** @type {import('./setup.mjs').Setup} */ setup) {
  const folder = speechDir(setup.environment);
  return {
    title: 'fetching recorded sentences',
    usually: 'about 5 s',
    isDone: () => isMade(folder),
    run: (report) =>
      make(folder, (part) =>
        withScratch(`${folder}.packages`, async (root) => {
          await unpackDebian(setup, PACKAGES, root, { report });
          report('decoding');
          const text = (await promisify(gunzip)(await readFile(join(root, TRANSCRIPT)))).toString();
          const recorded = new Set(await readdir(join(root, RECORDINGS)));
          const said = Object.fromEntries(sentences(text).filter(([name]) => recorded.has(`${name}.g722`)));
          await decode(setup, root, Object.keys(said), part);
          await writeFile(join(part, 'transcript.json'), `${JSON.stringify(said, null, 2)}\n`);
        }),
      ),
  };
}

/**
 * The texts of the recordings that are whole sentences without digits, from lines as `name: What is said.`
 * @returns {[name: string, said: string][]}
 */
export function sentences(/** @type {string} */ transcript) {
  return transcript.split('\n').flatMap((line) => {
    const [, name = '', said = ''] = /^([\w-]+):\s+(.*\S)\s*$/.exec(line) ?? [];
    const whole = /^[A-Z][^\d[\]#*<>]*[.!?]$/.test(said) && !said.includes('...');
    return whole && said.split(/\s+/).length >= WORDS_OF_A_SENTENCE
      ? [/** @type {[string, string]} */ ([name, said.replace(/\s+/g, ' ')])]
      : [];
  });
}

async function decode(
  /** @type {import('./setup.mjs').Setup} */ { environment, signal },
  /** @type {string} */ root,
  /** @type {readonly string[]} */ names,
  /** @type {string} */ into,
) {
  const chosen = join(root, 'chosen');
  await mkdir(chosen);
  for (const name of names) await rename(join(root, RECORDINGS, `${name}.g722`), join(chosen, `${name}.g722`));
  const program = fileURLToPath(new URL('decode-g722.mjs', import.meta.url));
  const library = join(root, 'libraries/libspandsp.so.2');
  await run(usableNode(), [program, library, chosen, into], {
    signal,
    env: { ...environment, ...debianEnvironment(environment, root) },
  });
}
