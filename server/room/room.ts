/**
 * One room: its participants, and the notifications that they get of each other. It owns its router, its participants, its interpreter
 * and its captions; closing it closes them, once, in any state.
 */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  ApiError,
  type BudgetNotice,
  CloseCode,
  type EngineView,
  holds,
  type JoinReply,
  type LanguageCode,
  type Preferences,
  type RoomArrival,
  type RoomSettingsChange,
  type RoomView,
  type WaitingView,
} from '@mediasoup-booth/protocol';
import type { DirectTransport } from 'mediasoup/types';
import type { Logger } from 'pino';
import { type Clock, sleep } from '../../time/clock.ts';
import { isHost, permittedPreferences, requireConsent, requireHost, requireRemovable } from '../auth/permissions.ts';
import type { Credential } from '../auth/revocation-list.ts';
import { REVOKED_MESSAGE } from '../auth/token-service.ts';
import { limits } from '../limits.ts';
import type { MediaWorkers } from '../media/media-workers.ts';
import { mediaCall } from '../media/resource-registry.ts';
import { RoomRouters, type RoomRoutersOptions } from '../media/room-routers.ts';
import type { ServerEvents } from '../server-events.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { Recording } from '../transcript/recording.ts';
import { ChangeLimiter } from './change-limiter.ts';
import { KnownSpeakers } from './known-speakers.ts';
import { MovePreparation } from './move-preparation.ts';
import { choices } from './on-demand.ts';
import { Participant, type ParticipantConnection, type Profile } from './participant.ts';
import { ParticipantRegistry } from './participant-registry.ts';
import { RoomCaptions } from './room-captions.ts';
import { RoomInterpreter, type RoomInterpreterDeps } from './room-interpreter.ts';
import { fitting } from './room-languages.ts';
import type { RoomRules, Rules } from './room-rules.ts';
import { RoomServerEvents } from './room-server-events.ts';
import { untilSilence } from './room-silence.ts';
import { RoomTracks } from './room-tracks.ts';
import { SpeechPause } from './speech-pause.ts';
import { WaitingRoom } from './waiting-room.ts';

const WORKER_DIED = 'this room was lost because its media worker ended unexpectedly: join again';
const RECEIVING_LOST = 'what carried this meeting to you has ended unexpectedly: join again';
/** Readers come and go in crowds: hosts are told of their number once in this time. */
const READERS_NOTICE_MS = 1000;
/** A room that was opened ahead of its move closes when nobody has come for longer than a move takes. */
const AHEAD_MS = 90_000;
const SERVER_CLOSES = 'the server is closing';
/** Less than a connection may take to join. */
const HANDOVER_WAIT_MS = 7000;
const HANDOVER_LOOK_MS = 50;

export interface RoomSettings {
  engine: EngineView;
  transcriptHours: number;
  clock: Clock;
  /** Languages into which the room is interpreted at most. */
  maxLanguages: number;
  /** A room that everyone has left closes after this many milliseconds. */
  emptyMs: number;
  /** A room that nobody has entered yet closes after this many milliseconds. */
  unvisitedMs: number;
  /** Where listeners may receive from, beside the room's origin, and from when on. */
  media: Pick<RoomRoutersOptions, 'carriers' | 'consumersPerRouter'>;
  interpreter: Omit<RoomInterpreterDeps, 'changed' | 'stateChanged' | 'failedToStop'>;
  /** The budget notice for an interpreter; without one, for the account. */
  budgetNotice(interpreter?: string): BudgetNotice | undefined;
  /** The settings that hosts have changed. */
  rules: RoomRules;
  /**
   * The room is another server's still, and is about to move to this one. It keeps and shows nothing of the meeting before it has
   * arrived: until then that is up to the other server.
   */
  isAhead: boolean;
  /** Starts the recording of a meeting whose room has been open for so long; undefined: this server keeps no transcripts. */
  record(clockMs: number): Promise<Recording | undefined>;
  /** Other applications are told of what happens in the room. */
  events: Pick<ServerEvents, 'emit'>;
  log: Logger;
  /** Called once, when the room has begun to close. */
  closed(room: Room): void;
}

