/**
 * Booth's configuration: the schema of `default.yaml`, and how environment variables override it. Pure: the text and the environment
 * are passed in.
 */
import { WebhookEventType } from '@mediasoup-booth/protocol';
import { parse } from 'yaml';
import { z } from 'zod';
import { iceServerUrls, isTurnUrl, listenAddresses, MAX_ICE_SERVER_URLS, portRange } from './rtc-addresses.ts';

const count = z.number().int().min(0);
const threadCount = z.number().int().min(1).max(256);
/** `auto`: one for each core. */
const autoOrThreads = z.union(
  [z.literal('auto'), threadCount, z.string().regex(/^\d+$/).transform(Number).pipe(threadCount)],
  { error: 'needs "auto", or a number from 1 to 256' },
);
const roomCount = z.number().int().min(1).max(10_000);
const port = z.number().int().min(0).max(65_535);

/** Of the path only what needs no escaping, so that proxies, pages and the server write it alike. */
const isPublicUrl = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || !/^(\/[\w.~-]+)*\/?$/.test(url.pathname)) return false;
  return `${url.origin}${url.pathname}` === url.href && !/[?#]/.test(text);
};

const rtc = z
  .strictObject({
    port,
    tcpPort: port,
    workers: z.number().int().min(0).max(256),
    consumersPerRouter: z.number().int().min(1).max(100_000),
    announcedAddress: z.string(),
    listen: z
      .string()
      .refine(
        (list) => listenAddresses(list) !== undefined,
        'needs IP addresses of this computer with commas between them, each perhaps with =ADDRESS: 0.0.0.0=203.0.113.7',
      ),
    iceServers: z
      .string()
      .refine(
        (list) => iceServerUrls(list) !== undefined,
        `needs at most ${MAX_ICE_SERVER_URLS} URLs such as stun:stun.example.org or turn:turn.example.org:3478?transport=udp, with commas between them`,
      ),
    turn: z.strictObject({
      secret: z.string(),
      username: z.string(),
      credential: z.string(),
      lifetimeMinutes: z.number().int().min(10).max(10_080),
    }),
  })
  .superRefine(({ iceServers, turn, listen, announcedAddress }, context) => {
    const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const hasAccount = turn.username !== '' && turn.credential !== '';
    if (iceServerUrls(iceServers)?.some(isTurnUrl) && turn.secret === '' && !hasAccount)
      problem(
        ['turn', 'secret'],
        'a TURN server needs the secret that it shares with Booth (coturn: static-auth-secret), or else BOOTH_RTC_TURN_USERNAME and BOOTH_RTC_TURN_CREDENTIAL',
      );
    if (turn.secret !== '' && (turn.username !== '' || turn.credential !== ''))
      problem(['turn', 'secret'], 'set either the secret, or a username and a credential');
    if (listen !== '' && announcedAddress !== '')
      problem(
        ['announcedAddress'],
        'is for the address of BOOTH_HOST: write BOOTH_RTC_LISTEN=ADDRESS=ANNOUNCED instead',
      );
  });

/** Messages about it never show it, as it may hold a password. */
const isRedisUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^(\/\d{0,4})?$/.test(url.pathname);
};

const MAX_WEBHOOK_ENDPOINTS = 16;
/** Of a secret's bytes, by the Standard Webhooks specification. */
const SECRET_BYTES = { min: 24, max: 64 };

/** A secret of a webhook endpoint. Messages about it never show it. */
const WebhookSecret = z.string('needs whsec_ and base64').refine((secret) => {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const bytes = Buffer.from(base64, 'base64').length;
  return base64.length % 4 === 0 && bytes >= SECRET_BYTES.min && bytes <= SECRET_BYTES.max;
}, 'needs whsec_ and 24 to 64 random bytes as base64: echo "whsec_$(openssl rand -base64 32)"');

const noSuchEvent = `no such event. There are: ${WebhookEventType.options.join(', ')}`;

const WebhookEndpointConfig = z.strictObject(
  {
    url: z.string('needs an https:// URL').refine((text) => {
      const url = URL.parse(text);
      return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
    }, 'needs an https:// URL, without a user name and a password'),
    secret: z.union([WebhookSecret, z.array(WebhookSecret).min(1).max(2)], {
      error:
        'needs whsec_ and 24 to 64 random bytes as base64, or a list of two: echo "whsec_$(openssl rand -base64 32)"',
    }),
    events: z.array(z.enum(WebhookEventType.options, noSuchEvent)).min(1, 'needs an event at least').optional(),
  },
  { error: ({ code }) => (code === 'invalid_type' ? 'needs {url, secret, events}' : undefined) },
);

