/**
 * The server: media workers, rooms, signalling and REST on one port, wired together. It reads no files but the built pages, its
 * transcripts and the messages of webhooks, and no environment. Closing it closes everything it has started, once.
 */
import { randomUUID } from 'node:crypto';
import type { EngineView, Grant, PictureMode, WebhookData } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import type { ConnectionLimits } from '../account/connection-scheduler.ts';
import {
  type AccountBudget,
  type BudgetCrossing,
  type SharedUsage,
  UsageAccounting,
  type UsageStore,
} from '../account/usage-accounting.ts';
import { acceptsPictures, type Model } from '../config/models.ts';
import type { Pricing } from '../config/prices.ts';
import { localServerUrl, pathPrefix } from '../config/server-url.ts';
import { refuseUpgrade } from '../sockets/refuse-upgrade.ts';
import { type Clock, sleep, systemClock, within } from '../time/clock.ts';
import { ReportedUsage } from './account/reported-usage.ts';
import {
  type ConnectionPermits,
  type ConnectionStore,
  SharedConnectionLimiter,
  type SharedConnectionLimiterOptions,
} from './account/shared-connection-limiter.ts';
import { type GuessCounter, JoinRateLimiter } from './auth/join-rate-limiter.ts';
import { OperatorAccess, type OperatorStore } from './auth/operator-access.ts';
import { RevocationList, type RevocationStore } from './auth/revocation-list.ts';
import { TokenService } from './auth/token-service.ts';
import { proxyTrust } from './client-address.ts';
import { EdgeNodes, type EdgeNodesOptions } from './edge/edge-nodes.ts';
import { limits } from './limits.ts';
import { type Handlers, type Listener, Listeners, type TlsIdentity } from './listeners.ts';
import type { IceServerOptions } from './media/ice-servers.ts';
import { MediaWorkers, type RtcOptions } from './media/media-workers.ts';
import { Metrics } from './metrics.ts';
import type { RecentProblems } from './recent-problems.ts';
import { restApp } from './rest/app.ts';
import { NextServer } from './room/next-server.ts';
import { followOpenRooms, type OpenRoomsStore } from './room/open-rooms.ts';
import { Room } from './room/room.ts';
import { currentRoom, listenInRoom } from './room/room-context.ts';
import { everyRoomHere, type RoomDirectory } from './room/room-directory.ts';
import type { LaunchInterpreter, LaunchRequest } from './room/room-interpreter.ts';
import { RoomRules, type RulesStore } from './room/room-rules.ts';
import { MOVED, Rooms } from './room/rooms.ts';
import { ServerEvents } from './server-events.ts';
import { SignallingServer } from './signalling/signalling.ts';
import { Transcripts } from './transcript/transcripts.ts';
import { Webhooks, type WebhooksOptions } from './webhooks/webhooks.ts';

