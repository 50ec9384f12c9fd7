/**
 * Interprets the rooms of a mediasoup application in its own process. Owns the interpreter's thread, which all rooms share, the rooms, and the
 * engine that it was given. What takes time runs in the thread, media included; the host's thread passes on messages.
 */
import type { AccountUsage, BudgetNotice, LanguagesResponse, RoomUsage } from '@mediasoup-booth/protocol';
import type { Router } from 'mediasoup/types';
import { emptyTotals } from '../../account/usage-totals.ts';
import { accountUsage, roomUsage } from '../../account/usage-view.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { BoothError } from '../booth-error.ts';
import type { BoothOptions } from '../booth-options.ts';
import {
  type BoothSettings,
  boothSettings,
  checkBoothOptions,
  checkHost,
  languagesIn,
  logOf,
  roomLanguages,
} from './booth-settings.ts';
import type { HostedRoom } from './hosted-room.ts';
import type { InterpreterThread } from './interpreter-thread.ts';
import type { BoothStats, InterpretedRoom, RoomHost } from './room-options.ts';
import type { RouterMedia } from './router-media.ts';
import { servedLanguages } from './served-languages.ts';
import type { InterpreterThreadMessage } from './thread-messages.ts';

/** Its timers do not keep the host's process alive. */
const clock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * @example
 * const booth = new Booth({ engine: liveTranslate({ key }) });
 * const room = await booth.interpret(router, { offer: (personId, it) => consumeFor(personId, it) });
 * room.person('ann', { name: 'Ann', speaks: 'en' });
 * room.person('bea', { name: 'Bea', speaks: 'es', hears: 'es', reads: ['es'] });
 * room.microphone('ann', producer);
 */
export class Booth implements AsyncDisposable {
  /** There as soon as the engine is. */
  readonly #ready: Promise<BoothSettings>;
  #settings: BoothSettings | undefined;
  /** What it takes to interpret, which is loaded with the first room. */
  #loading: Promise<Loaded> | undefined;
  #thread: InterpreterThread | undefined;
  readonly #rooms = new Map<number, HostedRoom>();
  /** The routers that are interpreted, or are going to be. */
  readonly #routers = new Set<Router>();
  #roomCount = 0;
  #usage: AccountUsage | undefined;
  #budget: BudgetNotice | undefined;
  /** Why the engine cannot be used, as far as it was tried. */
  #engineProblem: string | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Where the engine is a promise, what is wrong with the options or the engine is logged as soon as it settles, and every room fails with it.
   *
   * @throws {BoothError} `invalid`, `languageNotServed`, and `missingDependency` for pictures without `sharp`
   */
  constructor(options: BoothOptions) {
    checkBoothOptions(options);
    const { engine } = options ?? {};
    if (engine instanceof Promise) {
      const log = logOf(options);
      this.#ready = engine.then((started) => this.#use(boothSettings({ ...options, engine: started })));
      this.#ready.catch((error: unknown) => log.error({ err: error }, 'no room can be interpreted'));
    } else this.#ready = Promise.resolve(this.#use(boothSettings({ ...options, engine })));
  }

  /**
   * Interprets a room. Resolves when people can be added; the interpreter starts meanwhile.
   *
   * @param router the router on which the room's people produce
   * @param host the host's own room, or any object with the method `offer`; without any, captions come as the event `message`.
   *   Read of it are `name`, `languages`, `offer`, `withdraw` and `send`
   * @throws {BoothError} `routerClosed`, `noOpus`, `alreadyInterpreted`, `closed`, `invalid`, `languageNotServed`; what the promise of the engine
   * was rejected with
   */
  async interpret(router: Router, host: RoomHost = {}): Promise<InterpretedRoom> {
    this.#requireRouter(router);
    checkHost(host);
    this.#routers.add(router);
    try {
      const settings = await this.#ready;
      const languages = roomLanguages(host, settings);
      this.#loading ??= this.#load(settings);
      const loaded = await this.#loading;
      const media = await loaded.openMedia(router, () => settings.log.warn({}, IMPOSTOR));
      if (this.#closing) {
        media.close();
        throw closed();
      }
      return this.#open(router, host, media, languages, settings, loaded);
    } catch (error) {
      this.#routers.delete(router);
      throw error;
    }
  }

  /**
   * What can be heard and read in its rooms.
   *
   * @throws {BoothError} `engineStarting` as long as the engine is a promise; not once a room is interpreted
   */
  languages(): LanguagesResponse {
    const settings = this.#started();
    return languagesIn(settings, settings.room.languages);
  }