const Webhooks = z
  .strictObject({
    endpoints: z.array(WebhookEndpointConfig, 'needs a list: [{url: "https://…", secret: "whsec_…"}]'),
    allowPrivateAddresses: z.boolean(),
  })
  .superRefine(({ endpoints, allowPrivateAddresses }, context) => {
    const refuse = (index: number, message: string) =>
      context.addIssue({ code: 'custom', path: ['endpoints', index, 'url'], message });
    if (endpoints.length > MAX_WEBHOOK_ENDPOINTS)
      context.addIssue({ code: 'custom', path: ['endpoints'], message: `has more than ${MAX_WEBHOOK_ENDPOINTS}` });
    const urls = new Set<string>();
    for (const [index, { url }] of endpoints.entries()) {
      if (url.startsWith('http:') && !allowPrivateAddresses)
        refuse(
          index,
          'needs https://. Plain http:// is for your own network alone, with BOOTH_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES=true',
        );
      if (urls.has(url)) refuse(index, 'is there twice');
      urls.add(url);
    }
  });

const secretText = z.string().refine((secret) => secret === '' || secret.length >= 32, 'needs at least 32 characters');

/** What the machines of one Booth have in common. */
const cluster = z.strictObject({
  secret: secretText,
  previousSecret: secretText,
  listen: z
    .string()
    .refine(
      (text) => text === '' || listenAddresses(text)?.length === 1,
      'needs an IP address of this computer, perhaps with =ADDRESS: 0.0.0.0=10.0.0.5',
    ),
  ports: z
    .string()
    .refine((text) => text === '' || portRange(text) !== undefined, 'needs a range of UDP ports, such as 40000-40999'),
});

