/** Compares what a package uses with what its package.json names. */

/** Declarations that name Node's own modules need no package that this one could bring. */
const BUILT_IN = new Set(['node']);

/**
 * @param {import('./workspaces.mjs').Manifest} manifest
 * @param {{ used: ReadonlySet<string>, typed: ReadonlySet<string> }} found the packages that its code and its declarations name
 * @returns {string[]} what is wrong, a line each
 */
export function missingDependencies(manifest, { used, typed }) {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const named = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  const all = new Set([...used, ...typed].filter((name) => !BUILT_IN.has(name)));
  const unnamed = [...all].filter((name) => !named.has(name));
  const unused = [...named].filter((name) => !all.has(name) && !peerDependenciesMeta[name]?.optional);
  const unpinned = Object.entries(dependencies).filter(([, version]) => !/^\d/.test(version));
  const pointless = Object.keys(peerDependenciesMeta).filter((name) => !(name in peerDependencies));
  return [
    ...unnamed.map((name) => `${name} is used, and not named`),
    ...unused.map((name) => `${name} is named, and not used`),
    ...unpinned.map(([name, version]) => `${name} is wanted as ${version}, which is no version`),
    ...pointless.map((name) => `${name} is in peerDependenciesMeta alone`),
  ];
}
