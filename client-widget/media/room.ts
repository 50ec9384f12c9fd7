/**
 * A room as a page takes part in it: joins, consumes what is wanted and nothing else, publishes what the person shares, and
 * when the connection is lost comes back by itself after 1-10 s, for as long as nobody leaves. Shows nothing: what
 * there is to see stands in `state` and `tracks`, what there is to read comes in messages.
 */
import type { Consumer, DataConsumer } from 'mediasoup-client/types';
import type { RoomMessage } from '../../protocol/room-messages.ts';
import type { Preferences } from '../../protocol/rooms.ts';
import type { RequestData } from '../../protocol/signalling.ts';
import { rejoinBackoff } from '../../room-client/rejoin.ts';
import type { Consumed, RoomClient } from '../../room-client/room-client.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import { SubscriptionSync } from '../../room-client/subscription-sync.ts';
import { backoffDelayMs } from '../../time/backoff.ts';
import { skippableDelay, systemClock } from '../../time/clock.ts';
import { Store, type Watched } from '../state/store.ts';
import { joinFromBrowser, watchNetwork } from './browser-room.ts';
import { EntranceError } from './entrance-error.ts';
import { type ErrorReason, errorReasonOf } from './error-reason.ts';
import { type LocalTracks, Publishing } from './publishing.ts';
import type { AttachDelay } from './receiver-delay.ts';
import { endReason, mayPass, verdict } from './rejoin.ts';
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
import { type WantedTrack, wantedCaptions, wantedTracks } from './subscription-selection.ts';

export interface RoomOptions {
  /** `ws:` or `wss:` of the server. */
  origin: string;
  /** Asks for a token, each time that one is needed. Throws an EntranceError. */
  enter(): Promise<string>;
  name: string;
  preferences: Preferences;
  /** What is published, as it changes. */
  local: Watched<LocalTracks>;
  /** Whether a track that is wanted is received; default: all are. */
  receives?(track: WantedTrack): boolean;
  /** Called with every receiver before its first packet, so that what it receives can be delayed later. */
  attachDelay?: AttachDelay | undefined;
  /** Captions of all languages are received: who shows how every listener fares needs them. */
  everyLanguage?: boolean;
  /** A first attempt that fails for now is made again, as later ones are, instead of being the end. */
  patient?: boolean;
  /** Asked again, `enter` may bring another token where the first was not a good one. */
  renewable?: boolean;
  /** A host has muted what is published here. */
  silenced?(): void;
}

/** What the host of a room may request. */
type HostMethod = 'host.mute' | 'host.remove' | 'host.admit' | 'host.deny';

/** All that ends with one connection. */
interface Attendance {
  connection: RoomClient;
  publishing: Publishing;
  tracks: SubscriptionSync<Consumed<Consumer>>;
  captions: SubscriptionSync<Consumed<DataConsumer>>;
}

