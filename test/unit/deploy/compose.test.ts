import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configuration } from '../../../config/schema.ts';
import { repository } from '../../../scripts/places.mjs';
import { limits } from '../../../server/limits.ts';
import {
  type ComposeService,
  composeText,
  exampleEnvironment,
  parseCompose,
  readCompose,
  servicesOf,
  variablesIn,
} from '../../support/compose.ts';

const filledIn: Record<string, string> = {
  ...exampleEnvironment(),
  DOMAIN: 'meet.example.org',
  PUBLIC_ADDRESS: '192.0.2.7',
  TURN_SECRET: 'a secret',
  GRAFANA_PASSWORD: 'a password',
};
const defaults = readFileSync(join(repository, 'config/default.yaml'), 'utf8');

/** The Compose Specification's own schema. */
const schema = JSON.parse(
  readFileSync(join(repository, 'test/fixtures/compose-spec/compose-spec.json'), 'utf8'),
) as Record<string, unknown>;
// Its name of the draft is not the one that the draft gives itself.
const validate = new Ajv({ strict: false }).compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });

/** The settings of Booth that a service is given. */
function configurationOf(service: ComposeService | undefined) {
  const environment = Object.entries(service?.environment ?? {});
  return configuration(defaults, Object.fromEntries(environment.map(([name, value]) => [name, String(value)])));
}

/** The numbers of the ports that a service publishes over UDP. */
function mediaPorts({ ports = [] }: ComposeService): number[] {
  const [range = ''] = ports.filter((port) => port.endsWith('/udp'));
  const [, first, last] = /^(\d+)-(\d+):\1-\2\/udp$/.exec(range) ?? [];
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
}

describe('compose.yaml', () => {
  it('is as the Compose Specification says', () => {
    validate(parseCompose(composeText()));
    expect(validate.errors ?? []).toEqual([]);
    validate(readCompose(filledIn));
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ services: { booth: { image: 'booth', read_only: true, portz: [] } } })).toBe(false);
  });

  it('uses the variables of .env.example, and no others', () => {
    expect(variablesIn(composeText()).toSorted()).toEqual(Object.keys(exampleEnvironment()).toSorted());
  });

  it.each(['COMPOSE_PROFILES', 'DOMAIN', 'PUBLIC_ADDRESS', 'TURN_SECRET', 'GRAFANA_PASSWORD'])(
    'says so where %s is not filled in',
    (name) => {
      expect(() => readCompose({ ...filledIn, [name]: '' })).toThrow(
        new RegExp(`^${name} is empty: set it in \\.env to `),
      );
    },
  );

  it('gives Booth settings that there are', () => {
    expect(configurationOf(readCompose(filledIn).services.booth)).toMatchObject({
      publicUrl: 'https://meet.example.org',
      rtc: {
        announcedAddress: '192.0.2.7',
        port: 44_400,
        workers: 1,
        iceServers: 'turn:meet.example.org:3478?transport=udp,turn:meet.example.org:3478?transport=tcp',
        turn: { secret: 'a secret' },
      },
    });
  });

  it('publishes a port for each media worker, and none of those behind Caddy to the world', () => {
    const { services } = readCompose({ ...filledIn, MEDIA_WORKERS: '4', LAST_MEDIA_PORT: '44403' });
    expect(services.booth?.ports).toEqual(['44400-44403:44400-44403/udp', '44400-44403:44400-44403/tcp']);
    expect(services.prometheus?.ports).toBeUndefined();
    expect(services.grafana?.ports).toEqual(['127.0.0.1:3001:3000']);
  });

  it('mounts files that there are', () => {
    const mounted = Object.values(readCompose(filledIn).services).flatMap(({ volumes = [] }) =>
      volumes.flatMap((volume) => /^(\.\/[^:]+):/.exec(volume)?.[1] ?? []),
    );
    expect(mounted.length).toBeGreaterThan(4);
    for (const path of mounted) expect(existsSync(join(repository, path)), path).toBe(true);
  });

  it('names a version of every image', () => {
    for (const { image = '' } of Object.values(readCompose(filledIn).services))
      expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+(\.\d+)?$/);
  });
});

describe('the profile that .env.example chooses', () => {
  it('is one Booth, with what stands beside it, and nothing that is shared', () => {
    expect(filledIn.COMPOSE_PROFILES).toBe('single');
    const single = servicesOf(readCompose(filledIn), 'single');
    expect(Object.keys(single).toSorted()).toEqual(['booth', 'caddy', 'coturn', 'grafana', 'prometheus']);
    expect(configurationOf(single.booth)).toMatchObject({ redis: { url: '' }, interpreter: { placement: 'here' } });
  });
});

