import { describe, expect, it } from 'vitest';
import { cacheDir, debianEnvironment, engineParts, platform } from '../../../scripts/places.mjs';

describe('the cache folder', () => {
  it('is the one that BOOTH_CACHE_DIR names', () => {
    expect(cacheDir({ BOOTH_CACHE_DIR: '/there', XDG_CACHE_HOME: '/xdg', HOME: '/home/ana' })).toBe('/there');
  });

  it('is below the XDG cache folder, unless that is relative', () => {
    expect(cacheDir({ XDG_CACHE_HOME: '/xdg', HOME: '/home/ana' })).toBe('/xdg/booth');
    expect(cacheDir({ XDG_CACHE_HOME: 'xdg', HOME: '/home/ana' })).toBe('/home/ana/.cache/booth');
  });

  it('is below the home folder otherwise', () => {
    expect(cacheDir({ HOME: '/home/ana' })).toBe('/home/ana/.cache/booth');
  });
});

describe('the parts of the engine', () => {
  const parts = engineParts({ HOME: '/home/ana', PATH: '/usr/bin' });

  it('are all in the cache folder', () => {
    for (const file of [parts.voskLibrary, parts.voskModel, parts.apertium.mode, parts.espeak.command]) {
      expect(file).toMatch(/^\/home\/ana\/\.cache\/booth\//);
    }
  });

  it('have this kind of machine in their folder’s name', () => {
    expect(parts.apertium.root).toContain(platform);
  });

  it('find their own programs before the system’s, and use UTF-8 in every locale', () => {
    expect(debianEnvironment({ PATH: '/usr/bin' }, '/root')).toEqual({
      PATH: '/root/usr/bin:/usr/bin',
      LD_LIBRARY_PATH: '/root/libraries',
      LC_ALL: 'C.UTF-8',
    });
  });
});
