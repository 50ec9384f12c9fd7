/**
 * A room as a page takes part in it: joins, consumes what is selected and nothing else, and publishes what the person shares. A lost
 * connection is made again after 1 to 10 s, as often as needed, until the person leaves or the server says that it is of no use.
 *
 * Has no view: `state` and `tracks` are what a view shows, and `onMessage` delivers captions and the other messages of the room.
 */

import type { Preferences, RequestData, RoomMessage } from '@mediasoup-booth/protocol';
import type { Consumer, DataConsumer } from 'mediasoup-client/types';
import type { Consumed } from '../../room-client/media-connection.ts';
import { rejoinBackoff } from '../../room-client/rejoin.ts';
import type { RoomClient } from '../../room-client/room-client.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import { SubscriptionSync } from '../../room-client/subscription-sync.ts';
import { backoffDelayMs } from '../../time/backoff.ts';
import { skippableDelay, systemClock } from '../../time/clock.ts';
import { Store, type Watched } from '../state/store.ts';
import { areLoopback, hasWebRtc, isFirefoxOnLoopback, joinFromBrowser, watchNetwork } from './browser-room.ts';
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
  withPreferences,
  withStatus,
} from './room-state.ts';
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

/** One connection to the room, and everything that ends with it. */
interface RoomSession {
  connection: RoomClient;
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
  /** Ends the pause before the next attempt to join. */
  #skipPause: (() => void) | undefined;
  /** Ends the wait for a host to admit the person. */
  #stopWaiting: (() => void) | undefined;
  #hasEnded = false;

  constructor(options: PageRoomOptions) {
    this.#options = options;
    this.#preferences = options.preferences;
    const unwatchLocal = options.local.watch((tracks) => this.#publish(tracks));
    const unwatchNetwork = watchNetwork(() => {
      this.#session?.connection.networkChanged();
      this.retryNow();
    });
    this.#unwatch = () => {
      unwatchLocal();
      unwatchNetwork();
    };
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
    session.connection
      .request('participant.update', preferences)
      .catch((error: unknown) => this.#requestFailed(session, error));
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
    this.#token ??= await this.#options.enter();
    const withoutMedia = this.#options.staysWithoutMedia === true && !hasWebRtc();
    const connection = await joinFromBrowser({
      withoutMedia,
      server: this.#options.server,
      token: this.#token,
      name: this.#options.name,
      preferences: this.#preferences,
      onWaiting: (giveUp) => this.#startWaiting(giveUp),
      onServerAddresses: (addresses) => this.#useServerAddresses(addresses),
    });
    if (withoutMedia) this.mediaBlocked.set(true);
    if (this.#hasEnded) connection.close();
    else this.#startSession(connection);
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

  #startSession(connection: RoomClient): void {
    const { attachDelay } = this.#options;
    const session: RoomSession = {
      connection,
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
        open: (dataProducerId) => this.#consumeCaptions(connection, dataProducerId),
        close: (consumed) => consumed.close(),
        onChanged: () => undefined,
        ...this.#refusalUntilRecovered(() => session),
        clock: systemClock,
      }),
    };
    this.#session = session;
    this.refusal.set(connection.reply.refusal);
    this.#stopWaiting = undefined;
    this.state.set(stateAfterJoin(connection.reply, this.state.value));
    for (const message of connection.reply.captions) this.#deliver(message);
    connection.listen({
      onNotification: (name, data) => {
        this.state.set(notified(this.state.value, name, data));
        if (name === 'token.renewed' && 'token' in data) this.#renewed(data.token);
        if (name === 'token.expiring') void this.#replaceToken(session);
        if (name === 'producer.paused' && isMine(data, this.state.value)) this.#options.onMutedByHost?.();
        this.#reconcileSubscriptions(session);
      },
      onMediaLost: (mediaLost) => {
        if (this.#session === session) this.state.set({ ...this.state.value, connection: { is: 'joined', mediaLost } });
      },
      onMediaUnreachable: (unreachable) => {
        if (this.#session !== session || this.mediaBlocked.value) return;
        this.state.set({ ...this.state.value, connection: { is: 'joined', mediaLost: unreachable, unreachable } });
      },
      onEnd: (end) => {
        if (this.#session === session) this.#connectionLost(endReason(end.code, end.reason));
      },
    });
    if (this.#session !== session) return;
    this.#reconcileSubscriptions(session);
    this.#publish(this.#options.local.value);
  }

  #publish(tracks: LocalTracks): void {
    if (!this.mediaBlocked.value) this.#session?.publishing.setTracks(tracks);
  }

  /** Asks for another token before this one ends. Where there is none, the person has been told when they will be out. */
  async #replaceToken(session: RoomSession): Promise<void> {
    try {
      const token = await this.#options.enter();
      if (token === this.#token || this.#session !== session) return;
      await session.connection.request('token.replace', { token });
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

  #wantedTracks(): WantedTrack[] {
    if (this.mediaBlocked.value) return [];
    const { others, you } = this.state.value;
    const wanted = wantedTracks(others.values(), this.#preferences, you?.id ?? '');
    const { receives = () => true } = this.#options;
    const granted = new Set(
      (['originals', 'cameras', 'channels'] as const).filter((grant) => hasGrant(grant, this.#token)),
    );
    return wanted.filter((track) => receives(track) && granted.has(grantFor[track.source]));
  }

  #reconcileSubscriptions({ tracks, captions }: RoomSession): void {
    tracks.reconcile(this.#wantedTracks().map(({ producerId }) => producerId));
    const { others } = this.state.value;
    const mayRead = !this.mediaBlocked.value && hasGrant('captions', this.#token);
    captions.reconcile(mayRead ? wantedCaptions(others.values(), this.#preferences, this.#options.everyLanguage) : []);
  }

  #showTracks({ tracks }: RoomSession): void {
    const shown: RemoteTrack[] = [];
    for (const wanted of this.#wantedTracks()) {
      const consumed = tracks.open.get(wanted.producerId);
      if (consumed) shown.push(remoteTrack(wanted, consumed.consumer));
    }
    this.tracks.set(shown);
  }

  #consumeCaptions(connection: RoomClient, dataProducerId: string): Promise<Consumed<DataConsumer>> {
    return connection.consumeData(dataProducerId, (consumer) => {
      consumer.on('message', (data: unknown) => {
        const message = roomMessage(data);
        if (message) this.#deliver(message);
      });
    });
  }

  #deliver(message: RoomMessage): void {
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
        this.#requestFailed(session(), error);
        shown = this.refusal.value;
      },
      onRecovered: () => {
        if (this.refusal.value === shown) this.refusal.set(undefined);
      },
    };
  }

  #connectionLost(reason: ErrorReason): void {
    this.#endSession();
    if (this.#canRejoin(reason)) void this.#rejoin(reason);
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
      this.state.set({ ...this.state.value, connection: { is: 'rejoining', reason, delayMs } });
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
    if (!session) return;
    session.tracks.reconcile([]);
    session.captions.reconcile([]);
    session.publishing.close();
    session.connection.close();
  }

  #finish(connection: Extract<ConnectionState, { is: 'ended' }>): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#unwatch();
    this.#endSession();
    this.#stopWaiting?.();
    this.#skipPause?.();
    this.state.set({ ...this.state.value, connection });
  }
}

const isMine = (data: object, { you }: RoomState) => 'participantId' in data && data.participantId === you?.id;
