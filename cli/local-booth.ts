/** A Booth server on this computer with everything it needs: engine, interpreters and pages. Closing it closes them all. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type EngineView, signalUrl } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { pricingOf } from '../config/prices.ts';
import { iceServerUrls, type ListenAddress, listenAddresses } from '../config/rtc-addresses.ts';
import type { Config } from '../config/schema.ts';
import { isThisComputer, roomUrl } from '../config/server-url.ts';
import { StartError } from '../config/start-error.ts';
import { pageDir } from '../scripts/places.mjs';
import type { IceServerOptions } from '../server/media/ice-servers.ts';
import type { RecentProblems } from '../server/recent-problems.ts';
import type { LaunchInterpreter } from '../server/room/room-interpreter.ts';
import { type BoothServer, startServer } from '../server/server.ts';
import { accountBudget, describeBudget } from './account-budget.ts';
import { openCluster } from './cluster.ts';
import { clusterOptions } from './cluster-options.ts';
import { openDataFolderStores, openRoomsStore, openUsageStore } from './data-folder-stores.ts';
import type { EngineChoice } from './engine-choice.ts';
import { CommandError } from './errors.ts';
import { openInterpreterLauncher } from './interpreter-launcher.ts';
import { obtainSecrets } from './secret.ts';
import type { Settings } from './settings.ts';
import { type LanAccess, SecureAccess } from './tls/secure-access.ts';
import { handleUnforeseenErrors } from './unforeseen-errors.ts';

export interface LocalBooth {
  server: BoothServer;
  engine: EngineView;
  /** What may be spent in a day, and the setting that changes it; undefined: nothing is spent. */
  budgetSentence: string | undefined;
  secret: string;
  /** How others in the network reach the server; undefined without `lan`. */
  lan: LanAccess | undefined;
  /** A link that signs the browser which opens it first in, and shows it the room. `more` is added to its fragment. */
  signInLink(room: string, more?: Readonly<Record<string, string>>): string;
  close(): Promise<void>;
}

/** @param options.problems those of `log`. @throws {CommandError} */
export async function startLocalBooth(
  settings: Settings,
  { lan, problems }: { lan: boolean; problems: RecentProblems },
  log: Logger,
): Promise<LocalBooth> {
  const { config } = settings;
  const access = await SecureAccess.prepare(settings, { lan }, log);
  const [secret, previousSecret] = await obtainSecrets(settings);
  const cluster = await openCluster(config, log);
  const launcher = await openLauncher(settings, log).catch(async (error: unknown) => {
    await cluster?.close();
    throw error;
  });
  const { choice } = launcher;
  const budget = accountBudget(config.budget);
  const budgetSentence = describeBudget(budget, choice.model);
  if (budgetSentence) log.info({ dailyMoney: budget.dailyMoney, dailyTokens: budget.dailyTokens }, 'daily budget');
  try {
    const server = await startServer({
      ...access.serverOptions,
      port: config.port,
      publicUrl: config.publicUrl,
      trustedProxies: config.trustedProxies,
      rtc: {
        port: config.rtc.port,
        tcpPort: config.rtc.tcpPort,
        workers: config.rtc.workers,
        consumersPerRouter: config.rtc.consumersPerRouter,
        announcedAddress: config.rtc.announcedAddress || access.lanAddress,
        listen: listenAddressesFor(config, access.lanAddress),
      },
      cluster: clusterOptions(config),
      iceServers: iceServerOptions(config.rtc),
      secret,
      previousSecret,
      ...(cluster?.serverOptions ?? openDataFolderStores(settings.dataDir, log)),
      onDemand: config.interpretation.onDemand,
      maxLanguages: config.interpretation.maxLanguages,
      pictures: config.interpretation.pictures,
      model: choice.model,
      pricing: pricingOf(choice.model, choice.url),
      engine: choice.view,
      sessionBudget: config.livetranslate,
      maxSessions: config.livetranslate.maxSessions,
      budget,
      usageStore: openUsageStore(settings.dataDir, log),
      transcripts: {
        folder: config.transcript.folder || join(settings.dataDir, 'transcripts'),
        retentionHours: config.transcript.retentionHours,
      },
      ...(config.webhooks.endpoints.length > 0 && { openRoomsStore: openRoomsStore(settings.dataDir, log) }),
      webhooks: { folder: join(settings.dataDir, 'webhooks'), ...config.webhooks },
      pages: pageDir,
      launchInterpreter: ({ onState, ...request }) =>
        launcher.launch({
          ...request,
          onState: (state, message, queuePlace) => {
            if (message !== undefined) log.warn({ state, interpreter: request.id }, message);
            onState(state, message, queuePlace);
          },
        }),
      log,
      problems,
    });
    const close = async () => {
      await access.close();
      await server.close();
      await cluster?.close();
      await launcher.close();
    };
    await cluster?.announce();
    await access.open(server).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    handleUnforeseenErrors({ contain: (error) => server.contain(error), close }, log);
    return {
      server,
      engine: choice.view,
      budgetSentence,
      secret,
      lan: access.lanAccess(server),
      signInLink: (room, more = {}) => signInLink(config.publicUrl || server.url, room, server.signInCode(), more),
      close,
    };
  } catch (error) {
    await cluster?.close();
    await launcher.close();
    throw error instanceof StartError ? new CommandError(error.message) : error;
  }
}

