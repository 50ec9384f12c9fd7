/**
 * The secret that signs tokens: the configured one, else one that the first command creates in the data folder, with mode 0600. However
 * many commands run for the first time at once, all get the same secret.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from './errors.ts';
import { fileProblem, isFileError } from './files.ts';
import type { Settings } from './settings.ts';

const SECRET_BYTES = 48;
const MIN_CHARACTERS = 32;
/** How long the process that created the file may take to write into it. */
const FILLED_WITHIN_MS = 2000;
const POLL_EVERY_MS = 50;

/** @throws {CommandError} when the data folder cannot be used */
export async function obtainSecret({ config, dataDir }: Pick<Settings, 'config' | 'dataDir'>): Promise<string> {
  if (config.secret) return config.secret;
  const path = join(dataDir, 'secret');
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return (await createSecret(path)) ?? (await readSecret(path));
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new CommandError(
      `the secret cannot be stored: ${fileProblem(path, error)}. Set BOOTH_DATA_DIR or BOOTH_SECRET.`,
    );
  }
}

/** Undefined where there is a file already. */
async function createSecret(path: string): Promise<string | undefined> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  try {
    await writeFile(path, `${secret}\n`, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    if (isFileError(error) && error.code === 'EEXIST') return undefined;
    throw error;
  }
}

async function readSecret(path: string): Promise<string> {
  for (let waitedMs = 0; waitedMs <= FILLED_WITHIN_MS; waitedMs += POLL_EVERY_MS) {
    const text = await readFile(path, 'utf8');
    // The file is complete once it ends with a line break.
    if (text.endsWith('\n') && text.trim().length >= MIN_CHARACTERS) return text.trim();
    await delay(POLL_EVERY_MS);
  }
  throw new CommandError(
    `${path} holds no secret of ${MIN_CHARACTERS} characters and a line's end: delete it, and a new one is made`,
  );
}
