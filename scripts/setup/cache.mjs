/** Folders of the cache: made whole or not at all. A folder that exists is complete, whenever a power cut came. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';

export const isMade = (/** @type {string} */ folder) => existsSync(folder);

/**
 * Fills a folder beside its final place and moves it there in one go. Whoever calls holds the lock (`lock.mjs`), so a
 * folder half made by someone who died may be swept away.
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

/** A scratch folder for the time of some work. */
export async function withScratch(/** @type {string} */ folder, /** @type {(folder: string) => Promise<void>} */ work) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
