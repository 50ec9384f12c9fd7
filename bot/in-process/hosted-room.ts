/**
 * One room of a host, in the host's thread: keeps who is there, tells the interpreter's thread, does what that asks of the router, and hands
 * people what they are offered. Owns the interpreter's transports on the router and all that is on them; closes with the router.
 */
import type {
  BudgetNotice,
  CaptionMessage,
  HeardLanguage,
  InterpreterStats,
  LanguagesResponse,
  RoomMessage,
  RoomUsage,
  StatusMessage,
  TrackSource,
} from '@mediasoup-booth/protocol';
import type { Producer, Router } from 'mediasoup/types';
import { CaptionHistory } from '../../captions/caption-history.ts';
import { type Logger, withFields } from '../../logging/logger.ts';
import { type Clock, within } from '../../time/clock.ts';
import { CaptionReaders } from './caption-readers.ts';
import { Deliveries, type DeliveryFailure } from './deliveries.ts';
import { InterpreterRequests } from './interpreter-requests.ts';
import { OfferedConsumers } from './offered-consumers.ts';
import { isOffered } from './offers.ts';
import { ProblemList } from './problem-list.ts';
import { RoomListeners } from './room-listeners.ts';
import type {
  InterpretedRoom,
  InterpretedRoomStats,
  Offered,
  PersonOptions,
  RoomEventMap,
  RoomHost,
} from './room-options.ts';
import { RoomPeople } from './room-people.ts';
import { problemsOf } from './room-problems.ts';
import type { InterpretedRoomState, RoomProblem } from './room-state.ts';
import type { RouterMedia } from './router-media.ts';
import type { ServedLanguages } from './served-languages.ts';
import { forPeople } from './status-for-people.ts';
import { type HostMessage, INTERPRETER_ID, type InterpreterThreadMessage, type RoomSetup } from './thread-messages.ts';
import { UndecodableSpeakers } from './undecodable-speakers.ts';

/** How long the last usage is waited for when a room closes. */
const LAST_USAGE_WITHIN_MS = 2000;
/** The sources of problems with single producers, by their ids. */
const RECEIVED = 'received ';
const DELIVERY = 'delivery ';
const UNDECODABLE = 'undecodable ';

export interface HostedRoomOptions {
  id: number;
  router: Router;
  media: RouterMedia;
  host: RoomHost;
  setup: Omit<RoomSetup, 'elapsedMs'>;
  served: ServedLanguages;
  languages: LanguagesResponse;
  /** Of a day of which nothing was reported. */
  noUsage(): RoomUsage;
  thread: { readonly isRunning: boolean; send(message: HostMessage): void };
  clock: Clock;
  log: Logger;
  /** The room is closed, and its last usage was counted. */
  onClosed(): void;
}

/** Said of every interpretation when its room closes. */
const ENDED = { state: 'unavailable', reason: 'ended', message: 'Interpretation has ended.' } as const;

/** The messages of the thread that are about one room. */
export type RoomThreadMessage = Extract<InterpreterThreadMessage, { room: number }>;

export class HostedRoom implements InterpretedRoom {
  readonly #options: HostedRoomOptions;
  readonly #log: Logger;
  readonly #openedMs: number;
  readonly #people: RoomPeople;
  readonly #problems: ProblemList;
  readonly #listeners: RoomListeners;
  readonly #consumers: OfferedConsumers;
  readonly #deliveries: Deliveries<Offered>;
  readonly #history = new CaptionHistory();
  /** Undefined where captions go over data channels. */
  readonly #captionReaders: CaptionReaders | undefined;
  /** What the thread that runs has asked for; undefined while none runs. */
  #requests: InterpreterRequests | undefined;
  #usage: RoomUsage | undefined;
  #stats: InterpreterStats | undefined;
  readonly #undecodable = new UndecodableSpeakers();
  #isScheduled = false;
  #hasIgnored = false;
  /** The last status of each interpretation, by speaker and language. */
  readonly #statuses = new Map<string, StatusMessage>();
  #closing: Promise<void> | undefined;
  readonly #lastUsage = Promise.withResolvers<void>();