interface ServerLauncher {
  choice: EngineChoice;
  launch: LaunchInterpreter;
  close(): Promise<void>;
}

/** Where the configuration says: here, or by workers, whose code is loaded only then. */
async function openLauncher(settings: Settings, log: Logger): Promise<ServerLauncher> {
  if (settings.config.interpreter.placement === 'workers')
    return (await import('./placed-interpreters.ts')).openPlacedInterpreters(settings, log);
  const { choice, launch, close } = await openInterpreterLauncher(settings, log);
  return { choice, launch: ({ url, ...request }) => launch({ ...request, url: signalUrl(url) }), close };
}

function signInLink(url: string, room: string, code: string, more: Readonly<Record<string, string>>): string {
  const fragment = new URLSearchParams({ code, ...more });
  // Commas may stand in a fragment as they are, which reads better on a terminal.
  return `${roomUrl(url, room)}#${decodeURIComponent(fragment.toString())}`;
}

const ownAddresses = (): NetworkInterfaceInfo[] => Object.values(networkInterfaces()).flatMap((some) => some ?? []);

/** The addresses on which media are received; undefined: the server's host alone. */
function listenAddressesFor(
  { host, rtc }: Config,
  lanAddress: string | undefined,
): readonly ListenAddress[] | undefined {
  if (rtc.listen !== '') return listenAddresses(rtc.listen);
  // Pages may be at the loopback address for this computer, and at those of the network for others.
  if (lanAddress !== undefined) return [{ ip: '0.0.0.0', announcedAddress: rtc.announcedAddress || lanAddress }];
  const isLocal = host === '::1' || isThisComputer(host);
  if (!isLocal || rtc.announcedAddress !== '') return undefined;
  // Pages stay on the loopback address, to which Firefox sends no media.
  const routable = routableAddress(ownAddresses());
  return routable === undefined ? undefined : [{ ip: host }, { ip: routable, optional: true }];
}

/** An address of this computer other than the loopback's, IPv4 first; undefined: it is in no network. */
export function routableAddress(
  addresses: readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[],
): string | undefined {
  // Link-local addresses of IPv6 are of no use without the name of an interface.
  const routable = addresses.filter(({ address, internal }) => !internal && !/^fe[89ab]/i.test(address));
  return (routable.find(({ family }) => family === 'IPv4') ?? routable[0])?.address;
}

function iceServerOptions({ iceServers, turn }: Config['rtc']): IceServerOptions | undefined {
  const urls = iceServerUrls(iceServers) ?? [];
  if (urls.length === 0) return undefined;
  const { secret, username, credential, lifetimeMinutes } = turn;
  if (secret !== '') return { urls, turn: { secret, lifetimeMs: lifetimeMinutes * 60_000 } };
  return username === '' ? { urls } : { urls, turn: { username, credential } };
}
