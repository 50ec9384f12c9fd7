/**
 * A room as a page takes part in it: joins, consumes what is selected and nothing else, and publishes what the person shares. A lost
 * connection is made again after 1 to 10 s, as often as needed, until the person leaves or the server says that it is of no use. Where the room
 * moves to another server, a second connection is opened there before, and is used in the moment in which the first one ends.
 *
 * Has no view: `state` and `tracks` are what a view shows, and `onMessage` delivers captions and the other messages of the room.
 */

import type { Preferences, RequestData, RoomMessage } from '@mediasoup-booth/protocol';
import type { Consumer, DataConsumer } from 'mediasoup-client/types';
import type { Consumed } from '../../room-client/media-connection.ts';
import { NextConnection } from '../../room-client/next-connection.ts';
import { rejoinBackoff } from '../../room-client/rejoin.ts';
import type { ConnectionEnd, RoomClient } from '../../room-client/room-client.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import { SubscriptionSync } from '../../room-client/subscription-sync.ts';
import { backoffDelayMs } from '../../time/backoff.ts';
import { skippableDelay, systemClock } from '../../time/clock.ts';
import { Store, type Watched } from '../state/store.ts';
import {
  areLoopback,
  type BrowserJoinOptions,
  hasWebRtc,
  isFirefoxOnLoopback,
  joinFromBrowser,
  watchNetwork,
} from './browser-room.ts';
import { EntranceError } from './entrance-error.ts';
import { type ErrorReason, errorReasonOf } from './error-reason.ts';
import { type LocalTracks, Publishing } from './publishing.ts';
import type { AttachDelay } from './receiver-delay.ts';
import { endReason, isTransient, rejoinDecision } from './rejoin.ts';
import { type RemoteTrack, remoteTrack } from './remote-track.ts';
import { roomMessage } from './room-message.ts';
import {
  beforeJoining,
  type ConnectionState,
  notified,
  type RoomState,
  stateAfterJoin,
  stateAfterMove,
  withPreferences,
  withStatus,
} from './room-state.ts';
import { SilentTracks } from './silent-tracks.ts';
import { grantFor, type WantedTrack, wantedCaptions, wantedTracks } from './subscription-selection.ts';
import { hasGrant } from './token-grants.ts';

export interface PageRoomOptions {
  /** `https://meet.example.org/booth`: without a slash at its end. */
  server: string;
  /** Requests a token, each time that one is needed. Throws an EntranceError. */
  enter(): Promise<string>;
  name: string;
  preferences: Preferences;
  /** The tracks to publish, as they change. */
  local: Watched<LocalTracks>;
  /** Whether a selected track is received. Default: all are. */
  receives?(track: WantedTrack): boolean;
  /** Called with every receiver before its first packet, so that what it receives can be delayed later. */
  attachDelay?: AttachDelay | undefined;
  /** Receives the captions of all languages, as a view needs that shows how far each listener is behind. Default: false. */
  everyLanguage?: boolean;
  /** Retries a first join that failed for now, as later ones are retried, instead of ending. Default: false. */
  retryFirstJoin?: boolean;
  /** Stays in the room where the browser will never let media through, because captions come another way. Default: false, it joins again. */
  staysWithoutMedia?: boolean;
  /** Whether `enter` may return another token where the first one was refused. Default: false. */
  renewable?: boolean;
  /** Called with a token that the server has given for the next join, because the one before ends. */
  onTokenRenewed?(token: string): void;
  /** Called when a host has muted a track that is published here. */
  onMutedByHost?(): void;
}

/** Requests that only the host of a room may send. */
type HostMethod = 'host.mute' | 'host.remove' | 'host.admit' | 'host.deny';

const MAX_EARLY_MESSAGES = 1000;

/** One connection to the room, and everything that ends with it. */
interface RoomSession {
  connection: RoomClient;
  /** The preferences that the server got with the join. */
  preferences: Preferences;
  /** The token that admits the person on this connection. */
  token: string;
  /** The room as this connection knows it, until it is used. */
  before: RoomState;
  /** The messages that came before it was used; of more than 1000, the newest. */
  early: RoomMessage[];
  /** The silent copies of the person's tracks, which are published until it is used. */
  silent: SilentTracks;
  /** The room has moved to the server of the next session. */
  hasMoved?: boolean;
  publishing: Publishing;
  tracks: SubscriptionSync<Consumed<Consumer>>;
  captions: SubscriptionSync<Consumed<DataConsumer>>;
}

