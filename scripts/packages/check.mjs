/** Looks at packed packages as publint and Are The Types Wrong do. Both are development dependencies. */
import { readFile } from 'node:fs/promises';

/** ESM alone is published: a CommonJS file reaches it by `import()`, and a resolution without `exports` does not know it. */
const NOT_SERVED = new Set(['node10', 'node16-cjs']);

/**
 * @param {import('./build.mjs').BuiltPackage} built
 * @returns {Promise<string[]>} what they find, a line each
 */
export async function checkPackage({ name, tarball }) {
  const bytes = new Uint8Array(await readFile(tarball));
  return [...(await publintFindings(bytes)), ...(await typeFindings(bytes))].map((found) => `${name}: ${found}`);
}

async function publintFindings(/** @type {Uint8Array<ArrayBuffer>} */ bytes) {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: bytes.buffer } });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

async function typeFindings(/** @type {Uint8Array} */ bytes) {
  const attw = await import('@arethetypeswrong/core');
  const result = await attw.checkPackage(attw.createPackageFromTarballData(bytes));
  if (!result.types) return ['attw: it has no types'];
  return result.problems
    .filter((problem) => !('resolutionKind' in problem && NOT_SERVED.has(problem.resolutionKind)))
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}
