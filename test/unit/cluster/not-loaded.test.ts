/** A server by itself starts as if there were no Redis: nothing of it is imported until it is configured. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from '../../../scripts/places.mjs';

const imports = /^(?:import|export) (?!type)[^;]*?from '([^']+)'/gm;

/** Every file and package that a file loads when it is loaded itself. */
function loadedBy(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  for (const [, to = ''] of readFileSync(join(repository, file), 'utf8').matchAll(imports)) {
    if (/^\.{1,2}\/.*\.ts$/.test(to)) loadedBy(normalize(join(dirname(file), to)), loaded);
    else loaded.add(to);
  }
  return loaded;
}

it('starts without anything of Redis where it is not configured', () => {
  const loaded = [...loadedBy('cli/commands/start.ts')];
  expect(loaded).toEqual(expect.arrayContaining(['server/server.ts', 'cli/cluster.ts', 'server/room/room.ts']));
  expect(loaded.filter((name) => /^cluster\/|ioredis|bullmq/.test(name))).toEqual([]);
  expect([...loadedBy('cluster/shared-server.ts')], 'what the test would notice').toContain(
    'cluster/redis-connection.ts',
  );
});