export class PageRoom {
  readonly state = new Store<RoomState>(beforeJoining);
  readonly tracks = new Store<readonly RemoteTrack[]>([]);
  /**
   * The browser has no WebRTC, or lets no media through at this address, and never will. From the next join on nothing is sent or received
   * as media. Only with `staysWithoutMedia`.
   */
  readonly mediaBlocked = new Store(false);
  /** Why the room refused the last request that it will refuse again; undefined: it refused none. */
  readonly refusal = new Store<ErrorReason | undefined>(undefined);
  readonly #options: PageRoomOptions;
  readonly #listeners = new Set<(message: RoomMessage) => void>();
  readonly #unwatch: () => void;
  #preferences: Preferences;
  #token: string | undefined;
  #session: RoomSession | undefined;
  /** The session at the server to which the room is about to move. */
  readonly #next = new NextConnection<RoomSession>({
    open: (server, lost) => this.#prepareSession(server, (end) => this.#nextEnded(end, lost)),
    close: closeSession,
    clock: systemClock,
  });
  /** Ends the pause before the next attempt to join. */
  #skipPause: (() => void) | undefined;
  /** Ends the wait for a host to admit the person. */
  #stopWaiting: (() => void) | undefined;
  #hasEnded = false;

  constructor(options: PageRoomOptions) {
    this.#options = options;
    this.#preferences = options.preferences;
    const unwatchLocal = options.local.watch(() => {
      for (const session of this.#sessions) void this.#publish(session);
    });
    const unwatchNetwork = watchNetwork(() => {
      for (const { connection } of this.#sessions) connection.networkChanged();
      this.retryNow();
    });
    this.#unwatch = () => {
      unwatchLocal();
      unwatchNetwork();
    };
  }

  /** The one that is used, and the next one. */
  get #sessions(): RoomSession[] {
    return [this.#session, this.#next.connection].filter((session) => session !== undefined);
  }

  get token(): string | undefined {
    return this.#token;
  }

  get preferences(): Preferences {
    return this.#preferences;
  }

  /**
   * Resolves when the room is first joined, or when joining goes on by itself: a connection that is lost later, or while the person waits
   * for a host, is made again without another call.
   *
   * @throws {SignallingError} where the room cannot be joined, with the reason for people
   */
  async join(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      const reason = errorReasonOf(error);
      const again =
        this.state.value.connection.is === 'waiting' ||
        (this.#options.retryFirstJoin && this.#mayJoinLater(error, reason));
      if (!again) this.#finish({ is: 'ended', why: 'refused', reason });
      else if (this.#canRejoin(reason)) await this.#rejoin(reason);
      const { connection } = this.state.value;
      if (connection.is === 'ended') throw new SignallingError(connection.reason.code, connection.reason.message);
    }
  }

  /** The listener receives the recent messages first, then new ones. Returns a function that removes it. */
  onMessage(listener: (message: RoomMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes effect here at once. While the connection is lost, the preferences are kept and sent with the next join. */
  update(preferences: Partial<Preferences>): void {
    this.#preferences = { ...this.#preferences, ...preferences };
    this.state.set(withPreferences(this.state.value, preferences));
    const session = this.#session;
    if (!session) return;
    this.#reconcileSubscriptions(session);
    this.#sendPreferences(session, preferences);
  }

  command<M extends HostMethod>(method: M, data: RequestData<M>): void {
    const session = this.#session;
    session?.connection.request(method, data).catch((error: unknown) => this.#requestFailed(session, error));
  }

  /** Ends the pause before the next attempt to join. */
  retryNow(): void {
    this.#skipPause?.();
  }

  leave(): void {
    this.#finish({ is: 'ended', why: 'left', reason: { code: 'left', message: 'You left the room.' } });
  }

  async #connect(): Promise<void> {
    const session = await this.#openSession({
      server: this.#options.server,
      onWaiting: (giveUp) => this.#startWaiting(giveUp),
    });
    if (this.#hasEnded) closeSession(session);
    else this.#use(session);
  }

  /** Opens a session at the server to which the room is about to move. Resolves when its microphone is published, which is silent there. */
  async #prepareSession(server: string, onLost: (end: ConnectionEnd) => void): Promise<RoomSession> {
    const session = await this.#openSession({ server, onLost, ahead: true });
    await this.#publish(session);
    return session;
  }

  /** Firefox never connects media to the computer's own loopback addresses: that is told at once. */
  #useServerAddresses(addresses: readonly string[]): void {
    if (!this.#options.staysWithoutMedia || this.mediaBlocked.value) return;
    if (!areLoopback(addresses) || !isFirefoxOnLoopback(location, navigator)) return;
    this.mediaBlocked.set(true);
    if (this.#session) this.#reconcileSubscriptions(this.#session);
  }

  #startWaiting(giveUp: () => void): void {
    this.#stopWaiting = giveUp;
    if (this.#hasEnded) giveUp();
    else this.state.set({ ...this.state.value, connection: { is: 'waiting' } });
  }

  /** @param onLost called when the connection has ended before the session was used */
  async #openSession({
    onLost,
    ...at
  }: Pick<BrowserJoinOptions, 'server' | 'onWaiting' | 'ahead'> & {
    onLost?: (end: ConnectionEnd) => void;
  }): Promise<RoomSession> {
    this.#token ??= await this.#options.enter();
    const [token, preferences] = [this.#token, this.#preferences];
    const withoutMedia = this.#options.staysWithoutMedia === true && !hasWebRtc();
    const connection = await joinFromBrowser({
      ...at,
      withoutMedia,
      token,
      name: this.#options.name,
      preferences,
      onServerAddresses: (addresses) => this.#useServerAddresses(addresses),
    });
    if (withoutMedia) this.mediaBlocked.set(true);
    const { attachDelay } = this.#options;
    const session: RoomSession = {
      connection,
      preferences,
      token,
      before: stateAfterJoin(connection.reply, this.state.value),
      early: [],
      silent: new SilentTracks(),
      publishing: new Publishing({
        connection,
        ...this.#refusalUntilRecovered(() => session),
        clock: systemClock,
      }),
      tracks: new SubscriptionSync<Consumed<Consumer>>({
        open: (producerId) => connection.consume(producerId, { ...(attachDelay && { onRtpReceiver: attachDelay }) }),
        close: (consumed) => consumed.close(),
        onChanged: () => this.#showTracks(session),
        ...this.#refusalUntilRecovered(() => session),
        clock: systemClock,
      }),
      captions: new SubscriptionSync<Consumed<DataConsumer>>({
        open: (dataProducerId) => this.#consumeCaptions(session, dataProducerId),
        close: (consumed) => consumed.close(),
        onChanged: () => undefined,
        ...this.#refusalUntilRecovered(() => session),
        clock: systemClock,
      }),
    };
    connection.listen({
      onNotification: (name, data) => {
        const state = notified(this.#stateOf(session), name, data);
        this.#setState(session, state);
        if (name === 'token.renewed' && 'token' in data) this.#renewed(data.token);
        if (name === 'token.expiring') void this.#replaceToken(session);
        if (name === 'producer.paused' && isMine(data, state)) this.#options.onMutedByHost?.();
        if (name === 'room.moving' && 'server' in data) this.#prepareMove(session, data.server);
        if (name === 'room.moved') session.hasMoved = true;
        this.#reconcileSubscriptions(session);
      },
      onMediaLost: (mediaLost) => this.#setConnection(session, { is: 'joined', mediaLost }),
      onMediaUnreachable: (unreachable) => {
        if (!this.mediaBlocked.value)
          this.#setConnection(session, { is: 'joined', mediaLost: unreachable, unreachable });
      },
      onEnd: (end) => {
        if (this.#session === session) this.#connectionEnded(end);
        else onLost?.(end);
      },
    });
    this.#reconcileSubscriptions(session);
    return session;
  }

  /** The person is in the room by this session from now on. */
  #use(session: RoomSession): void {
    const { connection, before, early, preferences, silent } = session;
    this.#session = session;
    this.refusal.set(connection.reply.refusal);
    this.#stopWaiting = undefined;
    this.state.set(stateAfterMove(before, this.state.value));
    for (const message of [...connection.reply.captions, ...early.splice(0)]) this.#deliver(session, message);
    // Whoever was told of it may have left.
    if (this.#session !== session) return;
    if (connection.ended) {
      this.#connectionEnded(connection.ended);
      return;
    }
    if (preferences !== this.#preferences) this.#sendPreferences(session, this.#preferences);
    if (before.expires !== undefined) void this.#replaceToken(session);
    this.#reconcileSubscriptions(session);
    this.#showTracks(session);
    void this.#publish(session).then(() => silent.stop());
  }

  #prepareMove(session: RoomSession, server: string): void {
    // Where another session is used, this one moves on before it is: then the person joins anew.
    if (this.#session && this.#session !== session) return;
    const ready = () => void session.connection.request('room.readyToMove', {}).catch(() => undefined);
    this.#next.prepare({ server, ready });
  }

  #stateOf(session: RoomSession): RoomState {
    return this.#session === session ? this.state.value : session.before;
  }

  #setState(session: RoomSession, state: RoomState): void {
    if (this.#session === session) this.state.set(state);
    else session.before = state;
  }

  #setConnection(session: RoomSession, connection: ConnectionState): void {
    this.#setState(session, { ...this.#stateOf(session), connection });
  }

  /** Publishes what is shared; by a session that is not used yet, silence. */
  async #publish(session: RoomSession): Promise<void> {
    if (this.mediaBlocked.value) return;
    const { value } = this.#options.local;
    await session.publishing.setTracks(this.#session === session ? value : session.silent.of(value));
  }

  #sendPreferences(session: RoomSession, preferences: Partial<Preferences>): void {
    session.connection
      .request('participant.update', preferences)
      .catch((error: unknown) => this.#requestFailed(session, error));
  }

  /** Asks for another token before this one ends. Where there is none, the person has been told when they will be out. */
  async #replaceToken(session: RoomSession): Promise<void> {
    try {
      const token = await this.#options.enter();
      if (token === session.token || this.#session !== session) return;
      await session.connection.request('token.replace', { token });
      session.token = token;
      this.#renewed(token);
      this.state.set({ ...this.state.value, expires: undefined });
    } catch {
      // When the token has ended, the room says why there is no other.
    }
  }

  #renewed(token: string): void {
    this.#token = token;
    this.#options.onTokenRenewed?.(token);
  }

  #wantedTracks(session: RoomSession): WantedTrack[] {
    if (this.mediaBlocked.value) return [];
    const { others, you } = this.#stateOf(session);
    const wanted = wantedTracks(others.values(), this.#preferences, you?.id ?? '');
    const { receives = () => true } = this.#options;
    const granted = new Set(
      (['originals', 'cameras', 'channels'] as const).filter((grant) => hasGrant(grant, this.#token)),
    );
    return wanted.filter((track) => receives(track) && granted.has(grantFor[track.source]));
  }

  #reconcileSubscriptions(session: RoomSession): void {
    const { tracks, captions } = session;
    tracks.reconcile(this.#wantedTracks(session).map(({ producerId }) => producerId));
    const { others } = this.#stateOf(session);
    const mayRead = !this.mediaBlocked.value && hasGrant('captions', this.#token);
    captions.reconcile(mayRead ? wantedCaptions(others.values(), this.#preferences, this.#options.everyLanguage) : []);
  }

  #showTracks(session: RoomSession): void {
    if (this.#session !== session) return;
    const shown: RemoteTrack[] = [];
    for (const wanted of this.#wantedTracks(session)) {
      const consumed = session.tracks.open.get(wanted.producerId);
      if (consumed) shown.push(remoteTrack(wanted, consumed.consumer));
    }
    this.tracks.set(shown);
  }

  #consumeCaptions(session: RoomSession, dataProducerId: string): Promise<Consumed<DataConsumer>> {
    return session.connection.consumeData(dataProducerId, (consumer) => {
      consumer.on('message', (data: unknown) => {
        const message = roomMessage(data);
        if (message) this.#deliver(session, message);
      });
    });
  }

  #deliver(session: RoomSession, message: RoomMessage): void {
    if (this.#session !== session) {
      session.early.push(message);
      if (session.early.length > MAX_EARLY_MESSAGES) session.early.shift();
      return;
    }
    if (message.type === 'status') this.state.set(withStatus(this.state.value, message));
    for (const listener of [...this.#listeners]) listener(message);
  }

  /** A request that the server refuses would be refused again. After any other error, a new connection is likelier to work than this one. */
  #requestFailed(session: RoomSession, error: unknown): void {
    if (this.#session !== session) return;
    if (error instanceof SignallingError && !isTransient(error)) this.refusal.set(errorReasonOf(error));
    else this.#connectionLost(errorReasonOf(error));
  }

  /** Shows why something failed that is tried again, until nothing of it fails any more. Each has its own, so that none hides another's. */
  #refusalUntilRecovered(session: () => RoomSession): { onFailed(error: unknown): void; onRecovered(): void } {
    let shown: ErrorReason | undefined;
    return {
      onFailed: (error) => {
        if (this.#session !== session()) return;
        this.#requestFailed(session(), error);
        shown = this.refusal.value;
      },
      onRecovered: () => {
        if (this.refusal.value === shown) this.refusal.set(undefined);
      },
    };
  }

  #connectionEnded({ code, reason }: ConnectionEnd): void {
    this.#connectionLost(endReason(code, reason));
  }

  /** A person who was sent away from the next server, or has joined there from elsewhere, leaves this one, too. */
  #nextEnded({ code, reason }: ConnectionEnd, lost: () => boolean): void {
    const why = endReason(code, reason);
    if (lost() && rejoinDecision(why).action === 'stop') this.#connectionLost(why);
  }

  #connectionLost(reason: ErrorReason): void {
    const hasMoved = this.#session?.hasMoved ?? false;
    this.#endSession();
    if (this.#canRejoin(reason)) void this.#goOn(reason, hasMoved);
  }

  /** Goes on by the next session, if the room has moved there. */
  async #goOn(reason: ErrorReason, hasMoved: boolean): Promise<void> {
    if (!hasMoved) this.#next.close();
    if (this.#next.isOpening) this.#setRejoining(reason, 0);
    const session = await this.#next.take();
    if (!session) await this.#rejoin(reason);
    else if (this.#hasEnded) closeSession(session);
    else this.#use(session);
  }

  #setRejoining(reason: ErrorReason, delayMs: number): void {
    this.state.set({ ...this.state.value, connection: { is: 'rejoining', reason, delayMs } });
  }

  /** Whether joining may succeed later, or with another token. */
  #mayJoinLater(error: unknown, reason: ErrorReason): boolean {
    const decision = rejoinDecision(reason);
    return (
      isTransient(error) || (this.#options.renewable === true && decision.action === 'rejoin' && decision.needsNewToken)
    );
  }

  /** Whether to join again. Ends the room where that is of no use, and drops a token that was refused. */
  #canRejoin(reason: ErrorReason): boolean {
    const decision = rejoinDecision(reason);
    if (decision.action === 'stop') this.#finish({ is: 'ended', why: decision.why, reason });
    else if (decision.needsNewToken) this.#token = undefined;
    return decision.action === 'rejoin';
  }

  async #rejoin(reason: ErrorReason): Promise<void> {
    for (let attempt = 0; !this.#hasEnded; attempt++) {
      const delayMs = backoffDelayMs(attempt, rejoinBackoff);
      this.#setRejoining(reason, delayMs);
      const wait = skippableDelay(systemClock, delayMs);
      this.#skipPause = wait.skip;
      await wait.over;
      if (this.#hasEnded) return;
      try {
        await this.#connect();
        return;
      } catch (error) {
        reason = errorReasonOf(error);
        if (error instanceof EntranceError && !error.retryable) this.#finish({ is: 'ended', why: 'refused', reason });
        else if (!this.#canRejoin(reason)) return;
      }
    }
  }

  #endSession(): void {
    const session = this.#session;
    this.#session = undefined;
    this.tracks.set([]);
    if (session) closeSession(session);
  }

  #finish(connection: Extract<ConnectionState, { is: 'ended' }>): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#unwatch();
    this.#next.close();
    this.#endSession();
    this.#stopWaiting?.();
    this.#skipPause?.();
    this.state.set({ ...this.state.value, connection });
  }
}

function closeSession({ tracks, captions, publishing, silent, connection }: RoomSession): void {
  tracks.reconcile([]);
  captions.reconcile([]);
  publishing.close();
  silent.stop();
  connection.close();
}

const isMine = (data: object, { you }: RoomState) => 'participantId' in data && data.participantId === you?.id;
