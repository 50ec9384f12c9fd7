/** Commands that reserve connections without a server between them. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openConnectionBudget } from '../../../cli/connection-budget.ts';
import { modelNamed } from '../../../config/models.ts';

describe('connections that are reserved by commands', () => {
  const model = modelNamed('qwen3.8-livetranslate-flash-realtime');
  const warnings: unknown[] = [];
  const log = { warn: (...given: unknown[]) => warnings.push(given) } as never;
  let dataDir = '';
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'booth-test-'));
    warnings.length = 0;
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const budget = (connectionsPerMinute = 10) => {
    const config = { livetranslate: { connectionsPerMinute, tokensPerMinute: 1_000_000 } };
    return openConnectionBudget(model, { config, dataDir } as never, log);
  };
  const stored = async (): Promise<number[]> => JSON.parse(await readFile(join(dataDir, 'connections.json'), 'utf8'));

  it('are each in the file where one command reserves several at once', async () => {
    const reserve = budget();
    const waits = await Promise.all([reserve(), reserve(), reserve()]);
    expect(waits.map((ms) => Math.round(ms / 1000))).toEqual([0, 1, 2]);
    expect(await stored()).toHaveLength(3);
    expect(await readdir(dataDir)).toEqual(['connections.json']);
    expect(warnings).toEqual([]);
  });

  it('count together where commands take turns', async () => {
    const [one, other] = [budget(3), budget(3)];
    for (const reserve of [one, other, one]) await reserve();
    expect(await stored()).toHaveLength(3);
    expect(await other(), 'the fourth of three in a minute').toBeGreaterThan(50_000);
  });

  it('harm no file where commands reserve at the same moment', async () => {
    await Promise.all(Array.from({ length: 5 }, () => budget()()));
    expect((await stored()).length).toBeGreaterThan(0);
    expect(await readdir(dataDir)).toEqual(['connections.json']);
    expect(warnings).toEqual([]);
  });
});
