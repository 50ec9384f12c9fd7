/**
 * Loads a Vosk model with this engine's decoding options: a search wide enough for spontaneous speech, and segments that end soon after
 * people stop speaking. The model's own files are not changed: it is loaded from a temporary folder of links with another
 * `model.conf`, which is deleted afterwards.
 */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Measured on studio prompts and audiobooks: a wider search costs more than it gains. */
const SEARCH = { beam: '13.0', 'max-active': '7000', 'lattice-beam': '6.0' };

/**
 * Kaldi's endpoint rules, in seconds. A segment ends after 0.4 s of silence if a sentence probably ends there, otherwise later; after 8 s
 * of speech at any pause of 0.15 s, and after 15 s in any case.
 */
const ENDPOINT = {
  'endpoint.rule1.must-contain-nonsilence': 'true',
  'endpoint.rule1.min-trailing-silence': '0.15',
  'endpoint.rule1.min-utterance-length': '8.0',
  'endpoint.rule2.min-trailing-silence': '0.4',
  'endpoint.rule3.min-trailing-silence': '0.6',
  'endpoint.rule4.min-trailing-silence': '0.8',
  'endpoint.rule5.min-utterance-length': '15.0',
};

/** Calls `load` with a folder that exists until the promise it returns is settled. */
export async function withDecodingOptions<T>(model: string, load: (directory: string) => Promise<T>): Promise<T> {
  const configuration = await readFile(join(model, 'conf/model.conf'), 'utf8').catch(() => undefined);
  // Older models have another layout, with their settings inside.
  if (configuration === undefined) return load(model);
  const directory = await mkdtemp(join(tmpdir(), 'booth-vosk-'));
  try {
    await link(resolve(model), directory);
    await writeFile(join(directory, 'conf/model.conf'), configured(configuration, { ...SEARCH, ...ENDPOINT }));
    return await load(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function link(model: string, directory: string): Promise<void> {
  for (const name of await readdir(model)) {
    if (name !== 'conf') await symlink(join(model, name), join(directory, name));
  }
  await mkdir(join(directory, 'conf'));
  for (const name of await readdir(join(model, 'conf'))) {
    await copyFile(join(model, 'conf', name), join(directory, 'conf', name));
  }
}

/** A Kaldi configuration with these options instead of its own values for them. */
export function configured(configuration: string, options: Readonly<Record<string, string>>): string {
  const kept = configuration.split('\n').filter((line) => line.trim() && !(optionIn(line) in options));
  return [...kept, ...Object.entries(options).map(([name, value]) => `--${name}=${value}`), ''].join('\n');
}

const optionIn = (line: string): string => /^\s*--([^=\s]+)/.exec(line)?.[1] ?? '';
