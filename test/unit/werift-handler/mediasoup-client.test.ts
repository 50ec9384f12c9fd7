/** What a developer is told who has a mediasoup-client that the handler does not fit. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MediasoupClientVersionError, weriftHandlerFactory } from '@mediasoup-booth/werift-handler';
import { describe, expect, it } from 'vitest';
import { repository } from '../../../scripts/places.mjs';
import { temporaryFolder } from '../../support/booth-process.ts';

/** A project whose mediasoup-client has this version, as it stands in a `node_modules` of its own. */
function projectWith(version: string): string {
  const folder = temporaryFolder();
  for (const part of ['werift-handler', 'process', 'rtp', 'time', 'package.json'])
    cpSync(join(repository, part), join(folder, part), { recursive: true });
  const client = join(folder, 'node_modules/mediasoup-client');
  mkdirSync(client, { recursive: true });
  writeFileSync(join(client, 'index.js'), `exports.version = '${version}';`);
  symlinkSync(join(repository, 'node_modules/werift'), join(folder, 'node_modules/werift'));
  return folder;
}

function importedIn(folder: string): string {
  const program =
    "import('./werift-handler/index.ts').then(() => console.log('fits'), (error) => console.log(String(error)))";
  return execFileSync(process.execPath, ['--eval', program], { cwd: folder, encoding: 'utf8' });
}

describe('the werift handler beside a mediasoup-client that it does not fit', () => {
  it.each(['3.7.17', '3.20.0', '4.0.0'])('says at its import what to install, where that is %s', (version) => {
    expect(importedIn(projectWith(version))).toMatch(
      new RegExp(`needs mediasoup-client 3.22 or later \\(before 4\\), and this is ${version}.*npm install`),
    );
  });

  it.each([
    ['before 3.15, which calls the factory', (factory: unknown) => (factory as () => unknown)()],
    [
      'before 3.21, which asks it for SCTP capabilities',
      (factory: unknown) => (factory as { getNativeSctpCapabilities(): unknown }).getNativeSctpCapabilities(),
    ],
  ])('tells a Device %s', (_, use) => {
    expect(() => use(weriftHandlerFactory())).toThrow(MediasoupClientVersionError);
    expect(() => use(weriftHandlerFactory())).toThrow(/npm install mediasoup-client@3/);
  });

  it('keeps its name, which a Device shows as that of its handler', () => {
    expect(weriftHandlerFactory().name).toBe('Werift');
  });
});
