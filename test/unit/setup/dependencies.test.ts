import { describe, expect, it } from 'vitest';
import { isSame, neededPackages } from '../../../scripts/setup/dependencies.mjs';

const host = { os: 'linux', cpu: 'x64', libc: 'glibc' };
const lock = {
  packages: {
    '': { version: '1.0.0' },
    'node_modules/ws': { version: '8.0.0', integrity: 'sha512-a' },
    'node_modules/vitest': { version: '5.0.0', dev: true },
    'node_modules/native-linux': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    'node_modules/native-musl': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    'node_modules/native-mac': { version: '1.0.0', optional: true, os: 'darwin' },
    'node_modules/not-windows': { version: '1.0.0', os: ['!win32'] },
    'node_modules/not-linux': { version: '1.0.0', optional: true, os: ['!linux'] },
    'node_modules/wasm-stand-in': { version: '1.0.0', optional: true },
  },
};

const names = (withDev: boolean) => neededPackages(lock, { withDev, host }).map(([path]) => path);

describe('the packages that must be there', () => {
  it('are the packages for this kind of machine', () => {
    expect(names(false)).toEqual(['node_modules/ws', 'node_modules/native-linux', 'node_modules/not-windows']);
  });

  it('include the development dependencies where tests are run', () => {
    expect(names(true)).toContain('node_modules/vitest');
  });
});

describe('the installed packages', () => {
  const needed = neededPackages(lock, { withDev: false, host });

  it('match the lock file, whatever else is installed', () => {
    expect(isSame(needed, { packages: { ...lock.packages, 'node_modules/extra': { version: '1.0.0' } } })).toBe(true);
  });

  it('do not match where a package is missing', () => {
    const { 'node_modules/ws': _, ...rest } = lock.packages;
    expect(isSame(needed, { packages: rest })).toBe(false);
  });

  it.each([
    { version: '8.0.1', integrity: 'sha512-a' },
    { version: '8.0.0', integrity: 'sha512-b' },
  ])('do not match where a package differs: %o', (ws) => {
    expect(isSame(needed, { packages: { ...lock.packages, 'node_modules/ws': ws } })).toBe(false);
  });
});