export interface ServerOptions {
  host: string;
  /** The TCP port; 0: any free one. */
  port: number;
  /** The address for links: `https://meet.example.org/booth/`. Default: the one that a request names. */
  publicUrl?: string | undefined;
  /** Serves over HTTPS. `name`: one of the names of the certificate. Default: plain HTTP. */
  tls?: (TlsIdentity & { name?: string | undefined }) | undefined;
  /** The proxies that are believed whom a request comes from, as `proxyTrust` reads them. Default: none. */
  trustedProxies?: string;
  rtc: RtcOptions;
  /** Takes in edge nodes, which carry listeners of this server's rooms. Default: none. */
  cluster?: Pick<EdgeNodesOptions, 'secrets' | 'pipeAddress'> | undefined;
  /** STUN and TURN servers for everybody in a room but the interpreters that this server launches. Default: none. */
  iceServers?: IceServerOptions | undefined;
  /** The key that signs tokens and invites. */
  secret: string;
  /** An earlier key: what it has signed is accepted until it expires. */
  previousSecret?: string | undefined;
  /** Stores revocations. Default: revoked tokens and invites are valid again after a restart. */
  revocationStore?: RevocationStore;
  /** Stores the settings of rooms. Default: they are lost with a restart. */
  rulesStore?: RulesStore;
  /** Stores who is signed in as the operator. Default: a restart signs every browser out. */
  operatorStore?: OperatorStore;
  /** Whether choosing a language launches an interpreter. */
  onDemand: boolean;
  /** Languages into which one room is interpreted at most. Default: 8. */
  maxLanguages?: number;
  /** When interpreters send pictures to the service, if the model accepts them. Default: off. */
  pictures?: PictureMode;
  model: Model;
  /** The prices of the translation service. */
  pricing: Pricing;
  engine: EngineView;
  /** The connections and tokens per minute of all interpreters together. */
  sessionBudget: ConnectionLimits;
  /** Sessions that one interpreter may hold at the same time. Default: 64. */
  maxSessions?: number;
  /** Stores the connections of the last minute. Default: a restart does not count them. */
  connectionStore?: ConnectionStore;
  /** Takes the place of a scheduler of this server's own, where several share one account. */
  sharedPermits?: ((options: SharedConnectionLimiterOptions) => ConnectionPermits) | undefined;
  /** The usage of other servers with the same budget. Default: there are none. */
  sharedUsage?: SharedUsage | undefined;
  /** Counts wrong attempts to join. Default: those at this server. */
  guessCounter?: GuessCounter | undefined;
  /** The daily budget of all interpreters together. */
  budget: AccountBudget;
  /** Stores usage. Default: the usage of today is lost with a restart. */
  usageStore?: UsageStore;
  /** The folder of transcripts, and how long they are stored after a meeting's last word; 0: not at all. */
  transcripts: { folder: string; retentionHours: number };
  /** The applications that are told of what happens here. Default: none. */
  webhooks?: WebhooksOptions;
  /** Stores which rooms are open. Default: nobody is told of the end of rooms that a killed server had. */
  openRoomsStore?: OpenRoomsStore;
  /** Which server has which room, where several stand side by side. Default: this one has them all. */
  directory?: RoomDirectory | undefined;
  /** Folder of the built pages. */
  pages: string;
  launchInterpreter: LaunchInterpreter;
  log: Logger;
  /** The problems that the log has told of last, for whoever runs the server. Default: none are remembered. */
  problems?: RecentProblems;
  /** Default: the system's. */
  clock?: Clock;
  /** Milliseconds since 1970, for dates: expiry, retention, daily budgets. Default: `Date.now`. */
  wallNow?: () => number;
  /** A room that everyone has left closes after this; default 30 s. */
  emptyRoomMs?: number;
  /** A connection that has not joined is closed after this; default 10 s. */
  joinWithinMs?: number;
  /** A person who waits to be admitted is sent away after this; default 10 min. */
  waitMs?: number;
}