const keys = z.strictObject({
  host: z.string().min(1),
  port,
  publicUrl: z
    .string()
    .refine(
      (url) => url === '' || isPublicUrl(url),
      'needs an address such as https://meet.example.org or https://meet.example.org/booth/',
    ),
  trustedProxies: z.string(),
  tls: z.strictObject({ certificate: z.string(), key: z.string() }),
  secret: secretText,
  previousSecret: secretText,
  dataDir: z.string(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
  rtc,
  cluster,
  interpretation: z.strictObject({
    onDemand: z.boolean(),
    maxLanguages: z.number().int().min(1).max(64),
    sessionIdleTimeoutMs: z.number().int().min(0).max(240_000),
    tracks: z.enum(['mixed', 'perSpeaker']),
    maxLagMs: z.number().int().min(4000).max(60_000),
    voices: z.number().int().min(1).max(16),
    pictures: z.enum(['off', 'onChange', 'fixed']),
  }),
  interpreter: z.strictObject({
    placement: z.enum(['here', 'workers']),
    isolation: z.enum(['thread', 'process']),
    /** `auto`: one for each core. */
    threads: autoOrThreads,
    maxMemoryMb: z.number().int().min(256).max(65_536),
  }),
  transcript: z.strictObject({ retentionHours: z.number().min(0).max(8760), folder: z.string() }),
  livetranslate: z.strictObject({
    url: z.string().refine((url) => url === '' || /^wss?:\/\/\S+$/.test(url), 'needs a ws:// or wss:// URL'),
    model: z.string(),
    connectionsPerMinute: z.number().int().min(1).max(1000),
    tokensPerMinute: z.number().int().min(10_000),
    maxSessions: z.number().int().min(1).max(4096),
  }),
  budget: z.strictObject({
    dailyMoney: z.number().min(0),
    /** `auto`: see `cli/account-budget.ts`. */
    dailyTokens: z.union([z.literal('auto'), count, z.string().regex(/^\d+$/).transform(Number).pipe(count)]),
    onExceeded: z.enum(['captions', 'stop']),
  }),
  webhooks: Webhooks,
  redis: z.strictObject({
    url: z
      .string()
      .refine(
        (url) => url === '' || isRedisUrl(url),
        'needs a redis:// or rediss:// URL, perhaps with a password and the number of a database: redis://:PASSWORD@10.0.0.5:6379/0',
      ),
  }),
  node: z.strictObject({
    url: z
      .string()
      .refine((url) => url === '' || isPublicUrl(url), 'needs an address such as https://node-1.meet.example.org'),
  }),
  worker: z.strictObject({
    /** `auto`: see `cluster/worker-load.ts`. */
    capacity: z.union([z.literal('auto'), roomCount, z.string().regex(/^\d+$/).transform(Number).pipe(roomCount)], {
      error: 'needs "auto", or a number from 1 to 10000',
    }),
    maxCpu: z.number().min(0.1).max(1),
    port,
    drainSeconds: z.number().min(0).max(3600),
    leaseMs: z.number().int().min(1000).max(60_000),
  }),
  engine: z.strictObject({
    port,
    key: z.string().regex(/^[\x21-\x7e]{0,512}$/, 'has blanks or special characters'),
    voskModel: z.string(),
    threads: autoOrThreads,
    maxSessions: z.number().int().min(1).max(4096),
  }),
});
export const Config = keys.superRefine(({ interpreter, redis }, context) => {
  if (interpreter.placement === 'workers' && redis.url === '')
    context.addIssue({
      code: 'custom',
      path: ['interpreter', 'placement'],
      message: 'workers are found by Redis: set BOOTH_REDIS_URL too',
    });
});
export type Config = z.infer<typeof Config>;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `rtc.announcedAddress` → `BOOTH_RTC_ANNOUNCED_ADDRESS` */
export const environmentName = (path: readonly string[]): string =>
  `BOOTH_${path.map((key) => key.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()).join('_')}`;

/** Environment variables with the prefix BOOTH_ that are not keys of the configuration: set-up, tests and single commands read them. */
const notKeys = new Set([
  'BOOTH_CACHE_DIR',
  'BOOTH_LIBOPUS',
  'BOOTH_SETUP',
  'BOOTH_TEST_SEED',
  'BOOTH_TEST_SOAK_MINUTES',
  'BOOTH_TOKEN',
  'BOOTH_WORKER_SHA256',
]);

type Tree = { [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function* leaves(tree: Tree, path: string[] = []): Generator<{ holder: Tree; key: string; path: string[] }> {
  for (const [key, value] of Object.entries(tree)) {
    if (isTree(value)) yield* leaves(value, [...path, key]);
    else yield { holder: tree, key, path: [...path, key] };
  }
}

/** Converts the text of an environment variable to the type of the default. */
function converted(text: string, like: unknown): unknown {
  if (typeof like === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (typeof like === 'boolean')
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text;
  return Array.isArray(like) ? list(text) : text;
}

/** A list as JSON or YAML. What is neither stays text, which the schema refuses. */
function list(text: string): unknown {
  try {
    return parse(text) ?? [];
  } catch {
    return text;
  }
}

/** How a key is named to whoever has set it: by its environment variable, and the place in a list that this has. */
function named(path: readonly PropertyKey[], names: ReadonlyMap<string, string>): string {
  for (let length = path.length; length > 0; length--) {
    const name = names.get(path.slice(0, length).join('.'));
    if (name === undefined) continue;
    const rest = path.slice(length).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
    return name + rest.join('');
  }
  return path.join('.');
}

/**
 * The defaults, overridden by the environment.
 * @param defaults the text of `default.yaml`
 * @throws {ConfigError} naming every unknown variable and every invalid value
 */
export function configuration(defaults: string, environment: Readonly<Record<string, string | undefined>>): Config {
  const tree = parse(defaults) as Tree;
  const names = new Map<string, string>();
  const unknown = new Set(
    Object.keys(environment).filter(
      (name) => name.startsWith('BOOTH_') && environment[name] !== undefined && !notKeys.has(name),
    ),
  );
  for (const { holder, key, path } of leaves(tree)) {
    const name = environmentName(path);
    names.set(path.join('.'), name);
    unknown.delete(name);
    const text = environment[name];
    if (text !== undefined) holder[key] = converted(text, holder[key]);
  }
  const problems = [...unknown].map((name) => `${name}: no such setting. There are: ${[...names.values()].join(', ')}`);
  const parsed = Config.safeParse(tree);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) problems.push(`${named(path, names)}: ${message}`);
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return parsed.data as Config;
}