export class Room {
  readonly name: string;
  /** Tells this room from an earlier one of the same name. */
  readonly instanceId = randomBytes(6).toString('hex');
  readonly interpreter: RoomInterpreter;
  readonly captions: RoomCaptions;
  readonly tracks: RoomTracks;
  /** People wait here until a host admits them. */
  readonly waiting: WaitingRoom;
  readonly #settings: RoomSettings;
  readonly #media: RoomRouters;
  readonly #events: RoomServerEvents;
  readonly #registry = new ParticipantRegistry();
  /** Limits how often a person is notified that they seem to speak another language. */
  readonly #suggestions = new WeakMap<Participant, TokenBucket>();
  /** Limits how often people are notified that somebody is too quiet. */
  readonly #volumeNotices = new WeakMap<Participant, TokenBucket>();
  /** Who is too quiet, as far as they were notified. */
  readonly #tooQuiet = new WeakSet<Participant>();
  readonly #changes: ChangeLimiter;
  readonly #speakers = new KnownSpeakers();
  readonly #pause = new SpeechPause();
  readonly #move: MovePreparation;
  readonly #openedMs: number;
  /** The room as everyone was told of it last, as JSON. */
  #announcedView = '';
  /** Prevents that a room which nobody is in closes. */
  #cancelClosing: (() => void) | undefined;
  /** How many readers the hosts were told of last. */
  #toldReaders = 0;
  #cancelReaderNotice: (() => void) | undefined;
  #arriving: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #isOver = false;

  static async open(name: string, workers: Pick<MediaWorkers, 'createRouter'>, settings: RoomSettings): Promise<Room> {
    const recording = settings.isAhead ? undefined : await settings.record(0);
    try {
      const media = new RoomRouters(await workers.createRouter(), { ...settings.media, ...settings });
      const relay = await mediaCall(() => media.origin.router.createDirectTransport());
      const room = new Room(name, media, relay, settings);
      room.#record(recording);
      return room;
    } catch (error) {
      void recording?.interrupt();
      throw error;
    }
  }

