/**
 * A Vosk model as this engine decodes it: a search wide enough for spontaneous speech, and an end of a segment that comes
 * soon after people stop. The model's own files are left as they are: what differs stands in a folder of links, which is
 * gone once the model is loaded.
 */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Measured on studio prompts and audiobooks: wider costs more than it gains. */
const SEARCH = { beam: '13.0', 'max-active': '7000', 'lattice-beam': '6.0' };

/**
 * Seconds of silence after which a segment ends: soonest where a sentence may well end, and after 8 s of speech at any
 * breath. After 15 s it ends anyhow.
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

/** Calls `load` with a folder that exists until it settles. */
export async function withOurDecoding<T>(model: string, load: (directory: string) => Promise<T>): Promise<T> {
  const configuration = await readFile(join(model, 'conf/model.conf'), 'utf8').catch(() => undefined);
  // Older models are laid out in another way, and have their settings inside.
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

/** A Kaldi configuration with these options, whatever it said of them before. */
export function configured(configuration: string, options: Readonly<Record<string, string>>): string {
  const kept = configuration.split('\n').filter((line) => line.trim() && !(optionIn(line) in options));
  return [...kept, ...Object.entries(options).map(([name, value]) => `--${name}=${value}`), ''].join('\n');
}

const optionIn = (line: string): string => /^\s*--([^=\s]+)/.exec(line)?.[1] ?? '';
