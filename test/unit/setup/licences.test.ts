import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from '../../../scripts/places.mjs';

/** Licences under which Booth's dependencies may be passed on together with Booth, which is under Apache-2.0. */
const ACCEPTED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MPL-2.0',
  // A font.
  'OFL-1.1',
  'Unlicense',
  // libvips, which sharp links dynamically and which can be replaced.
  'LGPL-3.0-or-later',
  // mpg123, in a package of its own that can be replaced.
  'LGPL-2.1-only',
]);

/** Packages whose package.json says it in a form that lock files do not have (`licenses`). */
const READ_BY_HAND: Readonly<Record<string, string>> = { 'node_modules/xmlhttprequest-ssl': 'MIT' };

/** What is compiled into packages under licences that their own does not name. */
const COMPILED_IN: Readonly<Record<string, string>> = { 'node_modules/mpg123-decoder': 'LGPL-2.1-only' };

interface Lock {
  packages: Record<string, { version?: string; license?: string; link?: boolean }>;
}

/** Whether an SPDX expression of names, AND and OR can be met with accepted licences alone. */
const isAccepted = (expression: string) =>
  expression
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((name) => ACCEPTED.has(name.replaceAll(/[()]/g, ''))));

it('every dependency names a licence that allows to pass it on with Booth', () => {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as Lock;
  // A link leads to a folder of the repository, which has an entry of its own.
  const dependencies = Object.entries(packages).filter(([path, { link }]) => path !== '' && !link);
  expect(dependencies.length).toBeGreaterThan(100);
  const licences = dependencies.map(([path, { license: named = READ_BY_HAND[path] ?? 'none' }]) => ({
    path,
    license: path in COMPILED_IN ? `(${named}) AND ${COMPILED_IN[path]}` : named,
  }));
  expect(licences.filter(({ license }) => !isAccepted(license))).toEqual([]);
});

it.each([
  ['MIT OR GPL-3.0-only', true],
  ['(MIT AND ISC)', true],
  ['MIT AND GPL-3.0-only', false],
  ['SSPL-1.0', false],
])('a dependency under %s is accepted: %s', (expression, accepted) => {
  expect(isAccepted(expression)).toBe(accepted);
});
