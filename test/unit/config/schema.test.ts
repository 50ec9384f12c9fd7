import { readFileSync } from 'node:fs';
import { LanguageCode } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { modelNamed, models, offline, qwen3 } from '../../../config/models.ts';
import { Config, ConfigError, configuration, environmentName } from '../../../config/schema.ts';

const defaults = readFileSync(new URL('../../../config/default.yaml', import.meta.url), 'utf8');
const webhookSecret = `whsec_${Buffer.alloc(32, 'x').toString('base64')}`;
/** One webhook endpoint, as an environment variable has it. */
const webhook = (change: object = {}, more: Record<string, string> = {}) => ({
  BOOTH_WEBHOOKS_ENDPOINTS: JSON.stringify([{ url: 'https://app.example/booth', secret: webhookSecret, ...change }]),
  ...more,
});
const configured = (environment: Record<string, string | undefined> = {}) => configuration(defaults, environment);

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(configured()).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      secret: '',
      rtc: { port: 44_400, workers: 0 },
      interpretation: { onDemand: true },
      transcript: { retentionHours: 24 },
    });
    expect(Config.safeParse(configured()).success).toBe(true);
  });

  it.each<[Record<string, string>, object]>([
    [{ BOOTH_PORT: '8080' }, { port: 8080 }],
    [{ BOOTH_PORT: '0' }, { port: 0 }],
    [{ BOOTH_HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
    [{ BOOTH_PUBLIC_URL: 'https://meet.example.org' }, { publicUrl: 'https://meet.example.org' }],
    [{ BOOTH_PUBLIC_URL: 'https://a.example/b/c/' }, { publicUrl: 'https://a.example/b/c/' }],
    [{ BOOTH_TLS_CERTIFICATE: '/meet.crt' }, { tls: { certificate: '/meet.crt', key: '' } }],
    [{ BOOTH_SECRET: 'x'.repeat(32) }, { secret: 'x'.repeat(32) }],
    [{ BOOTH_SECRET: '' }, { secret: '' }],
    [{ BOOTH_DATA_DIR: '/data' }, { dataDir: '/data' }],
    [{ BOOTH_LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
    [{ BOOTH_RTC_ANNOUNCED_ADDRESS: '203.0.113.7' }, { rtc: { announcedAddress: '203.0.113.7' } }],
    [{ BOOTH_RTC_WORKERS: '2' }, { rtc: { workers: 2 } }],
    [{ BOOTH_RTC_TCP_PORT: '443' }, { rtc: { port: 44_400, tcpPort: 443 } }],
    [{ BOOTH_RTC_LISTEN: '0.0.0.0=203.0.113.7, ::1' }, { rtc: { listen: '0.0.0.0=203.0.113.7, ::1' } }],
    [{ BOOTH_RTC_ICE_SERVERS: 'stun:stun.example.org' }, { rtc: { iceServers: 'stun:stun.example.org' } }],
    [
      { BOOTH_RTC_ICE_SERVERS: 'turn:turn.example.org', BOOTH_RTC_TURN_SECRET: '12345' },
      { rtc: { turn: { secret: '12345', lifetimeMinutes: 240 } } },
    ],
    [{ BOOTH_INTERPRETATION_ON_DEMAND: 'false' }, { interpretation: { onDemand: false } }],
    [{ BOOTH_INTERPRETATION_ON_DEMAND: '0' }, { interpretation: { onDemand: false } }],
    [{ BOOTH_INTERPRETATION_ON_DEMAND: '1' }, { interpretation: { onDemand: true } }],
    [{ BOOTH_INTERPRETATION_TRACKS: 'perSpeaker' }, { interpretation: { tracks: 'perSpeaker' } }],
    [{ BOOTH_INTERPRETATION_MAX_LAG_MS: '12000' }, { interpretation: { maxLagMs: 12_000 } }],
    [{ BOOTH_INTERPRETATION_VOICES: '3' }, { interpretation: { voices: 3 } }],
    [{ BOOTH_TRANSCRIPT_RETENTION_HOURS: '0' }, { transcript: { retentionHours: 0 } }],
    [{ BOOTH_TRANSCRIPT_RETENTION_HOURS: '0.5' }, { transcript: { retentionHours: 0.5 } }],
    [{ BOOTH_LIVETRANSLATE_URL: 'wss://example.com/x' }, { livetranslate: { url: 'wss://example.com/x' } }],
    [{ BOOTH_LIVETRANSLATE_MODEL: 'another' }, { livetranslate: { model: 'another' } }],
    [{ BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: '10' }, { livetranslate: { connectionsPerMinute: 10 } }],
    [{ BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: '300' }, { livetranslate: { connectionsPerMinute: 300 } }],
    [{ BOOTH_LIVETRANSLATE_MAX_SESSIONS: '200' }, { livetranslate: { maxSessions: 200 } }],
    [{ BOOTH_LIVETRANSLATE_TOKENS_PER_MINUTE: '20000' }, { livetranslate: { tokensPerMinute: 20_000 } }],
    [{ BOOTH_BUDGET_DAILY_MONEY: '2.5' }, { budget: { dailyMoney: 2.5, dailyTokens: 'auto', onExceeded: 'captions' } }],
    [{ BOOTH_BUDGET_DAILY_TOKENS: '1000000' }, { budget: { dailyTokens: 1_000_000 } }],
    [{ BOOTH_INTERPRETATION_MAX_LANGUAGES: '3' }, { interpretation: { maxLanguages: 3 } }],
    [{ BOOTH_BUDGET_DAILY_TOKENS: 'auto' }, { budget: { dailyTokens: 'auto' } }],
    [{ BOOTH_BUDGET_ON_EXCEEDED: 'stop' }, { budget: { onExceeded: 'stop' } }],
    [{ BOOTH_INTERPRETER_THREADS: '4' }, { interpreter: { isolation: 'thread', threads: 4 } }],
    [{ BOOTH_INTERPRETER_THREADS: 'auto' }, { interpreter: { threads: 'auto' } }],
    [{ BOOTH_INTERPRETER_ISOLATION: 'process' }, { interpreter: { isolation: 'process' } }],
    [{ BOOTH_REDIS_URL: 'redis://:secret@10.0.0.5/1' }, { redis: { url: 'redis://:secret@10.0.0.5/1' } }],
    [{ BOOTH_REDIS_URL: 'rediss://booth:pw@[::1]:6380' }, { redis: { url: 'rediss://booth:pw@[::1]:6380' } }],
    [
      { BOOTH_INTERPRETER_PLACEMENT: 'workers', BOOTH_REDIS_URL: 'redis://10.0.0.5' },
      { interpreter: { placement: 'workers' } },
    ],
    [{ BOOTH_WORKER_CAPACITY: '40' }, { worker: { capacity: 40, maxCpu: 0.85, drainSeconds: 30, leaseMs: 4000 } }],
    [{ BOOTH_NODE_URL: 'https://node-1.example.org' }, { node: { url: 'https://node-1.example.org' } }],
    [{ BOOTH_WEBHOOKS_ENDPOINTS: '' }, { webhooks: { endpoints: [] } }],
    [
      webhook({ events: ['room.started'] }),
      { webhooks: { endpoints: [{ url: 'https://app.example/booth', events: ['room.started'] }] } },
    ],
    [
      { BOOTH_WEBHOOKS_ENDPOINTS: `- {url: https://app.example, secret: [${webhookSecret}, ${webhookSecret}]}` },
      { webhooks: { endpoints: [{ secret: [webhookSecret, webhookSecret] }] } },
    ],
    [
      webhook({ url: 'http://app:8080/' }, { BOOTH_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: 'true' }),
      { webhooks: { allowPrivateAddresses: true } },
    ],
    [{ BOOTH_ENGINE_PORT: '9000' }, { engine: { port: 9000 } }],
    [{ BOOTH_ENGINE_THREADS: '6' }, { engine: { threads: 6, maxSessions: 64 } }],
    [{ BOOTH_ENGINE_MAX_SESSIONS: '200' }, { engine: { threads: 'auto', maxSessions: 200 } }],
    [{ BOOTH_ENGINE_VOSK_MODEL: '/models/big' }, { engine: { voskModel: '/models/big' } }],
  ])('takes %o from the environment', (environment, expected) => {
    expect(configured(environment)).toMatchObject(expected);
  });

  it('leaves alone what is not its own, and what is not set', () => {
    const environment = {
      PATH: '/bin',
      DASHSCOPE_API_KEY: 'x',
      BOOTHS: '1',
      BOOTH_CACHE_DIR: '/c',
      BOOTH_GONE: undefined,
    };
    expect(configured(environment)).toEqual(configured());
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ BOOTH_PROT: '3000' }, /BOOTH_PROT: no such setting.*BOOTH_PORT/s],
    [{ BOOTH_PORT: 'http' }, /^BOOTH_PORT: /],
    [{ BOOTH_INTERPRETATION_TRACKS: 'stereo' }, /^BOOTH_INTERPRETATION_TRACKS: /],
    [{ BOOTH_INTERPRETATION_MAX_LAG_MS: '1000' }, /^BOOTH_INTERPRETATION_MAX_LAG_MS: /],
    [{ BOOTH_INTERPRETATION_VOICES: '0' }, /^BOOTH_INTERPRETATION_VOICES: /],
    [{ BOOTH_TRANSCRIPT_RETENTION_HOURS: '-1' }, /^BOOTH_TRANSCRIPT_RETENTION_HOURS: /],
    [{ BOOTH_PORT: '' }, /^BOOTH_PORT: /],
    [{ BOOTH_PORT: ' ' }, /^BOOTH_PORT: /],
    [{ BOOTH_PORT: '3000.5' }, /^BOOTH_PORT: /],
    [{ BOOTH_PORT: '65536' }, /^BOOTH_PORT: /],
    [{ BOOTH_PORT: '-1' }, /^BOOTH_PORT: /],
    [{ BOOTH_PORT: 'Infinity' }, /^BOOTH_PORT: /],
    [{ BOOTH_HOST: '' }, /^BOOTH_HOST: /],
    [{ BOOTH_PUBLIC_URL: 'meet.example.org' }, /^BOOTH_PUBLIC_URL: .*https:\/\/meet\.example\.org\/booth\//],
    [{ BOOTH_PUBLIC_URL: 'https://meet.example.org/?a' }, /^BOOTH_PUBLIC_URL: /],
    [{ BOOTH_PUBLIC_URL: 'https://meet.example.org/a b/' }, /^BOOTH_PUBLIC_URL: /],
    [{ BOOTH_PUBLIC_URL: 'https://meet.example.org//b' }, /^BOOTH_PUBLIC_URL: /],
    [{ BOOTH_PUBLIC_URL: 'https://a:b@meet.example.org/' }, /^BOOTH_PUBLIC_URL: /],
    [{ BOOTH_SECRET: 'short' }, /^BOOTH_SECRET: .*32 characters/],
    [{ BOOTH_LOG_LEVEL: 'loud' }, /^BOOTH_LOG_LEVEL: /],
    [{ BOOTH_INTERPRETATION_ON_DEMAND: 'maybe' }, /^BOOTH_INTERPRETATION_ON_DEMAND: /],
    [{ BOOTH_INTERPRETATION_SESSION_IDLE_TIMEOUT_MS: '9999999' }, /^BOOTH_INTERPRETATION_SESSION_IDLE_TIMEOUT_MS: /],
    [{ BOOTH_LIVETRANSLATE_URL: 'https://example.com' }, /^BOOTH_LIVETRANSLATE_URL: .*wss:/],
    [{ BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: '1001' }, /^BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: /],
    [{ BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: '0' }, /^BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: /],
    [{ BOOTH_LIVETRANSLATE_MAX_SESSIONS: '0' }, /^BOOTH_LIVETRANSLATE_MAX_SESSIONS: /],
    [{ BOOTH_LIVETRANSLATE_MAX_SESSIONS: 'all' }, /^BOOTH_LIVETRANSLATE_MAX_SESSIONS: /],
    [{ BOOTH_LIVETRANSLATE_TOKENS_PER_MINUTE: '9999' }, /^BOOTH_LIVETRANSLATE_TOKENS_PER_MINUTE: /],
    [{ BOOTH_BUDGET_DAILY_MONEY: '-1' }, /^BOOTH_BUDGET_DAILY_MONEY: /],
    [{ BOOTH_BUDGET_DAILY_TOKENS: '0.5' }, /^BOOTH_BUDGET_DAILY_TOKENS: /],
    [{ BOOTH_BUDGET_ON_EXCEEDED: 'panic' }, /^BOOTH_BUDGET_ON_EXCEEDED: /],
    [{ BOOTH_REDIS_URL: 'http://:secret@10.0.0.5' }, /^BOOTH_REDIS_URL: needs a redis:(?!.*secret)/],
    [{ BOOTH_REDIS_URL: 'redis://:secret@10.0.0.5/zero' }, /^BOOTH_REDIS_URL: needs a redis:(?!.*secret)/],
    [{ BOOTH_INTERPRETER_PLACEMENT: 'workers' }, /^BOOTH_INTERPRETER_PLACEMENT: .*set BOOTH_REDIS_URL too/],
    [{ BOOTH_WORKER_CAPACITY: '0' }, /^BOOTH_WORKER_CAPACITY: /],
    [{ BOOTH_WORKER_CAPACITY: 'many' }, /^BOOTH_WORKER_CAPACITY: needs "auto", or a number/],
    [{ BOOTH_WORKER_LEASE_MS: '10' }, /^BOOTH_WORKER_LEASE_MS: /],
    [{ BOOTH_NODE_URL: 'node-1.example.org' }, /^BOOTH_NODE_URL: needs an address/],
    [{ BOOTH_ENGINE_THREADS: 'many' }, /^BOOTH_ENGINE_THREADS: needs "auto", or a number/],
    [{ BOOTH_ENGINE_MAX_SESSIONS: '0' }, /^BOOTH_ENGINE_MAX_SESSIONS: /],
    [{ BOOTH_INTERPRETER_THREADS: '0' }, /^BOOTH_INTERPRETER_THREADS: /],
    [{ BOOTH_INTERPRETER_THREADS: 'many' }, /^BOOTH_INTERPRETER_THREADS: /],
    [{ BOOTH_INTERPRETER_ISOLATION: 'room' }, /^BOOTH_INTERPRETER_ISOLATION: /],
    [{ BOOTH_WEBHOOKS_ENDPOINTS: 'https://app.example' }, /^BOOTH_WEBHOOKS_ENDPOINTS: needs a list: [^\n]*$/],
    [{ BOOTH_WEBHOOKS_ENDPOINTS: '["https://app.example"]' }, /^BOOTH_WEBHOOKS_ENDPOINTS\[0\]: needs \{url[^\n]*$/],
    [webhook({ url: 'http://app.example' }), /^BOOTH_WEBHOOKS_ENDPOINTS\[0\]\.url: needs https:[^\n]*$/],
    [webhook({ url: 'app.example' }), /^BOOTH_WEBHOOKS_ENDPOINTS\[0\]\.url: needs an https:[^\n]*$/],
    [webhook({ url: 'https://me@app.example' }), /without a user name and a password$/],
    [webhook({ secret: 'whsec_c2hvcnQ=' }), /^BOOTH_WEBHOOKS_ENDPOINTS\[0\]\.secret: needs whsec_[^\n]*openssl[^\n]*$/],
    [webhook({ secret: undefined }), /^BOOTH_WEBHOOKS_ENDPOINTS\[0\]\.secret: needs whsec_[^\n]*$/],
    [webhook({ events: ['room.opened'] }), /events\[0\]: no such event\. There are: room\.started[^\n]*$/],
    [webhook({ event: [] }), /^BOOTH_WEBHOOKS_ENDPOINTS\[0\]: [^\n]*event[^\n]*$/],
    [
      {
        BOOTH_WEBHOOKS_ENDPOINTS: JSON.stringify(
          [1, 2].map(() => ({ url: 'https://a.example', secret: webhookSecret })),
        ),
      },
      /^BOOTH_WEBHOOKS_ENDPOINTS\[1\]\.url: is there twice$/,
    ],
    [{ BOOTH_RTC: 'x' }, /^BOOTH_RTC: no such setting/],
  ])('refuses %o by its name, and says why', (environment, message) => {
    expect(() => configured(environment)).toThrow(ConfigError);
    expect(() => configured(environment)).toThrow(message);
  });

  it('never repeats a secret in an error', () => {
    expect(() => configured({ BOOTH_SECRET: 'too-short-but-mine' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('too-short-but-mine') }),
    );
  });

  it('never repeats the secret of a webhook in an error', () => {
    const mine = 'whsec_too-short-but-mine';
    for (const secret of [mine, [mine], [mine, mine, mine], { mine }])
      expect(() => configured(webhook({ secret, url: 'nowhere' }))).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('mine') }),
      );
  });

  it('tells of everything that is wrong at once', () => {
    const wrong = { BOOTH_PORT: 'x', BOOTH_LOG_LEVEL: 'y', BOOTH_NOTHING: 'z' };
    expect(() => configured(wrong)).toThrow(/BOOTH_NOTHING.*\nBOOTH_PORT.*\nBOOTH_LOG_LEVEL/);
  });

  it('refuses defaults with a key too many or too few', () => {
    expect(() => configuration(`${defaults}\nsurprise: 1\n`, {})).toThrow(ConfigError);
    expect(() => configuration(defaults.replace(/^host: .*$/m, ''), {})).toThrow(/BOOTH_HOST|host/);
  });

  it('explains every key in its defaults, under a name that can be set', () => {
    const names = [...defaults.matchAll(/^( *)(\w+):/gm)].length;
    expect(names).toBeGreaterThan(15);
    expect(environmentName(['rtc', 'announcedAddress'])).toBe('BOOTH_RTC_ANNOUNCED_ADDRESS');
    expect(environmentName(['dataDir'])).toBe('BOOTH_DATA_DIR');
  });
});

