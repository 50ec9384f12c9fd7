import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rememberedConnections } from '../../../cli/connection-store.ts';
import { rememberedRevocations } from '../../../cli/revocation-store.ts';
import { until } from '../../support/until.ts';

describe('what is remembered of connections', () => {
  let folder: string;
  const warnings: string[] = [];
  const log = { warn: (_: object, message: string) => warnings.push(message) } as never;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'booth-memory-'));
    warnings.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is on the disk when keeping it has settled', async () => {
    const { save: keep } = rememberedRevocations(folder, log);
    const revoked = [{ room: 'demo', id: 'a', untilMs: 1 }];
    await Promise.all([keep([]), keep(revoked)]);
    expect(rememberedRevocations(folder, log).earlier).toEqual(revoked);
    expect(warnings).toEqual([]);
  });

  it('is on the disk soon, however much more there is to keep all the time', async () => {
    const { save: keep } = rememberedRevocations(folder, log);
    let isKept = false;
    void keep([]).then(() => {
      isKept = true;
    });
    let last = keep([]);
    let turns = 0;
    for (; !isKept && turns < 20_000; turns++) {
      last = keep([]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await last;
    expect(turns).toBeLessThan(20_000);
  });

  it('is nothing at first, and then what was kept last', async () => {
    const dataDir = join(folder, 'new');
    const memory = rememberedConnections(dataDir, log);
    expect(memory.stored).toEqual([]);
    for (let n = 0; n < 100; n++) memory.save([n, 1000]);
    const file = join(dataDir, 'connections.json');
    let text = '';
    await until(() => {
      void readFile(file, 'utf8').then(
        (found) => {
          text = found;
        },
        () => {},
      );
      return text === '[99,1000]';
    });
    expect(rememberedConnections(dataDir, log).stored).toEqual([99, 1000]);
    expect(await readdir(dataDir)).toEqual(['connections.json']);
    expect(warnings).toEqual([]);
  });

  it.each(['', '{}', '["1"]', '[1,'])('is nothing where the file holds %j, and that is logged', async (text) => {
    await writeFile(join(folder, 'connections.json'), text);
    expect(rememberedConnections(folder, log).stored).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('could not be read')]);
  });

  it('keeps what could not be read, for whoever repairs it', async () => {
    const cut = '[{"room":"demo","id":"a","untilMs":1},{"room":"de';
    await writeFile(join(folder, 'revoked.json'), cut);
    await rememberedRevocations(folder, log).save([]);
    expect(await readFile(join(folder, 'revoked.json'), 'utf8')).toBe('[]');
    expect(await readFile(join(folder, 'revoked.json.unreadable'), 'utf8')).toBe(cut);
  });

  it('does not stop the work where it cannot be kept', async () => {
    await writeFile(join(folder, 'file'), '');
    const memory = rememberedConnections(join(folder, 'file'), log);
    warnings.length = 0;
    memory.save([1]);
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([expect.stringContaining('could not be written')]);
  });
});
