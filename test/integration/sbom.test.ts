import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../engine/setup/run.mjs';
import { ffmpegRoot, repository, workerManifest } from '../../scripts/places.mjs';

interface Bom {
  bomFormat: string;
  components: { name: string; version: string; purl: string; hashes?: unknown[]; components?: object[] }[];
}

it('`npm run sbom` lists the packages of npm, and what set-up has made beside them', async () => {
  const bom = JSON.parse(await run(process.execPath, [join(repository, 'scripts/sbom.mjs')])) as Bom;
  expect(bom.bomFormat).toBe('CycloneDX');
  const found = (name: string) => bom.components.find((component) => component.name === name);
  expect(found('mediasoup')?.purl).toMatch(/^pkg:npm\/mediasoup@\d/);
  expect(found('vosk')?.hashes).toHaveLength(1);
  // A worker that set-up has not made, but somebody put there, is of unknown parts.
  if (existsSync(workerManifest)) expect(found('mediasoup-worker')?.version).toBe(found('mediasoup')?.version);
  // Where the system has one, set-up fetches none.
  if (existsSync(ffmpegRoot(process.env))) expect(found('ffmpeg')?.purl).toMatch(/^pkg:deb\/debian\/ffmpeg@/);
  expect(found('mpg123-decoder')?.components).toEqual([
    { type: 'library', name: 'mpg123', licenses: [{ license: { id: 'LGPL-2.1-only' } }] },
  ]);
  expect(found('vitest')).toBeUndefined();
});