describe('the models', () => {
  it('are found by name, and one that is unknown is taken for one of the vendor', () => {
    expect(modelNamed(offline.id)).toBe(offline);
    expect(modelNamed('qwen-next')).toMatchObject({ id: 'qwen-next', kind: 'cloud', sources: qwen3.sources });
  });

  it.each(models.map((model) => [model.id, model] as const))('%s names languages that exist, each once', (_, model) => {
    const targets = model.targets.map(({ code }) => code);
    for (const code of [...model.sources, ...targets]) expect(LanguageCode.safeParse(code).success).toBe(true);
    expect(new Set(model.sources).size).toBe(model.sources.length);
    expect(new Set(targets).size).toBe(targets.length);
    for (const { from } of model.targets) expect(model.sources).toEqual(expect.arrayContaining([...from]));
  });
});

describe('settings of media', () => {
  const turn = { BOOTH_RTC_ICE_SERVERS: 'turn:turn.example.org' };
  it.each<[string, Record<string, string>, RegExp]>([
    ['an address that is none', { BOOTH_RTC_LISTEN: 'media.example.org' }, /^BOOTH_RTC_LISTEN: needs IP addresses/],
    ['a server that is none', { BOOTH_RTC_ICE_SERVERS: 'turn.example.org' }, /^BOOTH_RTC_ICE_SERVERS: needs .*turn:/],
    ['a TURN server that nobody may use', turn, /^BOOTH_RTC_TURN_SECRET: .*static-auth-secret/],
    ['a name without a password', { ...turn, BOOTH_RTC_TURN_USERNAME: 'booth' }, /^BOOTH_RTC_TURN_SECRET: /],
    [
      'two ways in',
      { ...turn, BOOTH_RTC_TURN_SECRET: 'a', BOOTH_RTC_TURN_USERNAME: 'b', BOOTH_RTC_TURN_CREDENTIAL: 'c' },
      /^BOOTH_RTC_TURN_SECRET: set either/,
    ],
    [
      'an announced address beside a list of addresses',
      { BOOTH_RTC_LISTEN: '192.0.2.7', BOOTH_RTC_ANNOUNCED_ADDRESS: '203.0.113.7' },
      /^BOOTH_RTC_ANNOUNCED_ADDRESS: .*BOOTH_RTC_LISTEN=/,
    ],
  ])('refuse %s, and say what to set', (_, environment, message) => {
    expect(() => configured(environment)).toThrow(message);
  });
});