export interface BoothServer {
  /** The server's address: `http://127.0.0.1:3000`, and with a certificate `https://meet.example.org:3000`. */
  url: string;
  /** The address for programs on this computer, always plain HTTP over the loopback: without a certificate the same as `url`. */
  localUrl: string;
  port: number;
  /** Serves over HTTPS at one more address, on the same port. @throws {StartError} */
  listenSecurely(address: string, tls: TlsIdentity): Promise<Listener>;
  /** New connections over HTTPS are given this certificate; those that are open go on. @throws {Error} where it cannot be used */
  setTlsIdentity(tls: TlsIdentity): void;
  /** The code for a link's fragment: `/room/{room}#invite={code}`. */
  invite(room: string, grants: readonly Grant[], ttlSeconds: number): string;
  /**
   * For `process.on('uncaughtException')`: closes the room in whose code an error was thrown that nobody caught.
   *
   * @returns false: it was thrown in no room, and nobody knows what is left in which state
   */
  contain(error: unknown): boolean;
  /** The code for the fragment of a sign-in link, which is good for one browser: `/room/{room}#code={code}`. */
  signInCode(): string;
  /**
   * Resolves when everything has closed, in bounded time: interpreters have 5 s, sockets 1 s, workers 5 s. Where other servers take over
   * the rooms, each room moves at the next pause in speech before, within 20 s.
   */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
/** For what a server asks of another when a room moves there. */
const MOVE_TOKEN_SECONDS = 60;
const EMPTY_ROOM_MS = 30_000;
const CONSUMERS_PER_ROUTER = 300;
/** A room that was opened ahead of its meeting stays open this long without visitors. */
const UNVISITED_ROOM_MS = 3_600_000;
/** Longer than any meeting lasts. */
const INTERPRETER_TOKEN_SECONDS = 7 * 86_400;

/**
 * Starts a server; resolves when it can take people in.
 *
 * @throws {StartError} that names the setting which helps
 *
 * @example
 * const server = await startServer({ host: '127.0.0.1', port: 3000, ...options });
 * console.log(`${server.url}/room/demo#invite=${server.invite('demo', ['publish', 'subscribe'], 3600)}`);
 * await server.close();
 */
export async function startServer(options: ServerOptions): Promise<BoothServer> {
  const { host, log, clock = systemClock, wallNow = Date.now, directory = everyRoomHere } = options;
  const isTrustedProxy = proxyTrust(options.trustedProxies ?? '');
  const rules = new RoomRules(options.rulesStore, wallNow);
  const revocations = new RevocationList(options.revocationStore, wallNow);
  const secrets = [options.secret, options.previousSecret] as const;
  const tokens = new TokenService(secrets, revocations, wallNow);
  const operators = new OperatorAccess({
    secrets,
    store: options.operatorStore,
    isRevoked: ({ issuers, issuerRooms, issuedAtMs }) =>
      revocations.covers(undefined, { id: '', issuers, issuerRooms, issuedAtMs, launched: false }),
    wallNow,
  });
  const events = new ServerEvents(wallNow);
  const usage: UsageAccounting = new UsageAccounting({
    ...options,
    store: options.usageStore,
    shared: options.sharedUsage,
    nowMs: wallNow,
    onNoticeChanged: (interpreter) => {
      for (const room of rooms.all)
        if (interpreter === undefined || room.interpreter.view?.id === interpreter) room.budgetChanged();
    },
    onBudgetCrossed: (crossing) => {
      const room = rooms.all.find(({ interpreter }) => interpreter.view?.id === crossing.interpreter);
      events.emit(`budget.${crossing.level}`, budgetData(crossing, room?.name));
    },
  });
  // Without an answer a client would wait for many seconds before it tries again, and the server could not close.
  const handlers: Handlers = {
    request: refuseWhileStarting,
    upgrade: (_request, socket) => refuseUpgrade(socket, clock, 503),
  };
  const listeners = new Listeners(handlers);
  const { port, url, localUrl } = await listenEverywhere(listeners, options);
  /** The addresses in the network, in the order in which they came. */
  const secureUrls = new Set<string>();
  const publicUrl = options.publicUrl || (options.tls ? url : undefined);

  const metrics = new Metrics();
  const webhooks = await Webhooks.open(options.webhooks ?? noWebhooks, {
    events,
    counts: metrics,
    clock,
    wallNow,
    log,
  }).catch((error: unknown) => {
    void listeners.close();
    throw error;
  });
  followOpenRooms(options.openRoomsStore, events, wallNow);
  const workers = await MediaWorkers.start(host, options.rtc, clock, log).catch(async (error: unknown) => {
    void listeners.close();
    await webhooks.close();
    throw error;
  });
  const { folder, retentionHours } = options.transcripts;
  const transcripts = new Transcripts({
    folder,
    retentionMs: retentionHours * 3_600_000,
    clock,
    wallNow,
    onReady: (room, meeting) =>
      events.emit('transcript.ready', {
        room,
        meeting: String(meeting),
        began: new Date(meeting).toISOString(),
      }),
    log,
  });
  const edges = options.cluster && new EdgeNodes({ ...options.cluster, clock, wallNow, log });
  const rooms = new Rooms(
    (name, { isAhead, closed }) =>
      Room.open(name, workers, {
        ...roomSettings(options, { url: localUrl, clock, usage, tokens, metrics }, name, closed),
        isAhead,
        media: {
          carriers: () => (edges ? [...workers.carriers, ...edges.carriers] : workers.carriers),
          consumersPerRouter: options.rtc.consumersPerRouter ?? CONSUMERS_PER_ROUTER,
        },
        rules,
        events,
        record: (clockMs) => transcripts.record(name, clockMs),
      }),
    directory,
    (name) => transcripts.written(name),
  );
  const permitOptions = {
    limits: options.sessionBudget,
    nowMs: () => clock.now(),
    counts: metrics,
    store: options.connectionStore,
  };
  const connectionLimiter = options.sharedPermits?.(permitOptions) ?? new SharedConnectionLimiter(permitOptions);
  revocations.followOthers(() => {
    for (const room of rooms.all)
      listenInRoom(room.name, () => room.removeRevoked((credential) => tokens.isRevoked(room.name, credential)));
  });
  const signalling = new SignallingServer({
    pathPrefix: pathPrefix(publicUrl),
    verify: (token) => tokens.verify(token),
    renew: (claims) => tokens.renew(claims),
    wallNow,
    isTrustedProxy,
    // An interpreter was launched by the server that has opened the room, ahead or not.
    enter: (room, { ahead, launched }) => rooms.obtain(room, { ahead: ahead || (launched && rooms.has(room)) }),
    connectionLimiter,
    usage,
    reportedUsage: new ReportedUsage({
      nowMs: () => clock.now(),
      // A server may be set to use less than the service would give.
      tokensPerMinute: Math.max(options.sessionBudget.tokensPerMinute, options.model.limits?.tokensPerMinute ?? 0),
      maxSessions: options.maxSessions,
    }),
    interpreterStats: metrics.interpreters,
    iceServers: options.iceServers,
    clock,
    joinWithinMs: options.joinWithinMs ?? limits.joinWithinMs,
    waitMs: options.waitMs ?? limits.waitMs,
    log,
  });
  handlers.upgrade = (request, socket, head) =>
    edges?.isFor(request) ? edges.upgrade(request, socket, head) : signalling.upgrade(request, socket, head);
  handlers.request = restApp({
    ...options,
    publicUrl,
    networkUrl: () => [...secureUrls][0],
    transcriptHours: retentionHours,
    directory,
    tokens,
    operators,
    joinLimiter: new JoinRateLimiter(options.guessCounter),
    isTrustedProxy,
    rules,
    clock,
    wallNow,
    rooms,
    workers,
    edges,
    transcripts,
    connectionLimiter,
    usage,
    metrics,
    webhooks,
  });
  log.info({ url, mediaWorkers: workers.state.running }, 'server started');

  async function listenSecurely(address: string, tls: TlsIdentity): Promise<Listener> {
    const listener = await listeners.listen(address, port, tls);
    const secureUrl = localServerUrl({ host: address, port }, 'https');
    secureUrls.add(secureUrl);
    return {
      port: listener.port,
      close() {
        secureUrls.delete(secureUrl);
        listener.close();
      },
    };
  }

  let closing: Promise<void> | undefined;
  /** Gives a room to another server between two sentences. Its people are connected there before, or come back by themselves. */
  async function giveAway(room: Room): Promise<void> {
    const server = room.participantCount > 0 ? await directory.announceMove(room.name) : undefined;
    if (server === undefined) await room.untilPause(limits.pauseForMoveMs);
    else await moveTo(server, room);
    // A disk that does not answer keeps no server from ending.
    const closed = room.close(MOVED).then(() => transcripts.written(room.name));
    await within(clock, limits.closeMs, closed);
    await directory.release(room.name);
  }

  /** Until the last moment the room is this server's, for its people and for whoever comes or asks for something. */
  async function moveTo(server: string, room: Room): Promise<void> {
    const { name, interpreter } = room;
    const { token } = tokens.issueToken(
      { room: name, identity: 'moving-room', grants: ['interpret'], launched: true },
      MOVE_TOKEN_SECONDS,
    );
    const next = new NextServer({ server, room: name, token, clock });
    if (interpreter.view && !(await next.openAhead(interpreter.view)))
      log.warn({ room: name, server }, 'no interpreter could be sent ahead');
    const untilMs = clock.now() + limits.pauseForMoveMs;
    await room.prepareMove(server, limits.readyToMoveMs);
    await room.untilPause(untilMs - clock.now());
    if (!room.isVisited) {
      await next.abandon();
      return;
    }
    try {
      await next.arrive(room.arrival);
    } catch (error) {
      // Its people come back by themselves, wherever there is room.
      log.warn({ err: error, room: name, server }, 'the next server does not take the room');
      return;
    }
    // Where Redis is away, the pin ends by itself.
    await directory.handOver(name, server);
    if (room.isOver) await next.end();
    else room.announceMoved();
  }

  async function giveRoomsAway(): Promise<void> {
    if (!(await directory.drain())) return;
    log.info({ rooms: rooms.all.length }, 'rooms are given to other servers');
    const failed = (room: Room, error: unknown) =>
      log.error({ err: error, room: room.name }, 'room could not be given away');
    await Promise.all(rooms.all.map((room) => giveAway(room).catch((error: unknown) => failed(room, error))));
    // Who has not come back yet is told where.
    await sleep(clock, limits.comeBackMs);
  }

  async function closeAll(): Promise<void> {
    await giveRoomsAway().catch((error: unknown) => log.error({ err: error }, 'rooms could not be given away'));
    workers.beginClosing();
    const served = listeners.close();
    await within(clock, limits.closeMs, rooms.close('the server is closing'));
    await within(clock, limits.closeMs, transcripts.close());
    edges?.close();
    await signalling.close();
    usage.close();
    listeners.closeAllConnections();
    await workers.close();
    await webhooks.close();
    await served;
    log.info('server closed');
  }

  return {
    url,
    localUrl,
    port,
    listenSecurely,
    setTlsIdentity: (tls) => listeners.setTlsIdentity(tls),
    signInCode: () => operators.issueCode().code,
    invite: (room, grants, ttlSeconds) => tokens.issueInvite({ room, grants }, ttlSeconds).invite,
    contain(error) {
      const room = currentRoom();
      if (room === undefined) return false;
      log.error({ err: error, room }, 'unforeseen error, its room is closed');
      void rooms.fail(room);
      return true;
    },
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}

const noWebhooks: WebhooksOptions = { endpoints: [], allowPrivateAddresses: false, folder: '' };

function budgetData(
  { interpreter, day, spent, budget }: BudgetCrossing,
  room: string | undefined,
): WebhookData<'budget.near'> {
  const { tokens, money } = spent;
  return {
    ...(interpreter === undefined
      ? { scope: 'account' as const }
      : { scope: 'interpreter' as const, interpreter, ...(room !== undefined && { room }) }),
    day,
    spent: { tokens, ...(money !== undefined && { money }) },
    budget: {
      ...(budget.tokens !== undefined && { tokens: budget.tokens }),
      ...(budget.money !== undefined && { money: budget.money }),
      onExceeded: budget.onExceeded,
    },
  };
}
/** The answer to everything before people can be taken in: that of `GET /readyz`, and to be tried again. */
const refuseWhileStarting: Handlers['request'] = (_request, response) => {
  const body = JSON.stringify({ ready: false, reasons: ['the server is starting'] });
  response.writeHead(503, { 'Retry-After': '1', 'Content-Type': 'application/json' }).end(body);
};

/** The server's own address, and beside HTTPS one for programs on this computer, which could not verify the certificate. */
async function listenEverywhere(
  listeners: Listeners,
  { host, port: wanted, tls }: ServerOptions,
): Promise<{ port: number; url: string; localUrl: string }> {
  const { port } = await listeners.listen(host, wanted, tls);
  if (!tls) {
    const url = localServerUrl({ host, port });
    return { port, url, localUrl: url };
  }
  const local = await listeners.listen(LOOPBACK, 0);
  return {
    port,
    url: localServerUrl({ host: tls.name ?? host, port }, 'https'),
    localUrl: localServerUrl({ host: LOOPBACK, port: local.port }),
  };
}

function roomSettings(
  {
    engine,
    model,
    onDemand,
    maxLanguages = limits.languagesPerRoom,
    pictures = 'off',
    transcripts,
    launchInterpreter,
    log,
    emptyRoomMs,
  }: ServerOptions,
  {
    url,
    clock,
    usage,
    tokens,
    metrics,
  }: { url: string; clock: Clock; usage: UsageAccounting; tokens: TokenService; metrics: Metrics },
  room: string,
  closed: (room: Room) => void,
) {
  const interpreterToken = (identity: string) =>
    tokens.issueToken(
      { identity, room, name: 'Interpreter', grants: ['interpret', 'subscribe'], launched: true },
      INTERPRETER_TOKEN_SECONDS,
    ).token;
  return {
    engine,
    transcriptHours: transcripts.retentionHours,
    maxLanguages,
    clock,
    emptyMs: emptyRoomMs ?? EMPTY_ROOM_MS,
    unvisitedMs: UNVISITED_ROOM_MS,
    log: log.child({ room }),
    closed,
    budgetNotice: (interpreter?: string) => usage.notice(interpreter),
    interpreter: {
      onDemand,
      pictures: acceptsPictures(model) ? pictures : 'off',
      clock,
      usage,
      newId: () => `interpreter-${randomUUID()}`,
      launch({ onState, ...assignment }: Omit<LaunchRequest, 'room' | 'url' | 'token'>) {
        const count = metrics.countLaunch();
        return launchInterpreter({
          ...assignment,
          room,
          url,
          token: interpreterToken(assignment.id),
          onState(state, message, queuePlace) {
            count(state);
            onState(state, message, queuePlace);
          },
        });
      },
    },
  };
}