export class Room {
  readonly state = new Store<RoomState>(beforeJoining);
  readonly tracks = new Store<readonly RemoteTrack[]>([]);
  /** What the room does not let me do. */
  readonly refusal = new Store<ErrorReason | undefined>(undefined);
  readonly #options: RoomOptions;
  readonly #listeners = new Set<(message: RoomMessage) => void>();
  readonly #unwatch: () => void;
  #preferences: Preferences;
  #token: string | undefined;
  #attendance: Attendance | undefined;
  #hurry: (() => void) | undefined;
  /** Ends the wait to be let in. */
  #giveUp: (() => void) | undefined;
  #over = false;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#preferences = options.preferences;
    const unwatchLocal = options.local.watch((tracks) => this.#attendance?.publishing.setTracks(tracks));
    const unwatchNetwork = watchNetwork(() => this.#attendance?.connection.networkChanged());
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

  /** Settles at the first success or, unless it is patient, failure: later losses are mended by themselves, and so are those of who waits to be let in. */
  async join(): Promise<void> {
    try {
      await this.#attend();
    } catch (error) {
      const reason = errorReasonOf(error);
      const again =
        this.state.value.connection.is === 'waiting' || (this.#options.patient && this.#mayGoWell(error, reason));
      if (!again) this.#finish({ is: 'ended', why: 'refused', reason });
      else if (this.#mayComeBack(reason)) await this.#rejoin(reason);
      const { connection } = this.state.value;
      if (connection.is === 'ended') throw new SignallingError(connection.reason.code, connection.reason.message);
    }
  }

  /** What was said so far comes first, then what is said. Returns what ends it. */
  onMessage(listener: (message: RoomMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** In force at once here; who misses it because the connection is lost is told when it is back. */
  update(preferences: Partial<Preferences>): void {
    this.#preferences = { ...this.#preferences, ...preferences };
    this.state.set(withPreferences(this.state.value, preferences));
    const attendance = this.#attendance;
    if (!attendance) return;
    this.#consume(attendance);
    attendance.connection
      .request('participant.update', preferences)
      .catch((error: unknown) => this.#failed(attendance, error));
  }

  command<M extends HostMethod>(method: M, data: RequestData<M>): void {
    const attendance = this.#attendance;
    attendance?.connection.request(method, data).catch((error: unknown) => this.#failed(attendance, error));
  }

  /** Ends the wait before the next attempt to come back. */
  hurry(): void {
    this.#hurry?.();
  }

  leave(): void {
    this.#finish({ is: 'ended', why: 'left', reason: { code: 'left', message: 'You left the room.' } });
  }

  async #attend(): Promise<void> {
    this.#token ??= await this.#options.enter();
    const connection = await joinFromBrowser({
      origin: this.#options.origin,
      token: this.#token,
      name: this.#options.name,
      preferences: this.#preferences,
      onWaiting: (giveUp) => this.#waitToBeLetIn(giveUp),
    });
    if (this.#over) connection.close();
    else this.#begin(connection);
  }

  #waitToBeLetIn(giveUp: () => void): void {
    this.#giveUp = giveUp;
    if (this.#over) giveUp();
    else this.state.set({ ...this.state.value, connection: { is: 'waiting' } });
  }

  #begin(connection: RoomClient): void {
    const failed = (error: unknown) => this.#failed(attendance, error);
    const { attachDelay } = this.#options;
    const attendance: Attendance = {
      connection,
      publishing: new Publishing(connection, failed),
      tracks: new SubscriptionSync<Consumed<Consumer>>({
        open: (producerId) => connection.consume(producerId, { ...(attachDelay && { onRtpReceiver: attachDelay }) }),
        close: (consumed) => consumed.close(),
        onChanged: () => this.#showTracks(attendance),
        onFailed: failed,
      }),
      captions: new SubscriptionSync<Consumed<DataConsumer>>({
        open: (dataProducerId) => this.#read(connection, dataProducerId),
        close: (consumed) => consumed.close(),
        onChanged: () => undefined,
        onFailed: failed,
      }),
    };
    this.#attendance = attendance;
    this.refusal.set(undefined);
    this.#giveUp = undefined;
    this.state.set(stateAfterJoin(connection.reply, this.state.value));
    for (const message of connection.reply.captions) this.#notify(message);
    connection.listen({
      onNotification: (name, data) => {
        this.state.set(notified(this.state.value, name, data));
        if (name === 'producer.paused' && isMine(data, this.state.value)) this.#options.silenced?.();
        this.#consume(attendance);
      },
      onEnd: (end) => {
        if (this.#attendance === attendance) this.#lost(endReason(end.code, end.reason));
      },
    });
    if (this.#attendance !== attendance) return;
    this.#consume(attendance);
    attendance.publishing.setTracks(this.#options.local.value);
  }

  #wantedTracks(): WantedTrack[] {
    const { others, you } = this.state.value;
    const wanted = wantedTracks(others.values(), this.#preferences, you?.id ?? '');
    const { receives } = this.#options;
    return receives ? wanted.filter(receives) : wanted;
  }

  #consume({ tracks, captions }: Attendance): void {
    tracks.reconcile(this.#wantedTracks().map(({ producerId }) => producerId));
    captions.reconcile(
      wantedCaptions(this.state.value.others.values(), this.#preferences, this.#options.everyLanguage),
    );
  }

  #showTracks({ tracks }: Attendance): void {
    const shown: RemoteTrack[] = [];
    for (const wanted of this.#wantedTracks()) {
      const consumed = tracks.open.get(wanted.producerId);
      if (consumed) shown.push(remoteTrack(wanted, consumed.consumer));
    }
    this.tracks.set(shown);
  }

  #read(connection: RoomClient, dataProducerId: string): Promise<Consumed<DataConsumer>> {
    return connection.consumeData(dataProducerId, (consumer) => {
      consumer.on('message', (data: unknown) => {
        const message = roomMessage(data);
        if (message) this.#notify(message);
      });
    });
  }

  #notify(message: RoomMessage): void {
    if (message.type === 'status') this.state.set(withStatus(this.state.value, message));
    for (const listener of [...this.#listeners]) listener(message);
  }

  /** What the room refuses it will refuse again; for anything else, a new connection is likelier to help than this one. */
  #failed(attendance: Attendance, error: unknown): void {
    if (this.#attendance !== attendance) return;
    if (error instanceof SignallingError && !mayPass(error)) this.refusal.set(errorReasonOf(error));
    else this.#lost(errorReasonOf(error));
  }

  #lost(reason: ErrorReason): void {
    this.#endAttendance();
    if (this.#mayComeBack(reason)) void this.#rejoin(reason);
  }

  /** Another time, or with another token. */
  #mayGoWell(error: unknown, reason: ErrorReason): boolean {
    const decided = verdict(reason);
    return mayPass(error) || (this.#options.renewable === true && decided.do === 'rejoin' && decided.entrance);
  }

  /** Ends for good where coming back is of no use. */
  #mayComeBack(reason: ErrorReason): boolean {
    const decided = verdict(reason);
    if (decided.do === 'stop') this.#finish({ is: 'ended', why: decided.why, reason });
    else if (decided.entrance) this.#token = undefined;
    return decided.do === 'rejoin';
  }

  async #rejoin(reason: ErrorReason): Promise<void> {
    for (let attempt = 0; !this.#over; attempt++) {
      const delayMs = backoffDelayMs(attempt, rejoinBackoff);
      this.state.set({ ...this.state.value, connection: { is: 'rejoining', reason, delayMs } });
      const wait = skippableDelay(systemClock, delayMs);
      this.#hurry = wait.skip;
      await wait.over;
      if (this.#over) return;
      try {
        await this.#attend();
        return;
      } catch (error) {
        reason = errorReasonOf(error);
        if (error instanceof EntranceError && !error.retryable) this.#finish({ is: 'ended', why: 'refused', reason });
        else if (!this.#mayComeBack(reason)) return;
      }
    }
  }

  #endAttendance(): void {
    const attendance = this.#attendance;
    this.#attendance = undefined;
    this.tracks.set([]);
    if (!attendance) return;
    attendance.tracks.reconcile([]);
    attendance.captions.reconcile([]);
    attendance.connection.close();
  }

  #finish(connection: Extract<ConnectionState, { is: 'ended' }>): void {
    if (this.#over) return;
    this.#over = true;
    this.#unwatch();
    this.#endAttendance();
    this.#giveUp?.();
    this.#hurry?.();
    this.state.set({ ...this.state.value, connection });
  }
}

const isMine = (data: object, { you }: RoomState) => 'participantId' in data && data.participantId === you?.id;
