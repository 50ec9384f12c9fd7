#!/usr/bin/env node
/**
 * `npm run setup [-- worker engine …]`: fetches and builds what Booth needs (or the parts that are named), so that what
 * comes after needs no network.
 */
import { cacheDir } from './places.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { everything, wantsEngine } from './setup/setup.mjs';

const named = process.argv.slice(2);
const isPart = (/** @type {string} */ name) => everything.some((part) => part === name);
const unknown = named.filter((name) => !isPart(name));
if (unknown.length > 0) {
  process.stderr.write(
    `booth: there is nothing named ${unknown.join(', ')} to set up; there are: ${everything.join(', ')}\n`,
  );
  process.exit(2);
}

await prepareOrExit(everything.filter((part) => (named.length > 0 ? named.includes(part) : isWanted(part))));
process.stderr.write(`booth: all is there (what was fetched and built is in ${cacheDir(process.env)})\n`);

function isWanted(/** @type {string} */ part) {
  return part !== 'engine' || wantsEngine(process.env);
}
