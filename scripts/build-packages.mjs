#!/usr/bin/env node
/** `npm run build:packages`: builds and packs the packages for npm into `dist/packages`, and fails where publint or attw find something. */
import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { buildPackages } from './packages/build.mjs';
import { checkPackage } from './packages/check.mjs';
import { repository } from './places.mjs';

const built = await buildPackages(join(repository, 'dist/packages'));
for (const { name, tarball } of built) {
  const kilobytes = Math.round((await stat(tarball)).size / 1000);
  process.stdout.write(`${name}: ${relative(repository, tarball)} (${kilobytes} kB)\n`);
}
const findings = (await Promise.all(built.map(checkPackage))).flat();
for (const finding of findings) process.stderr.write(`${finding}\n`);
process.exitCode = findings.length > 0 ? 1 : 0;
