/**
 * The secrets that sign tokens: the configured ones, else those of the data folder, of which the first command creates one, with mode
 * 0600. However many commands run for the first time at once, all get the same secret.
 *
 * When a secret is rotated, the earlier one stays in a file beside it for 31 days: as long as what it has signed may be valid.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_VALIDITY_SECONDS } from '@mediasoup-booth/protocol';
import type { Secrets } from '../server/auth/jwt.ts';
import { CommandError } from './errors.ts';
import { fileProblem, isFileError } from './files.ts';
import type { Settings } from './settings.ts';

const SECRET_BYTES = 48;
const MIN_CHARACTERS = 32;
/** How long the process that created the file may take to write into it. */
const FILLED_WITHIN_MS = 2000;
const POLL_EVERY_MS = 50;

type SecretSettings = Pick<Settings, 'config' | 'dataDir'>;

const pathsIn = (dataDir: string) => ({
  current: join(dataDir, 'secret'),
  previous: join(dataDir, 'secret.previous'),
});

/**
 * The secret that signs, and the earlier one that is still accepted, if there is one.
 *
 * @throws {CommandError} when the data folder cannot be used
 */
export async function obtainSecrets({ config, dataDir }: SecretSettings): Promise<Secrets> {
  if (config.secret) return config.previousSecret ? [config.secret, config.previousSecret] : [config.secret];
  const { current, previous } = pathsIn(dataDir);
  return withFiles(current, async () => {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const secret = (await createSecret(current)) ?? (await readSecret(current));
    const earlier = await readPrevious(previous);
    return earlier === undefined ? [secret] : [secret, earlier];
  });
}

/**
 * Makes a new secret in the data folder, which a server uses from its next start on.
 *
 * @param keepEarlier whether what the present one has signed stays valid until it expires
 * @throws {CommandError} where the secret is configured, or the data folder cannot be used
 */
export async function replaceSecret(
  settings: SecretSettings,
  { keepEarlier }: { keepEarlier: boolean },
): Promise<void> {
  if (settings.config.secret)
    throw new CommandError(
      'the secret is set by BOOTH_SECRET: set another there; with the present one as BOOTH_PREVIOUS_SECRET, what it has signed stays valid',
    );
  const [present] = await obtainSecrets(settings);
  const { current, previous } = pathsIn(settings.dataDir);
  await withFiles(current, async () => {
    if (keepEarlier) await replaceFile(previous, present);
    else await rm(previous, { force: true });
    await replaceFile(current, newSecret());
  });
}

async function withFiles<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new CommandError(
      `the secret cannot be stored: ${fileProblem(path, error)}. Set BOOTH_DATA_DIR or BOOTH_SECRET.`,
    );
  }
}

const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** Undefined where there is a file already. */
async function createSecret(path: string): Promise<string | undefined> {
  const secret = newSecret();
  try {
    await writeFile(path, `${secret}\n`, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    if (isFileError(error) && error.code === 'EEXIST') return undefined;
    throw error;
  }
}

async function replaceFile(path: string, secret: string): Promise<void> {
  await writeFile(`${path}.new`, `${secret}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
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

/** Undefined where there is none, or nothing that it has signed can still be valid. */
async function readPrevious(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs > LONGEST_VALIDITY_SECONDS * 1000 ? undefined : await readSecret(path);
  } catch (error) {
    if (isFileError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