  constructor(options: HostedRoomOptions) {
    const { router, media, served, clock, host, log, setup } = options;
    this.#options = options;
    this.#openedMs = clock.now();
    this.#log = withFields(log, { room: setup.name });
    this.#listeners = new RoomListeners((event, error) =>
      this.#log.error({ err: error, event }, 'listener of the room failed'),
    );
    this.#problems = new ProblemList({
      clock,
      onChanged: () => this.#listeners.emit('state', this.state),
      onNew: ({ code, message, ...whose }) => {
        // The interpreter itself has logged these.
        if (!isImpairment(code))
          this.#log.warn({ problem: code, ...whose, reason: message }, 'interpretation impaired');
      },
    });
    this.#people = new RoomPeople({
      served,
      isHere: (producer) => media.has(producer),
      onChanged: () => this.#schedule(),
    });
    this.#consumers = new OfferedConsumers(host);
    this.#deliveries = new Deliveries<Offered>(
      {
        offer: (person, it) => this.#consumers.offer(person, it),
        withdraw: (person, it) => this.#consumers.withdraw(person, it),
        onDelivered: (person, it) => this.#problems.set(deliveryOf(person, it), []),
        onFailed: (person, it, failure) => this.#deliveryFailed(person, it, failure),
      },
      clock,
    );
    this.#captionReaders =
      host.send &&
      new CaptionReaders({
        send: (person, message) => host.send?.(person, message),
        recent: () => this.#history.recent(),
        onFailed: (person, error) => this.#log.warn({ err: error, person }, 'send of the host failed'),
      });
    router.observer.once('close', this.#onRouterClosed);
  }

  get state(): InterpretedRoomState {
    if (this.#closing) return { state: 'closed', problems: [] };
    return { state: this.#requests ? 'on' : 'starting', problems: this.#problems.current };
  }

  person(id: string, options: PersonOptions = {}): void {
    if (this.#closing) this.#ignore('person');
    else this.#people.describe(id, options);
  }

  choose(id: string, choice: unknown): void {
    if (this.#closing) this.#ignore('choose');
    else this.#people.choose(id, choice);
  }

  microphone(id: string, producer: Producer): void {
    this.#add(id, producer, 'microphone');
  }

  screen(id: string, producer: Producer): void {
    this.#add(id, producer, 'screen');
  }

  camera(id: string, producer: Producer): void {
    this.#add(id, producer, 'camera');
  }

  leave(id: string): void {
    if (this.#closing || !this.#people.remove(id)) return;
    this.#deliveries.remove(id);
    this.#consumers.remove(id);
    this.#problems.retain((source) => !source.startsWith(`${DELIVERY}${JSON.stringify(id)} `));
    this.#problems.set(`${UNDECODABLE}${id}`, []);
    this.#problems.retain((source) => !source.startsWith(statusOf(id)));
    for (const source of [...this.#statuses.keys()]) if (source.startsWith(statusOf(id))) this.#statuses.delete(source);
  }

  on<E extends keyof RoomEventMap>(event: E, listener: (...args: RoomEventMap[E]) => unknown): this {
    this.#listeners.on(event, listener);
    this.#schedule();
    return this;
  }

  off<E extends keyof RoomEventMap>(event: E, listener: (...args: RoomEventMap[E]) => unknown): this {
    this.#listeners.off(event, listener);
    return this;
  }

  recent(language: HeardLanguage): Readonly<RoomMessage>[] {
    const fits = ({ kind, language: of }: CaptionMessage) =>
      language === 'original' ? kind === 'original' : of === language;
    return this.#history.recent().filter(fits);
  }

  languages(): LanguagesResponse {
    return structuredClone(this.#options.languages);
  }

  usage(): RoomUsage {
    const none = this.#options.noUsage();
    return structuredClone(this.#usage?.day === none.day ? this.#usage : none);
  }

  stats(): InterpretedRoomStats {
    return { interpreter: structuredClone(this.#stats), people: this.#people.all.length };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A thread runs, which knows nothing of this room. */
  attach(): void {
    if (this.#closing) return;
    const { id, setup, thread, media, clock } = this.#options;
    this.#requests?.close();
    this.#requests = new InterpreterRequests({
      media,
      producer: (producerId) => this.#people.producer(producerId),
      send: (message) => thread.send(message),
      onPublished: () => this.#schedule(),
      onReceived: (producerId, error) => this.#received(producerId, error),
    });
    thread.send({ type: 'open', room: id, setup: { ...setup, elapsedMs: clock.now() - this.#openedMs } });
    this.#problems.set('thread', []);
    this.#listeners.emit('state', this.state);
    this.#schedule();
  }

  /** The thread has ended: what it published is closed. */
  detach(reason: string, retryInMs: number): void {
    this.#requests?.close();
    this.#requests = undefined;
    this.#lastUsage.resolve();
    if (this.#closing) return;
    this.#history.sourceClosed(INTERPRETER_ID);
    this.#problems.retain((source) => !source.startsWith('status '));
    const message = `The interpreter has stopped (${reason}). It starts again by itself, in ${Math.ceil(retryInMs / 1000)} s.`;
    this.#problems.set('thread', [{ code: 'restarting', message }]);
  }

  setBudget(notice: BudgetNotice | undefined): void {
    const raise = 'It is raised by the option budget of new Booth().';
    this.#problems.set('budget', notice ? [{ code: 'budget', message: `${notice.message} ${raise}` }] : []);
  }

  setEngineProblem(message: string | undefined): void {
    this.#problems.set('engine', message === undefined ? [] : [{ code: 'engine', message }]);
  }

  receive(message: RoomThreadMessage): void {
    switch (message.type) {
      case 'ask':
        this.#requests?.handle(message);
        break;
      case 'end':
        this.#requests?.end(message.id);
        break;
      case 'requestKeyFrame':
        this.#requests?.requestKeyFrame(message.stream);
        break;
      case 'text':
        this.#receiveText(message.output, message.text);
        break;
      case 'suggestion':
        this.#emit('suggestion', { person: message.person, speaks: message.speaks });
        break;
      case 'tooQuiet':
        this.#emit('tooQuiet', { person: message.person, isTooQuiet: message.isTooQuiet });
        break;
      case 'usage':
        this.#usage = message.usage;
        this.#listeners.emit('usage', this.usage());
        break;
      case 'stats':
        this.#receiveStats(message.stats);
        break;
      case 'closed':
        this.#lastUsage.resolve();
        break;
      default:
        message satisfies never;
    }
  }

  readonly #onRouterClosed = (): void => {
    const people = this.#people.all.length;
    if (people > 0)
      this.#log.warn({ people }, 'router closed while people are there, they are not interpreted any more');
    void this.close();
  };

  async #close(): Promise<void> {
    const { id, router, media, thread, clock, onClosed } = this.#options;
    router.observer.off('close', this.#onRouterClosed);
    this.#tellEnd();
    this.#deliveries.close();
    this.#people.close();
    this.#problems.close();
    const isRunning = this.#requests !== undefined;
    thread.send({ type: 'close', room: id });
    this.#requests?.close();
    this.#requests = undefined;
    media.close();
    if (isRunning) await within(clock, LAST_USAGE_WITHIN_MS, this.#lastUsage.promise);
    onClosed();
    this.#listeners.emit('state', this.state);
    this.#listeners.emit('closed');
  }

  /** Tells those who read or hear a translation, as far as messages still reach them, that there is none any more. */
  #tellEnd(): void {
    for (const status of this.#statuses.values()) {
      const end: RoomMessage = frozen({ ...status, seq: status.seq + 1, ...ENDED });
      this.#captionReaders?.push(this.#people.all, end);
      this.#listeners.emit('message', end);
    }
    this.#statuses.clear();
  }

  #add(id: string, producer: Producer, source: TrackSource): void {
    if (this.#closing) this.#ignore(source);
    else this.#people.add(id, producer, source);
  }

  /** A call came too late. It is logged once, as it may be a sign that the host holds on to a room that is none any more. */
  #ignore(call: string): void {
    if (this.#hasIgnored) return;
    this.#hasIgnored = true;
    this.#log.warn({ call }, 'the room is closed: this and further calls have no effect');
  }

  /** Several changes in one turn of the event loop are told at once. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#closing) this.#reconcile();
    });
  }

  #reconcile(): void {
    const { id, thread, served, host } = this.#options;
    if (this.#requests) thread.send({ type: 'participants', room: id, participants: this.#people.participants });
    this.#problems.retain(
      (source) => !source.startsWith(RECEIVED) || this.#people.producer(source.slice(RECEIVED.length)) !== undefined,
    );
    const hasOffer = host.offer !== undefined;
    const hasMessages = hasOffer || host.send !== undefined || this.#listeners.has('message');
    this.#problems.set('people', problemsOf(this.#people.withMicrophones, served, { hasOffer, hasMessages }));
    this.#captionReaders?.reconcile(this.#people.all);
    const published = (this.#requests?.published ?? []).filter(
      ({ appData }) => !this.#captionReaders || appData.booth.role === 'channel',
    );
    const offered = new Set<string>();
    for (const person of this.#people.all) {
      const theirs = published.filter(({ appData }) => isOffered(person, appData.booth));
      for (const it of theirs) offered.add(deliveryOf(person.id, it));
      this.#deliveries.reconcile(person.id, theirs);
    }
    this.#problems.retain((source) => !source.startsWith(DELIVERY) || offered.has(source));
  }

  #receiveText(output: number, text: string): void {
    if (this.#closing) return;
    const message = frozen(JSON.parse(text) as RoomMessage);
    const told = frozen(forPeople(message));
    this.#requests?.sendText(output, told === message ? text : JSON.stringify(told));
    this.#captionReaders?.push(this.#people.all, told);
    this.#history.add({ id: INTERPRETER_ID, language: message.language }, message, text.length);
    if (message.type === 'status') this.#receiveStatus(message);
    this.#listeners.emit('message', told);
  }

  #receiveStatus(status: StatusMessage): void {
    const { speaker, language, state, message } = status;
    if (!this.#people.get(speaker.id)) return;
    this.#statuses.set(statusOf(speaker.id, language), status);
    const code = impairments.find((one) => one === state);
    const reason = message ?? 'The translation service does not answer at present. Booth tries again by itself.';
    const problems: RoomProblem[] = code ? [{ code, person: speaker.id, language, message: reason }] : [];
    this.#problems.set(statusOf(speaker.id, language), problems);
  }

  #receiveStats(stats: InterpreterStats): void {
    this.#stats = stats;
    const undecodable = [...this.#undecodable.push(stats.speakers)].filter((speaker) => this.#people.get(speaker));
    this.#problems.retain(
      (source) => !source.startsWith(UNDECODABLE) || undecodable.includes(source.slice(UNDECODABLE.length)),
    );
    for (const person of undecodable) {
      const name = this.#people.get(person)?.name ?? person;
      const message = `What the microphone of ${name} sends is no sound that can be decoded. End-to-end encryption (SFrame, encoded transforms) does that: it has to be off for whom is to be interpreted.`;
      this.#problems.set(`${UNDECODABLE}${person}`, [{ code: 'undecodable', person, message }]);
    }
  }

  #received(producerId: string, error: unknown): void {
    const person = this.#people.ownerOf(producerId);
    const reason = error instanceof Error ? error.message : String(error);
    const message = `What ${person?.name ?? 'somebody'} produces cannot be received (${reason}). Booth tries again by itself.`;
    const problem: RoomProblem = { code: 'notReceived', message, ...(person && { person: person.id }) };
    this.#problems.set(`${RECEIVED}${producerId}`, error === undefined || !person ? [] : [problem]);
  }

  #deliveryFailed(person: string, it: Offered, { call, error, failures }: DeliveryFailure): void {
    const { role, language } = it.appData.booth;
    if (failures === 1)
      this.#log.warn({ err: error, call, person, role, language }, 'offer or withdraw of the host failed');
    // Who still has what they do not want lacks nothing.
    if (call === 'withdraw') return;
    const reason = error instanceof Error ? error.message : String(error);
    const what = role === 'channel' ? 'The audio channel' : 'The captions';
    const remedy = /sctp/i.test(reason)
      ? 'Their transport needs { enableSctp: true }; without data channels, pass the method send: interpret(router, { send }).'
      : 'It is offered again by itself, within half a minute.';
    const message = `${what} in ${language} could not be given to ${this.#people.get(person)?.name ?? person} (${reason}). ${remedy}`;
    this.#problems.set(deliveryOf(person, it), [{ code: 'notDelivered', person, language, message }]);
  }

  #emit<E extends 'suggestion' | 'tooQuiet'>(event: E, ...args: RoomEventMap[E]): void {
    if (!this.#closing) this.#listeners.emit(event, ...args);
  }
}

/** All listeners, everybody's `send` and the history share one message, so that none of them may change it. */
function frozen<M extends RoomMessage>(message: M): M {
  Object.freeze(message.speaker);
  return Object.freeze(message);
}

/** The source of problems with handing something to somebody. */
function deliveryOf(person: string, { appData: { booth } }: Offered): string {
  const { role, language, speaker = '' } = booth;
  return `${DELIVERY}${JSON.stringify(person)} ${JSON.stringify([role, language, speaker])}`;
}

/** The source of problems with the interpretation of somebody into a language; without one, how those of all their languages begin. */
const statusOf = (speaker: string, language = ''): string => `status ${JSON.stringify(speaker)} ${language}`;

const impairments = ['waiting', 'reconnecting', 'overBudget', 'unavailable'] as const;
const isImpairment = (code: RoomProblem['code']): boolean => impairments.some((one) => one === code);
