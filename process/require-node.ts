/** Says at once, in one line, where Node is older than what the packages need. Imported first by what others import. */

const LEAST_MAJOR = 22;

/**
 * @throws where `version` is older than Node 22
 * @example
 * requireNode('20.19.0'); // Error: Booth's packages need Node 22 or newer, and this is 20.19.0.
 */
export function requireNode(version: string): void {
  if (Number.parseInt(version, 10) >= LEAST_MAJOR) return;
  throw new Error(`Booth's packages need Node ${LEAST_MAJOR} or newer, and this is ${version}.`);
}

requireNode(process.versions.node);
