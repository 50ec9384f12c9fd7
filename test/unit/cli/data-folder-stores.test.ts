import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openConnectionStore, openRevocationStore, openRulesStore } from '../../../cli/data-folder-stores.ts';
import { until } from '../../support/until.ts';

describe('a store in the data folder', () => {
  let folder: string;
  const warnings: string[] = [];
  const log = { warn: (_: object, message: string) => warnings.push(message) } as never;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'booth-stores-'));
    warnings.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is on the disk when saving has resolved', async () => {
    const { save } = openRevocationStore(folder, log);
    const revoked = [{ room: 'demo', id: 'a', untilMs: 1 }];
    await Promise.all([save([]), save(revoked)]);
    expect(openRevocationStore(folder, log).earlier).toEqual(revoked);
    expect(warnings).toEqual([]);
  });

  it('resolves a save soon, however many others follow it', async () => {
    const { save } = openRevocationStore(folder, log);
    let isSaved = false;
    void save([]).then(() => {
      isSaved = true;
    });
    let last = save([]);
    let turns = 0;
    for (; !isSaved && turns < 20_000; turns++) {
      last = save([]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await last;
    expect(turns).toBeLessThan(20_000);
  });

  it('is empty at first, and then holds what was saved last', async () => {
    const dataDir = join(folder, 'new');
    const store = openConnectionStore(dataDir, log);
    expect(store.stored).toEqual([]);
    for (let n = 0; n < 100; n++) store.save([n, 1000]);
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
    expect(openConnectionStore(dataDir, log).stored).toEqual([99, 1000]);
    expect(await readdir(dataDir)).toEqual(['connections.json']);
    expect(warnings).toEqual([]);
  });

  it.each(['', '{}', '["1"]', '[1,'])('is empty where the file holds %j, and that is logged', async (text) => {
    await writeFile(join(folder, 'connections.json'), text);
    expect(openConnectionStore(folder, log).stored).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('could not be read')]);
  });

  it('keeps a file that could not be read under another name', async () => {
    const cut = '[1,2,';
    const file = join(folder, 'connections.json');
    await writeFile(file, cut);
    openConnectionStore(folder, log).save([]);
    await until(() => existsSync(file));
    expect(await readFile(`${file}.unreadable`, 'utf8')).toBe(cut);
  });

  it.each([
    ['revoked.json', openRevocationStore, 'people could come in again whose invites were revoked'],
    ['rooms.json', openRulesStore, 'rooms would be open whose hosts let people in one by one'],
  ])('does not start without %s where that cannot be read, and leaves it as it is', async (name, open, consequence) => {
    const file = join(folder, name);
    for (const text of ['[{"room":"demo","id":"a","unt', '[{"room":1}]', '']) {
      await writeFile(file, text);
      const message = new RegExp(
        `^${file} cannot be read .*${consequence}.*repair the file.*booth secret --replace`,
        's',
      );
      expect(() => open(folder, log)).toThrowError(
        expect.objectContaining({ message: expect.stringMatching(message) }),
      );
      expect(await readFile(file, 'utf8')).toBe(text);
    }
    await rm(file);
    await mkdir(file);
    expect(() => open(folder, log)).toThrow(/is a directory/);
  });

  it('tells whoever saves whether it is on the disk', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const store = openRevocationStore(join(folder, 'later'), log);
    expect(await store.save([])).toBe(true);
    await rm(join(folder, 'later'), { recursive: true });
    await writeFile(join(folder, 'later'), '');
    expect(await store.save([])).toBe(false);
  });

  it('logs that its file cannot be written, and throws nothing', async () => {
    await writeFile(join(folder, 'file'), '');
    const store = openConnectionStore(join(folder, 'file'), log);
    warnings.length = 0;
    store.save([1]);
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([expect.stringContaining('could not be written')]);
  });
});
