import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configuration } from '../../../config/schema.ts';
import { repository } from '../../../scripts/places.mjs';
import { composeText, exampleEnvironment, readCompose, variablesIn } from '../../support/compose.ts';

const filledIn = {
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

describe('compose.yaml', () => {
  it('is as the Compose Specification says', () => {
    validate(parse(composeText()));
    expect(validate.errors ?? []).toEqual([]);
    validate(readCompose(filledIn));
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ services: { booth: { image: 'booth', read_only: true, portz: [] } } })).toBe(false);
  });

  it('uses the variables of .env.example, and no others', () => {
    expect(variablesIn(composeText()).toSorted()).toEqual(Object.keys(exampleEnvironment()).toSorted());
  });

  it.each(['DOMAIN', 'PUBLIC_ADDRESS', 'TURN_SECRET', 'GRAFANA_PASSWORD'])(
    'says so where %s is not filled in',
    (name) => {
      expect(() => readCompose({ ...filledIn, [name]: '' })).toThrow(
        new RegExp(`^${name} is empty: set it in \\.env to `),
      );
    },
  );

  it('gives Booth settings that there are', () => {
    const environment = readCompose(filledIn).services.booth?.environment ?? {};
    const texts = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
    expect(configuration(defaults, texts)).toMatchObject({
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