  /**
   * What all rooms have used today (UTC), in tokens and money.
   *
   * @throws {BoothError} `engineStarting` as long as the engine is a promise; not once a room is interpreted
   */
  usage(): AccountUsage {
    const { model, pricing } = this.#started();
    const day = today();
    if (this.#usage?.day === day) return structuredClone(this.#usage);
    return accountUsage({ day, rooms: new Map(), total: emptyTotals() }, model, pricing);
  }

  stats(): BoothStats {
    return {
      rooms: this.#rooms.size,
      running: this.#thread?.isRunning ?? false,
      starts: this.#thread?.starts ?? 0,
    };
  }

  /** Closes all rooms, the thread and the engine. Resolves when they are gone; an engine that is still a promise is closed when it is there. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.close()));
    await this.#thread?.close();
    const closeEngine = async ({ engine }: BoothSettings) => engine.close?.();
    if (this.#settings) await closeEngine(this.#settings);
    else this.#ready.then(closeEngine).catch(() => undefined);
  }

  #use(settings: BoothSettings): BoothSettings {
    this.#settings = settings;
    return settings;
  }

  #started(): BoothSettings {
    if (this.#settings) return this.#settings;
    const message = 'the engine is not there yet: ask when a room is interpreted, or "await" the engine first';
    throw new BoothError('engineStarting', message, { retryable: true });
  }

  #requireRouter(router: Router): void {
    if (this.#closing) throw closed();
    if (typeof router?.createDirectTransport !== 'function' || !router.observer)
      throw new BoothError('invalid', 'interpret(router): needs a Router of mediasoup');
    if (this.#routers.has(router))
      throw new BoothError(
        'alreadyInterpreted',
        'this router is interpreted already: keep the room that interpret() gave, or close it first',
      );
  }

  async #load({ log, thread: setup }: BoothSettings): Promise<Loaded> {
    const { openMedia, createRoom, createThread } = await load();
    const thread = createThread({
      setup,
      clock,
      onRunning: () => {
        log.info({ starts: thread.starts }, 'interpreter running');
        for (const room of this.#rooms.values()) room.attach();
      },
      onLost: (reason, retryInMs) => {
        log.error({ reason, retryInMs }, 'interpreter ended, restarting');
        for (const room of this.#rooms.values()) room.detach(reason, retryInMs);
      },
      onMessage: (message) => this.#receive(message, log),
    });
    this.#thread = thread;
    return { openMedia, createRoom, thread };
  }

  #open(
    router: Router,
    host: RoomHost,
    media: RouterMedia,
    languages: ReturnType<typeof roomLanguages>,
    settings: BoothSettings,
    { createRoom, thread }: Loaded,
  ): HostedRoom {
    const { model, pricing, log, room: setup } = settings;
    const id = ++this.#roomCount;
    const name = typeof host.name === 'string' && host.name ? host.name : router.id;
    const room = createRoom({
      id,
      router,
      media,
      host,
      setup: { ...setup, languages, name },
      served: servedLanguages(model, languages),
      languages: languagesIn(settings, languages),
      noUsage: (): RoomUsage => roomUsage({ room: name, day: today(), entries: [] }, model, pricing),
      thread,
      clock,
      log,
      onClosed: () => {
        this.#rooms.delete(id);
        this.#routers.delete(router);
      },
    });
    this.#rooms.set(id, room);
    room.setBudget(this.#budget);
    room.setEngineProblem(this.#engineProblem);
    if (thread.isRunning) room.attach();
    else thread.start();
    return room;
  }

  #receive(message: InterpreterThreadMessage, log: Logger): void {
    switch (message.type) {
      case 'log':
        log[message.level](message.fields, message.message);
        break;
      case 'budget':
        this.#budget = message.notice;
        for (const room of this.#rooms.values()) room.setBudget(message.notice);
        break;
      case 'engine':
        this.#engineProblem = message.problem;
        for (const room of this.#rooms.values()) room.setEngineProblem(message.problem);
        break;
      case 'running':
      case 'alive':
      case 'used':
        break;
      default:
        if (message.type === 'usage') this.#usage = message.account;
        this.#rooms.get(message.room)?.receive(message);
    }
  }
}

interface Loaded {
  openMedia(router: Router, onImpostor: () => void): Promise<RouterMedia>;
  createRoom(...args: ConstructorParameters<typeof HostedRoom>): HostedRoom;
  thread: InterpreterThread;
}

/**
 * Loads the host's half with turns of the event loop in between: Node loads each import with all that it imports in one turn, and an
 * application's server that starts to interpret has other things to do.
 */
async function load() {
  const { RouterMedia } = await import('./router-media.ts');
  await nextTurn();
  const { InterpreterThread } = await import('./interpreter-thread.ts');
  await nextTurn();
  await import('./room-people.ts');
  await nextTurn();
  const { HostedRoom } = await import('./hosted-room.ts');
  await nextTurn();
  return {
    openMedia: (router: Router, onImpostor: () => void) => RouterMedia.open(router, onImpostor),
    createRoom: (...args: ConstructorParameters<typeof HostedRoom>) => new HostedRoom(...args),
    createThread: (...args: ConstructorParameters<typeof InterpreterThread>) => new InterpreterThread(...args),
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const IMPOSTOR =
  'somebody has produced with an appData.booth, by which pages know the interpreter: it was removed. Where your server passes on the appData that a client has sent, take "booth" out of it';
const closed = (): BoothError => new BoothError('closed', 'this Booth was closed: make another');
const today = (): string => new Date().toISOString().slice(0, 10);
