/** Set-up runs no prebuilt media worker but the one whose hash its operator names. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../engine/setup/run.mjs';
import { archiveName, downloadPrebuilt } from '../../scripts/setup/prebuilt-worker.mjs';
import { temporaryFolder } from '../support/booth-process.ts';

describe('the prebuilt media worker', () => {
  /** Serves an archive with a program as mediasoup's releases do. */
  async function release(): Promise<{ base: string; sha256: string }> {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'mediasoup-worker'), '#!/bin/sh\nexit 41\n');
    await run('tar', ['-czf', join(folder, 'worker.tgz'), '-C', folder, 'mediasoup-worker']);
    const archive = await readFile(join(folder, 'worker.tgz'));
    const server = createServer(({ url }, response) => {
      if (url === `/1.2.3/${archiveName('1.2.3')}`) response.end(archive);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { base, sha256: createHash('sha256').update(archive).digest('hex') };
  }

  async function download(base: string, version: string, sha256: string): Promise<string> {
    const into = temporaryFolder();
    const environment = { MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: base };
    const setup = { environment, signal: new AbortController().signal };
    await downloadPrebuilt(setup, { version, sha256, into });
    return readFile(join(into, 'mediasoup-worker'), 'utf8');
  }

  it('is unpacked where its hash is the expected one, in capitals too', async () => {
    const { base, sha256 } = await release();
    await expect(download(base, '1.2.3', sha256)).resolves.toContain('exit 41');
    await expect(download(base, '1.2.3', sha256.toUpperCase())).resolves.toContain('exit 41');
  });

  it('is refused where its hash is another, with both hashes', async () => {
    const { base, sha256 } = await release();
    const expected = '0'.repeat(64);
    const refusal = download(base, '1.2.3', expected);
    await expect(refusal).rejects.toThrow(`its SHA-256 is ${sha256}, not ${expected}`);
  });

  it('that is not there is told by its address', async () => {
    const { base, sha256 } = await release();
    await expect(download(base, '1.2.4', sha256)).rejects.toThrow(/could not be downloaded from .*1\.2\.4.*404/);
  });
});
