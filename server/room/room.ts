/**
 * One room: who is in it, and what they are told of each other. It owns its router, its participants, its interpreter and the captions
 * it overhears; closing it closes them, once, in any state.
 */
import { randomBytes } from 'node:crypto';
import type { DirectTransport } from 'mediasoup/types';
import type { Logger } from 'pino';
import { ApiError } from '../../protocol/api-error.ts';
import type { LanguageCode } from '../../protocol/languages.ts';
import type { RoomSettingsChange } from '../../protocol/rest.ts';
import type { EngineView, Preferences, RoomView, WaitingView } from '../../protocol/rooms.ts';
import { CloseCode, type JoinReply } from '../../protocol/signalling.ts';
import type { BudgetNotice } from '../../protocol/usage.ts';
import type { Clock } from '../../time/clock.ts';
import { isHost, requireConsent, requireHost, requireRemovable } from '../auth/permissions.ts';
import { REVOKED_MESSAGE } from '../auth/token-service.ts';
import { limits } from '../limits.ts';
import type { MediaWorkers, RoomMedia } from '../media/media-workers.ts';
import { mediaCall } from '../media/resource-registry.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { Recording } from '../transcript/recording.ts';
import { choices } from './on-demand.ts';
import { Participant, type ParticipantConnection, type Profile } from './participant.ts';
import { ParticipantRegistry } from './participant-registry.ts';
import { RoomCaptions } from './room-captions.ts';
import { RoomInterpreter, type RoomInterpreterDeps } from './room-interpreter.ts';
import type { RoomRules, Rules } from './room-rules.ts';
import { RoomTracks } from './room-tracks.ts';
import { WaitingRoom } from './waiting-room.ts';

const WORKER_DIED = 'this room was lost because its media worker ended unexpectedly: join again';
/** mediasoup closes its workers when the process is told to stop. */
const SERVER_CLOSES = 'the server is closing';

export interface RoomSettings {
  engine: EngineView;
  transcriptHours: number;
  clock: Clock;
  /** A room that everyone has left closes after this. */
  emptyMs: number;
  /** So does one that nobody has entered yet, after this. */
  unvisitedMs: number;
  interpreter: Omit<RoomInterpreterDeps, 'changed' | 'failedToStop'>;
  /** What bounds an interpreter, or the account alone. */
  budgetNotice(interpreter?: string): BudgetNotice | undefined;
  /** What hosts have settled. */
  rules: RoomRules;
  /** Writes down what is said from now on; undefined: nothing is kept. */
  record(): Recording | undefined;
  log: Logger;
  /** Once, when the room has begun to close. */
  closed(room: Room): void;
}

