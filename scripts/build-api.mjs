#!/usr/bin/env node
/**
 * `npm run build:api`: makes the API reference of the packages of their types, into `docs/api`. TypeDoc needs an older TypeScript than the
 * repository has, so both are installed into the cache folder at the first run. A warning fails it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from '../engine/setup/npm.mjs';
import { cacheDir } from '../engine/setup/places.mjs';
import { repository } from './places.mjs';
import { runInPlace } from './setup/child.mjs';
import { usableNode } from './setup/node.mjs';

const tools = { typedoc: '0.28.20', typescript: '6.0.3' };
const entryPoints = [
  'bot/index.ts',
  'bot/remote.ts',
  'bot/livetranslate.ts',
  'client-widget/public/meeting.d.ts',
  'engine/index.ts',
  'engine/simulator.ts',
  'protocol/index.ts',
  'werift-handler/index.ts',
];

const folder = join(cacheDir(process.env), `typedoc-${tools.typedoc}-typescript-${tools.typescript}`);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: tools }));
await npm(['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });

const options = ['--readme', 'none', '--name', 'Booth', '--disableGit', '--sourceLinkTemplate', '{path}#L{line}'];
process.exitCode = await runInPlace(
  usableNode(),
  [
    join(folder, 'node_modules/typedoc/bin/typedoc'),
    ...['--tsconfig', 'tsconfig.json', '--skipErrorChecking', '--treatWarningsAsErrors', '--out', 'docs/api'],
    ...options,
    ...entryPoints.flatMap((entry) => ['--entryPoints', entry]),
  ],
  { cwd: repository, env: process.env },
);