  private constructor(name: string, media: RoomRouters, relay: DirectTransport, settings: RoomSettings) {
    this.name = name;
    this.#media = media;
    this.#settings = settings;
    this.#openedMs = settings.clock.now();
    settings.log.debug('room opened');
    settings.rules.opened(name);
    this.captions = new RoomCaptions({
      ...settings,
      room: name,
      relay,
      copies: media.copies,
      isKnown: (speaker) => this.#speakers.has(speaker),
    });
    this.captions.onMessage(({ message }) => this.#pause.push(message, settings.clock.now()));
    this.#events = new RoomServerEvents({ events: settings.events, room: name, instance: this.instanceId });
    this.captions.onRecorded((interpreter, caption) => this.#events.caption(interpreter, caption));
    this.#move = new MovePreparation(this.#registry, settings.clock);
    this.#changes = new ChangeLimiter(() => settings.clock.now());
    this.tracks = new RoomTracks(this.#registry, this.captions, this.#changes);
    this.waiting = new WaitingRoom({
      room: name,
      rules: settings.rules,
      clock: settings.clock,
      changed: (waiting) => this.#notifyHosts(waiting),
    });
    this.interpreter = new RoomInterpreter({
      ...settings.interpreter,
      changed: () => this.#announceView(),
      stateChanged: (view) => this.#events.interpreterState(view),
      failedToStop: (error) =>
        settings.log.error({ err: error, interpreter: this.interpreter.view?.id }, 'interpreter could not be stopped'),
    });
    this.#cancelClosing = this.#closeAfter(settings.isAhead ? AHEAD_MS : settings.unvisitedMs);
    if (!settings.isAhead) this.#events.started([], undefined);
    const { router, workerEnded } = media.origin;
    router.on('workerclose', async () => this.close((await workerEnded) === 'died' ? WORKER_DIED : SERVER_CLOSES));
  }

  get view(): RoomView {
    const { engine, transcriptHours } = this.#settings;
    const { waitingRoom, transcript } = this.#rules;
    return {
      name: this.name,
      interpretation: this.interpreter.interpretation,
      engine,
      transcriptHours: transcript ? transcriptHours : 0,
      transcript: transcriptHours === 0 ? 'never' : transcript ? 'on' : 'off',
      ...(this.captions.isRecordingFailing && { transcriptFailing: true }),
      waitingRoom,
    };
  }

  get #rules(): Rules {
    return this.#settings.rules.of(this.name);
  }

  /** Milliseconds since the room was opened. */
  get clock(): number {
    return Math.round(this.#settings.clock.now() - this.#openedMs);
  }

  get participantCount(): number {
    return this.#registry.size;
  }

  /** How many read captions over HTTP. */
  get readerCount(): number {
    return this.#registry.readers;
  }

  /** How many tracks and caption channels are brought to other routers than that of the room's origin. */
  get pipeCount(): number {
    return this.#media.pipes;
  }

  /** The interpreters among the participants. */
  get interpreterCount(): number {
    return this.#registry.all.filter(({ kind }) => kind === 'interpreter').length;
  }

  /**
   * Adds a participant; one with the same id leaves first, and the others are notified of both. The caller sends the reply to the
   * newcomer and then calls {@link presenceChanged}, so that no notification comes before the reply. Languages which they may not receive
   * are taken out of what they have chosen; those for which the room has no place too, and of these the reply says why.
   *
   * @throws {ApiError} where the room is full, or closing
   *
   * @example
   * const { participant, reply } = room.join(profile, connection);
   * connection.send(reply);
   * room.presenceChanged(participant);
   */
  join(wanted: Profile, peer: ParticipantConnection): { participant: Participant; reply: JoinReply } {
    if (this.#closing) throw new ApiError('unavailable', 'this room has just closed: join again');
    // One with a lower fencing token takes nobody's place.
    if (wanted.credential.launched) this.interpreter.requireFence(wanted.id, wanted.fence);
    const { profile, refusal } = this.#fitting(wanted);
    const before = this.#registry.get(profile.id);
    if (before) this.#remove(before, CloseCode.replaced, 'the same identity has joined again, from elsewhere');
    if (profile.reader && this.#registry.readers >= limits.captionReadersPerRoom)
      throw new ApiError(
        'tooMany',
        `${limits.captionReadersPerRoom} read captions of this room, which is as many as may`,
      );
    if (!profile.reader) this.#requirePlace(profile);
    const participant: Participant = new Participant(profile, {
      media: this.#media,
      peer,
      events: {
        producerClosed: (producerId) => this.#registry.announceTrack(participant, 'producer.closed', { producerId }),
        dataProducerClosed: (dataProducerId) =>
          this.#registry.announceTrack(participant, 'dataProducer.closed', { dataProducerId }),
        receivingLost: () => this.#receivingLost(participant),
      },
      joinedAtMessage: this.captions.lastNumber,
    });
    const reply = { ...this.#joinReply(participant), ...refusal };
    this.#registry.add(participant);
    this.#speakers.add(participant);
    if (wanted.credential.launched) this.interpreter.joined(wanted.id, wanted.fence);
    this.#settings.log.debug({ participant: profile.id, kind: participant.kind }, 'participant joined');
    this.#registry.announce('participant.joined', { participant: participant.view }, participant);
    this.#events.joined(participant);
    return { participant, reply };
  }

  /**
   * Resolves when a newcomer may join: where an interpreter takes over from another that is being stopped, at a pause in what is said, or
   * after 7 s.
   */
  async handoverPause({ id, credential }: Profile): Promise<void> {
    const { clock } = this.#settings;
    const untilMs = clock.now() + HANDOVER_WAIT_MS;
    const waits = () =>
      !this.#closing &&
      credential.launched &&
      this.interpreter.isHandingOver &&
      this.#registry.get(id) !== undefined &&
      !this.#pause.isPause(clock.now());
    while (waits() && clock.now() < untilMs) await sleep(clock, HANDOVER_LOOK_MS);
  }

  /** Whether what an interpreter publishes may be heard. @throws {ApiError} where another run of it has taken over */
  requireCurrent({ id, fence, credential }: Participant): void {
    if (credential.launched) this.interpreter.requireFence(id, fence);
  }

  /** Applies what a newcomer changes for the room: it stays open, and demand may launch an interpreter. */
  presenceChanged(participant: Participant): void {
    if (!this.#registry.has(participant)) return;
    this.#move.joined(participant);
    this.#presenceChanged();
  }

  leave(participant: Participant): void {
    if (!this.#registry.has(participant)) return;
    this.#remove(participant, 1000, 'bye');
    this.#presenceChanged();
  }

  /** Changes preferences, as far as they are permitted, and tells everyone; nobody, where nothing changes. @throws {ApiError} where they change too often */
  update(participant: Participant, changes: Partial<Preferences>): void {
    const preferences = permittedPreferences({ ...participant.preferences, ...changes }, participant);
    if (isDeepStrictEqual(preferences, participant.preferences)) return;
    this.requireLanguages(preferences, participant);
    this.#changes.take(participant);
    participant.preferences = preferences;
    this.tracks.withhold(participant);
    this.#registry.announce('participant.updated', { participantId: participant.id, preferences }, participant);
    this.#demandChanged();
  }

  /** @param chooser whose earlier choice does not count. @throws {ApiError} where the room is interpreted into too many languages already */
  requireLanguages(choice: Pick<Preferences, 'hears' | 'reads'>, chooser?: Participant): void {
    const { error } = fitting(choice, this.#choicesBut(chooser?.id), this.#settings.maxLanguages);
    if (error) throw error;
  }

  /** Notifies everyone of the budget that concerns them: it is nearly used up, exceeded, or has room again. */
  budgetChanged(): void {
    for (const participant of this.#registry.all)
      participant.peer.notify('budget.changed', { budget: this.#budgetFor(participant) ?? null });
  }

  /** Removes a person at a host's request. @throws {ApiError} where the host may not */
  removeParticipant(host: Participant, participantId: string): void {
    requireHost(host);
    const participant = this.#registry.seen(participantId, host);
    requireRemovable(host, participant);
    this.#settings.rules.removeAdmitted(this.name, participant.identity);
    this.#move.removed(participant.identity);
    this.removeIdentity(participant.identity);
  }

  /** Removes somebody whom a host has removed, here or at the server from which the room has moved; they may also read captions over HTTP. */
  removeIdentity(identity: string): void {
    for (const theirs of this.#registry.all)
      if (theirs.identity === identity)
        this.#remove(theirs, CloseCode.removed, 'the host has removed you from this room');
    this.#presenceChanged();
  }

  /** As hosts have left it, for the server to which it moves: what servers share, and what its people bring with them, is not in it. */
  get arrival(): RoomArrival {
    const { removedIdentities: removed } = this.#move;
    return { removed, muted: this.tracks.mutedByHost, interpreter: this.interpreter.settings };
  }

  /** A person is in the room, and it is not closing. */
  get isVisited(): boolean {
    return !this.#closing && this.#registry.all.some(({ kind }) => kind === 'person');
  }

  /** The meeting has ended with the room. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Changes the room's settings and notifies everyone. In force at once; resolves when the change is on the disk. */
  async change(change: RoomSettingsChange): Promise<void> {
    const before = this.#rules;
    const saved = this.#settings.rules.change(this.name, change);
    const { waitingRoom, transcript } = this.#rules;
    if (waitingRoom && !before.waitingRoom)
      this.#settings.rules.admit(this.name, ...this.#registry.all.map(({ identity }) => identity));
    if (!waitingRoom) this.waiting.admitAll();
    if (transcript !== before.transcript) this.captions.setRecording(transcript, this.clock);
    this.#announceView();
    await saved;
  }

  /** The transcript up to now was deleted: nobody who joins later is sent captions from it. */
  transcriptDeleted(): void {
    this.captions.transcriptDeleted(this.clock);
    this.#registry.announce('transcript.deleted', {});
  }

  /** Removes everyone whose token, or anything that it was issued from, is revoked. */
  removeRevoked(isRevoked: (credential: Credential) => boolean): void {
    this.waiting.removeRevoked(isRevoked);
    const removed = this.#registry.all.filter(({ credential }) => isRevoked(credential));
    for (const participant of removed) this.#remove(participant, CloseCode.revoked, REVOKED_MESSAGE);
    if (removed.length > 0) this.#presenceChanged();
  }

  /**
   * Notifies a person, and nobody else, that they seem to speak another language than they have said.
   *
   * @throws {ApiError} where they do not want to be interpreted, or were notified just now
   */
  suggest(interpreter: Participant, participantId: string, speaks: LanguageCode): void {
    const person = this.#registry.seen(participantId, interpreter);
    requireConsent(person, 'audio', interpreter);
    if (person.preferences.speaks === speaks) return;
    const nowMs = this.#settings.clock.now();
    const bucket = this.#suggestions.get(person) ?? new TokenBucket(limits.suggestions, nowMs);
    this.#suggestions.set(person, bucket);
    if (!bucket.take(nowMs)) throw new ApiError('tooMany', `${participantId} was told of other languages just now`);
    person.peer.notify('participant.suggested', { speaks });
  }

  /**
   * Notifies a person, and the hosts, that the person is too quiet to be understood well, or no longer is. It may be called again for who
   * still is: hosts who came later learn of it.
   *
   * @throws {ApiError} where they do not want to be interpreted, or were notified just now
   */
  setTooQuiet(interpreter: Participant, participantId: string, isTooQuiet: boolean): void {
    const person = this.#registry.seen(participantId, interpreter);
    requireConsent(person, 'audio', interpreter);
    if (!isTooQuiet && !this.#tooQuiet.has(person)) return;
    const nowMs = this.#settings.clock.now();
    const bucket = this.#volumeNotices.get(person) ?? new TokenBucket(limits.volumeNotices, nowMs);
    this.#volumeNotices.set(person, bucket);
    if (!bucket.take(nowMs)) throw new ApiError('tooMany', `${participantId} was told how loud they are just now`);
    if (isTooQuiet) this.#tooQuiet.add(person);
    else this.#tooQuiet.delete(person);
    for (const participant of this.#registry.all)
      if (participant === person || isHost(participant))
        participant.peer.notify('participant.tooQuiet', { participantId, isTooQuiet });
  }

  /** Resolves when the room, which was opened ahead of its move, is all that it was at the other server; undefined: it has not moved here. */
  get arriving(): Promise<void> | undefined {
    return this.#arriving;
  }

  /** The room, which was opened ahead of its move, has moved here: it goes on in the transcript, and by the rules that hold now. Once. */
  arrive(): Promise<void> {
    this.#arriving ??= this.#arrive().catch((error: unknown) => {
      this.#settings.log.error({ err: error }, 'room could not go on in its transcript');
    });
    return this.#arriving;
  }

  /** The room has moved here as hosts have left it at the other server. */
  async adopt({ removed, muted, interpreter }: RoomArrival): Promise<void> {
    await this.arrive();
    for (const identity of removed) this.removeIdentity(identity);
    await this.tracks.keepMuted(muted);
    await this.interpreter.adopt(interpreter);
  }

  async #arrive(): Promise<void> {
    const recording = await this.#settings.record(this.clock);
    if (this.#closing) void recording?.interrupt();
    else this.#record(recording);
    if (!this.#closing) this.#events.started(this.#registry.all, this.interpreter.view);
    this.#announceView();
  }

  #record(recording: Recording | undefined): void {
    if (!recording) return;
    this.captions.recordTo(recording);
    this.captions.setRecording(this.#rules.transcript, 0);
    recording.onFailing(() => this.#announceView());
  }

  /** Has people connect to the server to which the room moves; resolves when they are, after `limitMs` at the latest. */
  async prepareMove(server: string, limitMs: number): Promise<void> {
    await this.#move.prepare(server, { limitMs, isClosing: () => this.#closing !== undefined });
    const { participantCount: people } = this;
    this.#settings.log.info({ server, people, unready: this.#move.unready }, 'room is about to move');
  }

  /** The room is the other server's now: clients that are connected there go on there, as this one closes. */
  announceMoved(): void {
    for (const { peer } of this.#registry.all) peer.notify('room.moved', {});
  }

  /** The client of the participant is connected to the server to which the room moves. */
  readyToMove(participant: Participant): void {
    this.#move.connected(participant);
  }

  /** Resolves when nobody speaks, so that the room can move between two sentences; after `limitMs` at the latest. */
  async untilPause(limitMs: number): Promise<void> {
    if (this.#closing) return;
    const audio = () =>
      this.#registry.all.flatMap(({ producers }) => producers.all).filter(({ kind }) => kind === 'audio');
    const isPause = await untilSilence({
      router: this.#media.origin.router,
      audio,
      captions: this.#registry.all.some(({ kind }) => kind === 'interpreter')
        ? {
            isOpen: () => this.captions.recent().some(({ final }) => !final),
            onCaption: (listener) =>
              this.captions.onMessage(({ message }) => message.type === 'caption' && listener(message.final)),
          }
        : undefined,
      clock: this.#settings.clock,
      limitMs,
    });
    if (!isPause) this.#settings.log.warn('room moves while somebody speaks');
  }

  /**
   * Closes everything that the room owns, once; resolves when its interpreter has ended.
   *
   * @param over true: the meeting ends with the room; false: it continues, with its transcript, when somebody comes back
   */
  close(reason: string, { over = false } = {}): Promise<void> {
    this.#closing ??= this.#close(reason, over);
    return this.#closing;
  }

  async #close(reason: string, over: boolean): Promise<void> {
    this.#isOver = over;
    this.#cancelClosing?.();
    this.#cancelReaderNotice?.();
    this.#settings.log.debug({ reason }, 'room closed');
    const interpreterEnded = (async () => this.interpreter.close())();
    const participants = this.#registry.all;
    this.#registry.clear();
    const steps = [
      () => this.captions.close(over),
      () => this.#settings.closed(this),
      () => this.waiting.close(reason),
      ...participants.flatMap((participant) => [
        () => participant.close(),
        () => participant.peer.close(CloseCode.goingAway, reason),
      ]),
      () => this.#media.close(),
      ...participants.map((participant) => () => this.interpreter.left(participant.id)),
      () => this.#events.ended(participants, { durationMs: this.clock, reason, meetingOver: over }),
    ];
    for (const step of steps) this.#attempt(step);
    await interpreterEnded;
  }

  /** A step of closing that fails keeps none of the others from being taken. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#settings.log.error({ err: error }, 'room could not be closed in order');
    }
  }

  /** Whoever received from what has failed joins again, and receives from elsewhere. */
  #receivingLost(participant: Participant): void {
    if (this.#closing || !this.#registry.has(participant)) return;
    this.#remove(participant, CloseCode.goingAway, RECEIVING_LOST);
    this.#presenceChanged();
  }

  #remove(participant: Participant, code: number, reason: string): void {
    this.#registry.delete(participant);
    participant.close();
    participant.peer.close(code, reason);
    this.#settings.log.debug({ participant: participant.id, code }, 'participant left');
    this.#registry.announce('participant.left', { participantId: participant.id }, participant);
    this.#events.left(participant, code);
    this.interpreter.setUnreadable(participant.id, []);
    if (!participant.credential.launched) return;
    this.#pause.clear();
    this.interpreter.left(participant.id);
  }

  /** @throws {ApiError} where the room is full: those who are hidden take no place of the others */
  #requirePlace({ hidden }: Profile): void {
    const { shown, hidden: unseen } = this.#registry.audience;
    const [there, most] = hidden ? [unseen, limits.hiddenPerRoom] : [shown, limits.participantsPerRoom];
    if (there >= most)
      throw new ApiError('tooMany', `the room is full: it holds ${most}${hidden ? ' who are hidden' : ''}`);
  }

  #fitting(asked: Profile): { profile: Profile; refusal?: Pick<JoinReply, 'refusal'> } {
    const wanted = { ...asked, preferences: permittedPreferences(asked.preferences, asked) };
    const { choice, error } = fitting(wanted.preferences, this.#choicesBut(wanted.id), this.#settings.maxLanguages);
    if (!error) return { profile: wanted };
    const { code, message } = error;
    return { profile: { ...wanted, preferences: choice }, refusal: { refusal: { code, message } } };
  }

  /** What the people in the room have chosen, but for one of them. */
  #choicesBut(id: string | undefined): Preferences[] {
    return this.#registry.all
      .filter((participant) => participant.kind === 'person' && participant.id !== id)
      .map(({ preferences }) => preferences);
  }

  /** The interpreter's own budget; for a person, that of the interpreter which the server has launched. */
  #budgetFor({ id, kind }: Participant): BudgetNotice | undefined {
    return this.#settings.budgetNotice(kind === 'interpreter' ? id : this.interpreter.view?.id);
  }

  #joinReply(you: Participant): JoinReply {
    const budget = this.#budgetFor(you);
    return {
      room: this.view,
      you: you.view,
      participants: this.#registry.seenBy(you).map(({ view }) => view),
      clock: this.clock,
      // The same JSON, of which mediasoup-client's types know one header extension less.
      rtpCapabilities: this.#media.origin.router.rtpCapabilities as JoinReply['rtpCapabilities'],
      captions: holds(you.grants, 'captions') ? this.captions.recent() : [],
      ...(isHost(you) && { waiting: this.waiting.views, readers: this.readerCount }),
      ...(budget && { budget }),
    };
  }

  #presenceChanged(): void {
    const people = this.#registry.all.some(({ kind }) => kind === 'person');
    if (people) {
      this.#cancelClosing?.();
      this.#cancelClosing = undefined;
    } else {
      this.#cancelClosing ??= this.#closeAfter(this.#settings.emptyMs);
    }
    this.#notifyHostsOfReaders();
    this.#demandChanged();
  }

  #closeAfter(ms: number): () => void {
    return this.#settings.clock.after(ms, () => void this.close('everyone has left the room', { over: true }));
  }

  #demandChanged(): void {
    const participants = this.#registry.all;
    this.interpreter.demandChanged({
      choices: choices(participants.map(({ id, kind, preferences }) => ({ id, kind, ...preferences }))),
      present: participants.some(({ kind }) => kind === 'interpreter'),
    });
  }

  /** Notifies hosts of how many read, at most once in a second. */
  #notifyHostsOfReaders(): void {
    if (this.#cancelReaderNotice || this.#toldReaders === this.readerCount) return;
    this.#cancelReaderNotice = this.#settings.clock.after(READERS_NOTICE_MS, () => {
      this.#cancelReaderNotice = undefined;
      this.#toldReaders = this.readerCount;
      for (const participant of this.#registry.all)
        if (isHost(participant)) participant.peer.notify('readers.updated', { readers: this.#toldReaders });
    });
  }

  #announceView(): void {
    const { view } = this;
    const json = JSON.stringify(view);
    if (json === this.#announcedView) return;
    this.#announcedView = json;
    this.#registry.announce('room.updated', { room: view });
  }

  #notifyHosts(waiting: WaitingView[]): void {
    for (const participant of this.#registry.all)
      if (isHost(participant)) participant.peer.notify('waitingRoom.updated', { waiting });
  }
}
