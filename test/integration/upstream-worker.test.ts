/** On systems without Debian's packages the media worker is built by mediasoup's own build, which says what it needs. */
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository, workerBinary } from '../../scripts/places.mjs';
import { buildUpstreamWorker } from '../../scripts/setup/upstream-worker.mjs';
import { temporaryFolder } from '../support/booth-process.ts';

const { signal } = new AbortController();
const source = join(repository, 'node_modules/mediasoup/worker');

it('is built in a copy, and what is installed stays as it is; where Python cannot do it, the remedy is said', async () => {
  const before = { binary: existsSync(workerBinary), files: (await readdir(source)).toSorted() };
  const scratch = temporaryFolder();
  const environment = { ...process.env, PYTHON: '/bin/false' };
  const said: string[] = [];
  const building = buildUpstreamWorker({ environment, signal }, scratch, (how) => said.push(how));
  await expect(building).rejects.toThrow(
    /could not be built by mediasoup's own build.\n[\s\S]*\/bin\/false[\s\S]*\nIt needs Python 3 with pip, make, a C\+\+ compiler/,
  );
  expect(said).toEqual(["by mediasoup's own build"]);
  expect({ binary: existsSync(workerBinary), files: (await readdir(source)).toSorted() }).toEqual(before);
});

it('is taken from where the build leaves it', async () => {
  // A Python that "builds", as the real one does, with the arguments that mediasoup's script gives it.
  const bin = temporaryFolder();
  const python = join(bin, 'python');
  await writeFile(
    python,
    '#!/bin/sh\ncase "$*" in *"-m invoke -r worker mediasoup-worker")\n  mkdir -p worker/out/Release && echo built > worker/out/Release/mediasoup-worker;; esac\n',
  );
  await chmod(python, 0o755);
  const environment = { ...process.env, PYTHON: python };
  const binary = await buildUpstreamWorker({ environment, signal }, temporaryFolder(), () => {});
  expect(await readFile(binary, 'utf8')).toBe('built\n');
});
