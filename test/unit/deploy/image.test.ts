/** The image lacks what only builds, and its settings are ones that there are. Whether it runs is tried where images can be built. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listenAddresses } from '../../../config/rtc-addresses.ts';
import { configuration } from '../../../config/schema.ts';
import { repository } from '../../../scripts/places.mjs';
import { limits } from '../../../server/limits.ts';

const text = (path: string): string => readFileSync(join(repository, path), 'utf8');
const dockerfile = text('Dockerfile').replaceAll(/\\\n(\s*#.*\n)*/g, ' ');

/** Code that runs only where the page or the packages are built, or not in the image at all. */
const BUILDS = ['client-widget', 'scripts/packages', 'test', 'examples', 'docs', 'deploy', 'node_modules', '.git'];

function* sources(folder = repository): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !BUILDS.includes(relative(repository, path)) && entry.name !== 'node_modules')
      yield* sources(path);
    else if (entry.isFile() && /\.(ts|mts|mjs)$/.test(entry.name) && entry.name !== 'vitest.config.ts') yield path;
  }
}

/** The packages whose names a file imports, types aside. */
const importsOf = (source: string): string[] =>
  [
    ...source.matchAll(
      /^(?:import|export)\s+(?!type\b)[^'";]*?from\s+'([^'.][^']*)'|\bimport\(\s*'([^'.][^']*)'\s*\)|^import\s+'([^'.][^']*)'/gm,
    ),
  ]
    .map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '')
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );

describe('the image', () => {
  const removed = /npm uninstall ((?:-\S+ +)+)([^&]+)&&/.exec(dockerfile)?.[2]?.trim().split(/\s+/) ?? [];

  it('removes packages of package.json that nothing imports which runs in it', () => {
    const { dependencies, optionalDependencies } = JSON.parse(text('package.json')) as Record<string, object>;
    expect(removed.length).toBeGreaterThan(3);
    for (const name of removed) expect({ ...dependencies, ...optionalDependencies }).toHaveProperty([name]);

    const files = [...sources()];
    expect(files.length).toBeGreaterThan(300);
    const imported = files.flatMap((file) => importsOf(readFileSync(file, 'utf8')));
    expect(imported).toContain('mediasoup');
    expect(imported.filter((name) => removed.includes(name))).toEqual([]);
  });

  it('has settings that there are', () => {
    const variables = [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs = '']) =>
      [...pairs.matchAll(/(BOOTH_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const),
    );
    expect(variables.length).toBeGreaterThan(4);
    const config = configuration(text('config/default.yaml'), Object.fromEntries(variables));
    expect(config).toMatchObject({ dataDir: '/data', host: '0.0.0.0', rtc: { workers: 1 } });
  });

  it('runs as a user who is not root, and is asked whether it is well', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK .* CMD \["node", "scripts\/health\.mjs"\]$/m);
    expect(last.indexOf('USER node')).toBeLessThan(last.indexOf('ENTRYPOINT'));
  });
});

describe('the systemd unit', () => {
  const unit = text('deploy/systemd/booth.service');
  const values = (name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

  it('has settings that there are, and writes to its data folder alone', () => {
    const variables = values('Environment').flatMap((line) =>
      [...line.matchAll(/(BOOTH_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const),
    );
    const config = configuration(text('config/default.yaml'), Object.fromEntries(variables));
    expect(config.dataDir).toBe(`/var/lib/${values('StateDirectory')[0]}`);
    expect(values('ProtectSystem')).toEqual(['strict']);
    expect(values('ReadWritePaths')).toEqual([]);
  });

  it('starts a program that there is, as a user that sysusers makes', () => {
    const [program = '', command] = (values('ExecStart')[0] ?? '').split(' ');
    expect(command).toBe('start');
    expect(text(program.replace('/opt/booth/', ''))).toMatch(/^#!\/bin\/sh\n/);
    expect(text('deploy/systemd/booth.sysusers')).toMatch(new RegExp(`^u ${values('User')[0]} `, 'm'));
  });

  it('has settings in deploy.md that open what its firewall table opens, and nothing else', () => {
    const guide = text('docs/deploy.md');
    const [, lines = ''] = /`\/etc\/booth\/booth\.env`:\n\n```sh\n([^`]+)```/.exec(guide) ?? [];
    const variables = Object.fromEntries(
      lines
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const config = configuration(text('config/default.yaml'), { ...variables, BOOTH_RTC_TURN_SECRET: 'x' });
    expect(config.host).toBe('127.0.0.1');
    expect(listenAddresses(config.rtc.listen)).toEqual([{ ip: '0.0.0.0', announcedAddress: '192.0.2.7' }]);
    expect(config.rtc).toMatchObject({ port: 44_400, workers: 1 });
    expect(guide).toContain('ufw allow 44400 ');
  });

  it('gives a server more time to stop than it takes', () => {
    expect(Number(values('TimeoutStopSec')[0]) * 1000).toBeGreaterThan(3 * limits.closeMs + 2000);
  });
});