describe('the profile cluster', () => {
  const cluster = servicesOf(
    readCompose({ ...filledIn, COMPOSE_PROFILES: 'cluster', BOOTH_SECRET: 'x'.repeat(32) }),
    'cluster',
  );
  const nodes = ['node-1', 'node-2'] as const;
  const workers = ['worker-1', 'worker-2'] as const;

  it('is two room nodes, two workers, Redis, Caddy, Prometheus and Grafana', () => {
    const names = [...nodes, ...workers, 'redis', 'redis-exporter', 'caddy-cluster', 'coturn', 'grafana', 'prometheus'];
    expect(Object.keys(cluster).toSorted()).toEqual(names.toSorted());
  });

  it('gives the nodes settings that there are: one secret, a name of its own for each, one folder for transcripts', () => {
    const [one, two] = nodes.map((name) => configurationOf(cluster[name]));
    for (const config of [one, two])
      expect(config).toMatchObject({
        publicUrl: 'https://meet.example.org',
        redis: { url: 'redis://redis:6379' },
        secret: 'x'.repeat(32),
        interpreter: { placement: 'workers' },
        transcript: { folder: '/data/transcripts' },
      });
    expect(one?.node.url).toBe('https://node-1.meet.example.org');
    expect(two?.node.url).toBe('https://node-2.meet.example.org');
    expect(one?.dataDir).not.toBe(two?.dataDir);
  });

  it('publishes every port that a node’s media may come by, and none twice', () => {
    const ports = nodes.map((name) => mediaPorts(cluster[name] ?? {}));
    expect(ports.map(([first]) => first)).toEqual(nodes.map((name) => configurationOf(cluster[name]).rtc.port));
    expect(ports.map(({ length }) => length)).toEqual([8, 8]);
    expect(new Set(ports.flat()).size).toBe(16);
  });

  it('gives the workers settings that there are, and an address at which the image’s health check asks', () => {
    for (const name of workers) {
      const config = configurationOf(cluster[name]);
      expect(config).toMatchObject({ redis: { url: 'redis://redis:6379' }, worker: { port: 3000 } });
      expect(config.worker.port).toBe(config.port);
      expect(seconds(cluster[name]?.stop_grace_period)).toBeGreaterThan(config.worker.drainSeconds);
    }
  });

  it('gives a node more time to stop than its rooms and its people are waited for', () => {
    const needed = limits.pauseForMoveMs + limits.comeBackMs + 3 * limits.closeMs;
    for (const name of nodes) expect(seconds(cluster[name]?.stop_grace_period) * 1000).toBeGreaterThan(needed);
  });

  it('lets nobody but nodes and workers reach Redis', () => {
    expect(cluster.redis?.ports).toBeUndefined();
    expect(cluster.redis?.networks).toEqual(['shared']);
    const reach = Object.keys(cluster).filter((name) => networksOf(cluster[name]).includes('shared'));
    expect(reach.toSorted()).toEqual([...nodes, ...workers, 'redis', 'redis-exporter'].toSorted());
    expect(cluster.redis?.command).toContain('noeviction');
  });

  it('has Caddy answer under the name of each node, for those inside, too', () => {
    const caddyfile = readFileSync(join(repository, 'deploy/caddy/cluster.Caddyfile'), 'utf8');
    const networks = cluster['caddy-cluster']?.networks ?? [];
    const aliases = Array.isArray(networks) ? [] : networks.web?.aliases;
    for (const name of nodes) {
      const { host } = new URL(configurationOf(cluster[name]).node.url);
      expect(aliases).toContain(host);
      const block = new RegExp(`^${name}\\.\\{\\$DOMAIN\\} \\{[^}]*reverse_proxy \\{\\$\\w+:(\\S+)\\}`, 'm').exec(
        caddyfile,
      );
      expect(block?.[1]).toBe(`${name}:3000`);
    }
  });

  it('is scraped whole', () => {
    const { scrape_configs: jobs } = parse(readFileSync(join(repository, 'deploy/prometheus/cluster.yml'), 'utf8')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const targets = jobs.flatMap(({ static_configs: groups }) => groups.flatMap((group) => group.targets));
    const hosts = targets.map((target) => target.split(':')[0] ?? '');
    expect(hosts.toSorted()).toEqual([...nodes, ...workers, 'redis-exporter', 'caddy-cluster'].toSorted());
    expect(hosts.filter((host) => !networksOf(cluster[host]).includes('metrics'))).toEqual([]);
  });
});

const seconds = (text = '0s'): number => Number(/^(\d+)s$/.exec(text)?.[1]);

const networksOf = (service: ComposeService | undefined): string[] =>
  Array.isArray(service?.networks) ? service.networks : Object.keys(service?.networks ?? {});
