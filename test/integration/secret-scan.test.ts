/** No file of the tree contains a secret, and what would be one is found. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../engine/setup/run.mjs';
import { repository } from '../../scripts/places.mjs';

/** What secrets look like, by those who issue them. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  'private key': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
  'AWS access key': /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  'GitHub token': /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b/,
  'npm token': /\bnpm_[A-Za-z0-9]{36}\b/,
  'Slack token': /\bxox[abeoprs]-[A-Za-z0-9-]{20,}/,
  'Google API key': /\bAIza[0-9A-Za-z_-]{35}(?![\w-])/,
  // Alibaba's, OpenAI's and others'.
  'API key': /\bsk-(?:[a-z]+-)?[A-Za-z0-9]{24,}\b/,
  'JSON Web Token': /\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{32,}/,
  'password in an address': /\b[a-z][a-z+]{2,}:\/\/[^\s/:@'"`$<>{}]+:[^\s/@'"`$<>{}]{3,}@/,
};

const secretsIn = (text: string): string[] =>
  Object.entries(SECRETS).flatMap(([kind, pattern]) => (pattern.test(text) ? [kind] : []));

it('no file of the tree contains a secret', async () => {
  const files = (await run('git', ['ls-files', '-z'], { cwd: repository })).split('\0').filter(Boolean);
  expect(files.length).toBeGreaterThan(500);
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(repository, file), 'latin1').catch(() => '');
      return secretsIn(text).map((kind) => `${file}: ${kind}`);
    }),
  );
  expect(found.flat()).toEqual([]);
});

// In pieces, so that this file is not found itself.
it.each([
  ['private key', ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ')],
  ['AWS access key', `AKIA${'A1B2'.repeat(4)}`],
  ['GitHub token', `ghp_${'a1B2'.repeat(9)}`],
  ['npm token', `npm_${'a1B2'.repeat(9)}`],
  ['Slack token', `xoxb-${'1234'.repeat(6)}`],
  ['Google API key', `AIza${'a1_B-'.repeat(7)}`],
  ['API key', `sk-${'0a1b2c3d'.repeat(4)}`],
  ['JSON Web Token', `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(43)}`],
  ['password in an address', ['redis://ann', 'secret@host:6379'].join(':')],
])('a %s would be found', (kind, text) => {
  expect(secretsIn(`x = '${text}'`)).toEqual([kind]);
});
