#!/usr/bin/env node
/** `npm run setup [-- worker engine …]`: fetches and builds what Booth needs, or the named parts, so that later no network is needed. */
import { cacheDir } from './places.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { allParts, wantsEngine } from './setup/setup.mjs';

const named = process.argv.slice(2);
const isPart = (/** @type {string} */ name) => allParts.some((part) => part === name);
const unknown = named.filter((name) => !isPart(name));
if (unknown.length > 0) {
  process.stderr.write(
    `booth: there is nothing named ${unknown.join(', ')} to set up; there are: ${allParts.join(', ')}\n`,
  );
  process.exit(2);
}

await prepareOrExit(allParts.filter((part) => (named.length > 0 ? named.includes(part) : isWanted(part))));
process.stderr.write(`booth: all is there (what was fetched and built is in ${cacheDir(process.env)})\n`);

function isWanted(/** @type {string} */ part) {
  return part !== 'engine' || wantsEngine(process.env);
}