export class Room {
  readonly name: string;
  /** Tells this room from an earlier one of the same name. */
  readonly instanceId = randomBytes(6).toString('hex');
  readonly interpreter: RoomInterpreter;
  readonly captions: RoomCaptions;
  readonly tracks: RoomTracks;
  /** Where people wait whom a host lets in one by one. */
  readonly waiting: WaitingRoom;
  readonly #settings: RoomSettings;
  readonly #media: RoomMedia;
  readonly #registry = new ParticipantRegistry();
  /** How often each may still be told that they seem to speak another language. */
  readonly #suggestions = new WeakMap<Participant, TokenBucket>();
  readonly #beganMs: number;
  /** Prevents that a room which nobody is in closes. */
  #cancelClosing: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  static async open(name: string, workers: MediaWorkers, settings: RoomSettings): Promise<Room> {
    const media = await workers.createRouter();
    const relay = await mediaCall(() => media.router.createDirectTransport());
    return new Room(name, media, relay, settings);
  }

  private constructor(name: string, media: RoomMedia, relay: DirectTransport, settings: RoomSettings) {
    this.name = name;
    this.#media = media;
    this.#settings = settings;
    this.#beganMs = settings.clock.now();
    settings.rules.opened(name);
    this.captions = new RoomCaptions({ relay, recording: settings.record(), log: settings.log });
    this.captions.setRecording(this.#rules.transcript, 0);
    this.tracks = new RoomTracks(this.#registry, this.captions);
    this.waiting = new WaitingRoom({
      room: name,
      rules: settings.rules,
      clock: settings.clock,
      changed: (waiting) => this.#notifyHosts(waiting),
    });
    this.interpreter = new RoomInterpreter({
      ...settings.interpreter,
      changed: () => this.#registry.announce('room.updated', { room: this.view }),
      failedToStop: (error) => settings.log.error({ err: error }, 'an interpreter could not be stopped'),
    });
    this.#cancelClosing = this.#closeAfter(settings.unvisitedMs);
    media.router.on('workerclose', () => void this.close(media.worker.died ? WORKER_DIED : SERVER_CLOSES));
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
      waitingRoom: waitingRoom,
    };
  }

  get #rules(): Rules {
    return this.#settings.rules.of(this.name);
  }

  /** Milliseconds since the room began. */
  get clock(): number {
    return Math.round(this.#settings.clock.now() - this.#beganMs);
  }

  get participantCount(): number {
    return this.#registry.size;
  }

  /** How many of them interpret. */
  get interpreterCount(): number {
    return this.#registry.all.filter(({ kind }) => kind === 'interpreter').length;
  }

  /** Takes someone in; who was here by the same identity leaves first. The others hear of both. */
  join(profile: Profile, peer: ParticipantConnection): { participant: Participant; reply: JoinReply } {
    if (this.#closing) throw new ApiError('unavailable', 'this room has just closed: join again');
    const before = this.#registry.get(profile.id);
    if (before) this.#remove(before, CloseCode.replaced, 'the same identity has joined again, from elsewhere');
    if (this.participantCount >= limits.participantsPerRoom)
      throw new ApiError('tooMany', `the room is full: it holds ${limits.participantsPerRoom}`);
    const participant: Participant = new Participant(profile, this.#media, peer, {
      producerClosed: (producerId) => this.#registry.announceTrack(participant, 'producer.closed', { producerId }),
      dataProducerClosed: (dataProducerId) =>
        this.#registry.announceTrack(participant, 'dataProducer.closed', { dataProducerId }),
    });
    const reply = this.#joinReply(participant);
    this.#registry.add(participant);
    this.#registry.announce('participant.joined', { participant: participant.view }, participant);
    return { participant, reply };
  }

  /** After the newcomer has their reply: what their coming changes for the room. */
  presenceChanged(participant: Participant): void {
    if (this.#registry.has(participant)) this.#presenceChanged();
  }

  leave(participant: Participant): void {
    if (!this.#registry.has(participant)) return;
    this.#remove(participant, 1000, 'bye');
    this.#presenceChanged();
  }

  update(participant: Participant, changes: Partial<Preferences>): void {
    const preferences = { ...participant.preferences, ...changes };
    participant.preferences = preferences;
    this.tracks.withhold(participant);
    this.#registry.announce('participant.updated', { participantId: participant.id, preferences }, participant);
    this.#demandChanged();
  }

  /** What is spent has come near to a budget, or has room again: everyone hears of the one that concerns them. */
  budgetChanged(): void {
    for (const participant of this.#registry.all)
      participant.peer.notify('budget.changed', { budget: this.#budgetFor(participant) ?? null });
  }

  /** A host's wish: this person leaves. */
  removeParticipant(host: Participant, participantId: string): void {
    requireHost(host);
    const participant = this.#registry.seen(participantId, host);
    requireRemovable(host, participant);
    this.#settings.rules.removeAdmitted(this.name, participant.identity);
    // They may also read captions over HTTP.
    for (const theirs of this.#registry.all)
      if (theirs.identity === participant.identity)
        this.#remove(theirs, CloseCode.removed, 'the host has removed you from this room');
    this.#presenceChanged();
  }

  /** What a host settles; everyone is told. Settles when a restart would not forget it. */
  async change(change: RoomSettingsChange): Promise<void> {
    const before = this.#rules;
    const kept = this.#settings.rules.change(this.name, change);
    const { waitingRoom, transcript } = this.#rules;
    if (waitingRoom && !before.waitingRoom)
      this.#settings.rules.admit(this.name, ...this.#registry.all.map(({ identity }) => identity));
    if (!waitingRoom) this.waiting.admitAll();
    if (transcript !== before.transcript) this.captions.setRecording(transcript, this.clock);
    this.#registry.announce('room.updated', { room: this.view });
    await kept;
  }

  /** What was said until now has been deleted: nobody who comes later is told of it. */
  transcriptDeleted(): void {
    this.captions.transcriptDeleted(this.clock);
    this.#registry.announce('transcript.deleted', {});
  }

  /** Whoever is here by a token or an invite that is revoked leaves. */
  revoke(passId: string): void {
    this.waiting.revoke(passId);
    const sentAway = this.#registry.all.filter(({ credentialIds: passes }) => passes.includes(passId));
    for (const participant of sentAway) this.#remove(participant, CloseCode.revoked, REVOKED_MESSAGE);
    if (sentAway.length > 0) this.#presenceChanged();
  }

  /** An interpreter hears somebody speak another language than they say: they alone are told, now and then at the most. */
  suggest(interpreter: Participant, participantId: string, speaks: LanguageCode): void {
    const person = this.#registry.seen(participantId, interpreter);
    requireConsent(person, 'audio', interpreter);
    if (person.preferences.speaks === speaks) return;
    const nowMs = this.#settings.clock.now();
    const allowance = this.#suggestions.get(person) ?? new TokenBucket(limits.suggestions, nowMs);
    this.#suggestions.set(person, allowance);
    if (!allowance.take(nowMs)) throw new ApiError('tooMany', `${participantId} was told of other languages just now`);
    person.peer.notify('participant.suggested', { speaks });
  }

  /**
   * Ends when the interpreter has.
   * @param over the meeting ends with its room; else whoever comes back goes on with it
   */
  close(reason: string, { over = false } = {}): Promise<void> {
    this.#closing ??= this.#close(reason, over);
    return this.#closing;
  }

  async #close(reason: string, over: boolean): Promise<void> {
    this.#cancelClosing?.();
    this.captions.close(over);
    this.#settings.closed(this);
    const interpreterEnded = this.interpreter.close();
    const participants = this.#registry.all;
    this.waiting.close(reason);
    this.#registry.clear();
    for (const participant of participants) {
      participant.close();
      participant.peer.close(CloseCode.goingAway, reason);
    }
    this.#media.router.close();
    await interpreterEnded;
  }

  #remove(participant: Participant, code: number, reason: string): void {
    this.#registry.delete(participant);
    participant.close();
    participant.peer.close(code, reason);
    this.#registry.announce('participant.left', { participantId: participant.id }, participant);
  }

  /** An interpreter's own; a person's is that of the interpreter whom the server has sent. */
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
      rtpCapabilities: this.#media.router.rtpCapabilities as JoinReply['rtpCapabilities'],
      captions: this.captions.recent(),
      ...(isHost(you) && { waiting: this.waiting.views }),
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

  #notifyHosts(waiting: WaitingView[]): void {
    for (const participant of this.#registry.all)
      if (isHost(participant)) participant.peer.notify('waitingRoom.updated', { waiting });
  }
}
