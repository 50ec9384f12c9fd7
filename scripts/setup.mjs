#!/usr/bin/env node
/** `npm run setup`: fetches and builds all that Booth needs, so that what comes after needs no network. */
import { cacheDir } from './places.mjs';
import { prepareOrExit } from './setup/main.mjs';
import { everything, wantsEngine } from './setup/setup.mjs';

await prepareOrExit(everything.filter((part) => part !== 'engine' || wantsEngine(process.env)));
process.stderr.write(`booth: all is there (what was fetched and built is in ${cacheDir(process.env)})\n`);
