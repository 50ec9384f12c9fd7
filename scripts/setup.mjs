#!/usr/bin/env node
/**
 * `npm run setup [-- worker engine …]`: fetches and builds what Booth needs, or the named parts, so that later no network is needed.
 * With `--if-possible` the engine is left out where no such computer can run it, instead of failing.
 */
import { engineObstacle } from '../engine/setup/engine.mjs';
import { cacheDir } from './places.mjs';
import { ffmpegOffer } from './setup/ffmpeg.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { allParts, namedParts, wantsEngine } from './setup/setup.mjs';

const IF_POSSIBLE = '--if-possible';
const args = process.argv.slice(2);
const named = args.filter((arg) => arg !== IF_POSSIBLE);
const parts = [...allParts, ...namedParts];
const isPart = (/** @type {string} */ name) => parts.some((part) => part === name);
const unknown = named.filter((name) => !isPart(name));
if (unknown.length > 0) {
  process.stderr.write(
    `booth: there is nothing named ${unknown.join(', ')} to set up; there are: ${parts.join(', ')}\n`,
  );
  process.exit(2);
}

const obstacle = args.includes(IF_POSSIBLE) ? engineObstacle() : undefined;
if (obstacle !== undefined) process.stderr.write(`booth: ${obstacle} It is left out.\n`);
const chosen = named.length > 0 ? parts.filter((part) => named.includes(part)) : allParts.filter(isWanted);
await prepareOrExit(chosen.filter((part) => part !== 'engine' || obstacle === undefined));
const offer = named.length > 0 ? undefined : ffmpegOffer(process.env);
if (offer !== undefined) process.stderr.write(`booth: ${offer}\n`);
process.stderr.write(`booth: all is there (what was fetched and built is in ${cacheDir(process.env)})\n`);

function isWanted(/** @type {string} */ part) {
  return part !== 'engine' || wantsEngine(process.env);
}
