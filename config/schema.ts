/**
 * Booth's configuration: the schema of `default.yaml`, and how environment variables override it. Pure: the text and the environment
 * are passed in.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import { iceServerUrls, isTurnUrl, listenAddresses, MAX_ICE_SERVER_URLS } from './rtc-addresses.ts';

const count = z.number().int().min(0);
const threadCount = z.number().int().min(1).max(256);
const port = z.number().int().min(0).max(65_535);

const isOrigin = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href && !text.includes('?');
};

const rtc = z
  .strictObject({
    port,
    tcpPort: port,
    workers: z.number().int().min(0).max(256),
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

export const Config = z.strictObject({
  host: z.string().min(1),
  port,
  publicUrl: z
    .string()
    .refine((url) => url === '' || isOrigin(url), 'needs an address such as https://meet.example.org, without a path'),
  trustedProxies: z.string(),
  secret: z.string().refine((secret) => secret === '' || secret.length >= 32, 'needs at least 32 characters'),
  previousSecret: z.string().refine((secret) => secret === '' || secret.length >= 32, 'needs at least 32 characters'),
  dataDir: z.string(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
  rtc,
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
    isolation: z.enum(['thread', 'process']),
    /** `auto`: one for each core. */
    threads: z.union([z.literal('auto'), threadCount, z.string().regex(/^\d+$/).transform(Number).pipe(threadCount)], {
      error: 'needs "auto", or a number from 1 to 256',
    }),
  }),
  transcript: z.strictObject({ retentionHours: z.number().min(0).max(8760) }),
  livetranslate: z.strictObject({
    url: z.string().refine((url) => url === '' || /^wss?:\/\/\S+$/.test(url), 'needs a ws:// or wss:// URL'),
    model: z.string(),
    connectionsPerMinute: z.number().int().min(1).max(10),
    tokensPerMinute: z.number().int().min(10_000),
  }),
  budget: z.strictObject({
    dailyMoney: z.number().min(0),
    /** `auto`: see `cli/account-budget.ts`. */
    dailyTokens: z.union([z.literal('auto'), count, z.string().regex(/^\d+$/).transform(Number).pipe(count)]),
    onExceeded: z.enum(['captions', 'stop']),
  }),
  engine: z.strictObject({
    port,
    key: z.string().regex(/^[\x21-\x7e]{0,512}$/, 'has blanks or special characters'),
    voskModel: z.string(),
  }),
});
export type Config = z.infer<typeof Config>;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `rtc.announcedAddress` → `BOOTH_RTC_ANNOUNCED_ADDRESS` */
export const environmentName = (path: readonly string[]): string =>
  `BOOTH_${path.map((key) => key.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()).join('_')}`;

/** Environment variables with the prefix BOOTH_ that are not keys of the configuration: set-up, tests and single commands read them. */
const notKeys = new Set(['BOOTH_CACHE_DIR', 'BOOTH_LIBOPUS', 'BOOTH_TEST_SEED', 'BOOTH_TOKEN', 'BOOTH_WORKER_SHA256']);

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
  return text;
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
    for (const issue of parsed.error.issues) {
      const key = issue.path.join('.');
      problems.push(`${names.get(key) ?? key}: ${issue.message}`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return parsed.data as Config;
}
