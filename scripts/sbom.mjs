#!/usr/bin/env node
/**
 * `npm run sbom > sbom.json`: what this installation consists of, as CycloneDX 1.5. npm lists its packages; added is what npm does not
 * know: the media worker with the libraries that are a part of it, and the offline engine's parts, as far as they are set up.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_LIST, packageOf, versionOf } from '../engine/setup/debian.mjs';
import { engineSources } from '../engine/setup/engine.mjs';
import { npm } from '../engine/setup/npm.mjs';
import {
  chromiumRoot,
  engineRoot,
  ffmpegRoot,
  proxyRoot,
  repository,
  voskDir,
  voskModelDir,
  workerManifest,
} from './places.mjs';
import { readManifest } from './setup/worker.mjs';

/** @typedef {{ type: string, name: string, version: string, purl: string, hashes?: { alg: string, content: string }[] }} Component */
/** @typedef {{ type: string, name: string, licenses: { license: { id: string } }[] }} CompiledIn A part of a package, whose version nothing in it tells. */

/** What is compiled into packages of npm under licences that theirs do not name. @type {Readonly<Record<string, readonly CompiledIn[]>>} */
const compiledIn = {
  'mpg123-decoder': [{ type: 'library', name: 'mpg123', licenses: [{ license: { id: 'LGPL-2.1-only' } }] }],
};

const bom = JSON.parse(
  await npm(['sbom', '--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx'], { cwd: repository }),
);
for (const component of bom.components) {
  const parts = compiledIn[component.name];
  if (parts) component.components = parts;
}
bom.components.push(...(await workerComponents()), ...engineComponents(), ...(await debianComponents()));
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`);

/** @returns {Promise<Component[]>} */
async function workerComponents() {
  const manifest = await readManifest(workerManifest);
  if (!manifest) return [];
  const { mediasoup, prebuilt, libraries = {} } = manifest;
  /** @type {Component} */
  const worker = {
    type: 'application',
    name: 'mediasoup-worker',
    version: mediasoup,
    purl: `pkg:github/versatica/mediasoup@${mediasoup}`,
    ...(prebuilt ? { hashes: [{ alg: 'SHA-256', content: prebuilt }] } : {}),
  };
  return [worker, ...Object.entries(libraries).map(([name, version]) => debianComponent(name, version))];
}

/** The speech recogniser's library and model, which come in packages of npm. @returns {Component[]} */
function engineComponents() {
  const folders = { library: voskDir(process.env), model: voskModelDir(process.env) };
  return /** @type {const} */ (['library', 'model'])
    .filter((part) => existsSync(folders[part]))
    .map((part) => {
      const { name: spec, integrity } = engineSources[part];
      const [name = '', version = ''] = spec.split('@');
      const content = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
      const hashes = [{ alg: 'SHA-512', content }];
      return { type: 'library', name, version, purl: `pkg:npm/${name}@${version}`, hashes };
    });
}

/** What was unpacked from Debian's packages: translator and voice, FFmpeg for recordings, and where the tests are set up their browser and proxies. */
async function debianComponents() {
  const roots = [engineRoot, ffmpegRoot, chromiumRoot, proxyRoot].map((root) => root(process.env));
  const lists = await Promise.all(roots.map((root) => readFile(join(root, PACKAGE_LIST), 'utf8').catch(() => '')));
  const files = new Set(lists.flatMap((list) => list.split('\n').filter(Boolean)));
  return [...files].sort().map((file) => debianComponent(packageOf(file), versionOf(file)));
}

/** @returns {Component} */
function debianComponent(/** @type {string} */ name, /** @type {string} */ version) {
  return { type: 'library', name, version, purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}` };
}
