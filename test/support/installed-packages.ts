/** A folder of somebody's, outside of the repository, with packages that npm installs there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { npm } from '../../engine/setup/npm.mjs';

/** Also on a slow network. */
export const INSTALL_MS = 600_000;

/** @param packages tarballs, or names with versions */
export function installPackages(folder: string, packages: readonly string[]): Promise<string> {
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  return npm(['install', ...options, ...packages], { cwd: folder, timeoutMs: INSTALL_MS });
}

/** Makes the folder of an application of ES modules that has these packages. */
export async function makeApplication(folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder);
  writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true, type: 'module' }));
  await installPackages(folder, packages);
}
