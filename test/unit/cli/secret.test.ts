import { mkdtemp, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { obtainSecrets, replaceSecret } from '../../../cli/secret.ts';
import { readSettings } from '../../../cli/settings.ts';

describe('the secret of the data folder', () => {
  let folder: string;
  const settings = (more: Record<string, string> = {}) => readSettings({ BOOTH_DATA_DIR: folder, ...more });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'booth-secret-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once', async () => {
    const first = await obtainSecrets(settings());
    expect(await obtainSecrets(settings())).toEqual(first);
    expect(first).toHaveLength(1);
  });

  it('is accepted beside the next one when it is rotated, for 31 days', async () => {
    const [first] = await obtainSecrets(settings());
    await replaceSecret(settings(), { keepEarlier: true });
    const [second, previous] = await obtainSecrets(settings());
    expect(second).not.toBe(first);
    expect(previous).toBe(first);
    for (const name of ['secret', 'secret.previous']) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    const longAgo = Date.now() / 1000 - 32 * 86_400;
    await utimes(join(folder, 'secret.previous'), longAgo, longAgo);
    expect(await obtainSecrets(settings())).toEqual([second]);
  });

  it('is void at once when it is replaced, and so is the one before', async () => {
    await obtainSecrets(settings());
    await replaceSecret(settings(), { keepEarlier: true });
    await replaceSecret(settings(), { keepEarlier: false });
    const secrets = await obtainSecrets(settings());
    expect(secrets).toEqual([(await readFile(join(folder, 'secret'), 'utf8')).trim()]);
  });

  it('is left alone where the environment has one, which may have an earlier one', async () => {
    const [one, other] = ['x'.repeat(40), 'y'.repeat(40)];
    const configured = settings({ BOOTH_SECRET: one, BOOTH_PREVIOUS_SECRET: other });
    expect(await obtainSecrets(configured)).toEqual([one, other]);
    await expect(replaceSecret(configured, { keepEarlier: true })).rejects.toThrow(
      /BOOTH_SECRET.*BOOTH_PREVIOUS_SECRET/,
    );
  });
});
