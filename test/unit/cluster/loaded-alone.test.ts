/** A machine that is alone loads nothing of what many machines need, so that it starts no slower. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../../../scripts/places.mjs';

/** Imports that are done when a file is loaded: neither those of types alone, nor `import(…)`. */
const loadedImport = /^(?:import|export) (?!type )(?:[^'"]*? from )?'([^']+)'/gm;

/** Every file and package that is loaded with a file. */
function loadedWith(entry: string): Set<string> {
  const loaded = new Set<string>();
  const visit = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    if (!existsSync(join(repository, file))) return;
    for (const [, name = ''] of readFileSync(join(repository, file), 'utf8').matchAll(loadedImport)) {
      if (name.startsWith('.')) visit(normalize(join(dirname(file), name)));
      else loaded.add(name);
    }
  };
  visit(entry);
  return loaded;
}

const ofMany = (loaded: Set<string>): string[] =>
  [...loaded].filter((name) => name.startsWith('cluster/') || ['bullmq', 'ioredis'].includes(name));

describe('what is loaded', () => {
  it.each(['cli/commands/start.ts', 'cli/commands/demo.ts', 'cli/booth.ts'])(
    'with %s knows nothing of Redis',
    (entry) => {
      const loaded = loadedWith(entry);
      expect(loaded.size).toBeGreaterThan(1);
      expect(ofMany(loaded)).toEqual([]);
    },
  );

  it('with a worker does', () => {
    expect(ofMany(loadedWith('cli/commands/worker.ts'))).toContain('cluster/redis-connection.ts');
    expect(ofMany(loadedWith('cluster/redis-connection.ts'))).toEqual(['cluster/redis-connection.ts']);
  });
});
