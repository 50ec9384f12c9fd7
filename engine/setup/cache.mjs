/** Folders of the cache. Each is made completely or not at all: one that exists is complete, even after a power cut. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';

export const isMade = (/** @type {string} */ folder) => existsSync(folder);

/**
 * Fills a folder under another name and renames it when it is complete. The caller holds the lock (`lock.mjs`), so an incomplete folder
 * is the rest of a process that was killed, and is removed.
 * @param {string} folder
 * @param {(part: string) => Promise<void>} fill
 */
export async function make(folder, fill) {
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  try {
    await fill(part);
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Makes a temporary folder, and removes it when `work` has ended. */
export async function withScratch(/** @type {string} */ folder, /** @type {(folder: string) => Promise<void>} */ work) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
