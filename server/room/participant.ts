/**
 * One participant in a room. It owns all that is theirs in the router: one transport in each direction, and the producers and
 * consumers of media and data on them. Closing it closes everything, once, also what is still being created.
 */

import {
  type BoothRole,
  cleanDisplayName,
  type DataProducerView,
  type Grant,
  type LanguageCode,
  markedName,
  meetingParts,
  type NotificationName,
  type Notifications,
  type ParticipantView,
  type Preferences,
  type ProducerView,
  type TrackSource,
  type TransportDirection,
} from '@mediasoup-booth/protocol';
import type {
  IceCandidate,
  Producer,
  RtpCapabilities,
  RtpParameters,
  SctpStreamParameters,
  WebRtcTransport,
} from 'mediasoup/types';
import { LANGUAGES_KEPT } from '../../captions/caption-history.ts';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { onlyListens } from '../auth/permissions.ts';
import type { Credential } from '../auth/revocation-list.ts';
import { limits } from '../limits.ts';
import type { CaptionsProducer } from '../media/caption-relay.ts';
import { withLocalCandidates } from '../media/local-candidates.ts';
import type { NegotiatedTransport, ReceivedCaptions, ReceivedTrack, ReceivingTransport } from '../media/receiving.ts';
import { mediaCall, ResourceRegistry } from '../media/resource-registry.ts';
import type { RoomRouters } from '../media/room-routers.ts';
import { openWebRtcTransport } from '../media/webrtc-transport.ts';
import type { Announcement } from './announcement.ts';

/** How the room reaches a participant: a signalling connection, or a caption stream. */
export interface ParticipantConnection {
  notify<N extends NotificationName>(name: N, data: Notifications[N]): void;
  /** Sends a notification that others get too, at the latest with the next of those that are for this participant alone. */
  announce(announcement: Announcement): void;
  close(code: number, reason: string): void;
}

export interface Profile {
  id: string;
  /** The `sub` of their token. A caption reader over HTTP has an `id` of its own beside it. */
  identity: string;
  name: string;
  hidden: boolean;
  /** Reads captions over HTTP: takes no participant's place, and is shown to interpreters alone, as somebody whose language is demanded. */
  reader: boolean;
  grants: readonly Grant[];
  /** What lets them in, until it is revoked. */
  credential: Credential;
  preferences: Preferences;
  /** Of an interpreter that runs on another computer: see `InterpreterFence`. */
  fence?: number | undefined;
}

/** What happens to a participant's media. */
export interface ParticipantEvents {
  /** A track has ended while its owner stays. */
  producerClosed(producerId: string): void;
  dataProducerClosed(dataProducerId: string): void;
  /** What they received from has failed, and the room goes on without it. */
  receivingLost(): void;
}

export interface ParticipantDeps {
  media: RoomRouters;
  peer: ParticipantConnection;
  events: ParticipantEvents;
  /** The number of the room's last message. */
  joinedAtMessage: number;
}

export type TrackProducer = Producer<{ source: TrackSource; booth?: BoothRole }>;

export interface TrackOptions {
  kind: 'audio' | 'video';
  source: TrackSource;
  rtpParameters: RtpParameters;
  paused: boolean;
  role: BoothRole | undefined;
}
export interface DataTrackOptions {
  label: string;
  sctpStreamParameters: SctpStreamParameters;
  role: BoothRole;
}

/**
 * The name of a participant as others see it: the first of these of which anything can be seen, marked where it says that they are the
 * interpreter or a host and their grants do not.
 */
export function shownName(names: readonly (string | undefined)[], grants: readonly Grant[]): string {
  const name = names.map((name) => cleanDisplayName(name ?? '')).find((name) => name !== '') ?? '?';
  const has = meetingParts.filter((part) => grants.includes(part === 'host' ? 'host' : 'interpret'));
  return markedName(name, new Set(has));
}

export class Participant {
  readonly id: string;
  readonly identity: string;
  readonly name: string;
  readonly kind: 'person' | 'interpreter';
  readonly hidden: boolean;
  readonly reader: boolean;
  readonly grants: readonly Grant[];
  credential: Credential;
  preferences: Preferences;
  readonly fence: number | undefined;
  /** The number of the room's last message when they joined: the join reply holds those up to it. */
  readonly joinedAtMessage: number;
  /** The number of the room's last message when they last stopped receiving the captions of a language. */
  readonly receivedUpTo = new BoundedMap<LanguageCode, number>(LANGUAGES_KEPT);
  readonly peer: ParticipantConnection;
  readonly producers: ResourceRegistry<TrackProducer>;
  readonly consumers: ResourceRegistry<ReceivedTrack>;
  readonly dataProducers: ResourceRegistry<CaptionsProducer>;
  readonly dataConsumers: ResourceRegistry<ReceivedCaptions>;
  readonly #transports: { send: ResourceRegistry<WebRtcTransport>; recv: ResourceRegistry<ReceivingTransport> };
  readonly #media: RoomRouters;
  readonly #events: ParticipantEvents;
  #closed = false;

  constructor(profile: Profile, { media, peer, events, joinedAtMessage }: ParticipantDeps) {
    this.id = profile.id;
    this.identity = profile.identity;
    this.name = profile.name;
    this.fence = profile.fence;
    this.hidden = profile.hidden;
    this.reader = profile.reader;
    this.grants = profile.grants;
    this.credential = profile.credential;
    this.kind = profile.grants.includes('interpret') ? 'interpreter' : 'person';
    this.preferences = profile.preferences;
    this.joinedAtMessage = joinedAtMessage;
    this.peer = peer;
    this.#media = media;
    this.#events = events;
    this.#transports = {
      send: new ResourceRegistry('"send" transport', 1),
      recv: new ResourceRegistry('"recv" transport', 1),
    };
    this.producers = new ResourceRegistry('producer', limits.producers[this.kind]);
    this.consumers = new ResourceRegistry('consumer', limits.consumers);
    this.dataProducers = new ResourceRegistry('data producer', limits.dataProducers);
    this.dataConsumers = new ResourceRegistry('data consumer', limits.dataConsumers);
  }

  get view(): ParticipantView {
    const { id, name, kind, hidden, preferences } = this;
    const producers = this.producers.all.map(producerView);
    return { id, name, kind, hidden, ...preferences, producers, dataProducers: this.dataProducers.all.map(dataView) };
  }

  async openTransport(direction: TransportDirection): Promise<NegotiatedTransport> {
    const { send, recv } = this.#transports;
    if (direction === 'send') {
      const transport = await send.create(() => openWebRtcTransport(this.#media.origin));
      await mediaCall(() => transport.setMaxIncomingBitrate(limits.incomingBitrate));
      return transport;
    }
    const transport = await recv.create(() => this.#media.openReceivingTransport(onlyListens(this)));
    transport.onLost(() => {
      if (!this.#closed) this.#events.receivingLost();
    });
    return transport.negotiated;
  }

  /** The candidates of a transport that this participant may connect to. An interpreter that the server has launched may be on its computer. */
  iceCandidatesOf({ iceCandidates }: NegotiatedTransport): IceCandidate[] {
    return this.credential.launched ? withLocalCandidates(iceCandidates, this.#media.origin.listen) : iceCandidates;
  }

  transport(transportId: string): NegotiatedTransport {
    const { send, recv } = this.#transports;
    return send.has(transportId) ? send.get(transportId) : recv.get(transportId).negotiated;
  }

  async produce(
    transportId: string,
    { kind, source, rtpParameters, paused, role }: TrackOptions,
  ): Promise<TrackProducer> {
    const transport = this.#transports.send.get(transportId);
    const appData = { source, ...(role && { booth: role }) };
    const producer = await this.producers.create(() => transport.produce({ kind, rtpParameters, paused, appData }));
    producer.observer.once('close', () => {
      if (!this.#closed) this.#events.producerClosed(producer.id);
    });
    return producer;
  }

  /** Creates a consumer, paused; an earlier one of the same producer is closed. @throws {ApiError} where no codec fits */
  async consume(transportId: string, producerId: string, rtpCapabilities: RtpCapabilities): Promise<ReceivedTrack> {
    const transport = this.#transports.recv.get(transportId);
    const consumer = await this.consumers.create(() => transport.receive(producerId, rtpCapabilities));
    this.stopConsuming(producerId, consumer.id);
    consumer.once('producerclose', () => this.peer.notify('consumer.closed', { consumerId: consumer.id }));
    return consumer;
  }

  /** Closes the consumers of `producerId` but one, and notifies this participant. Default: all. */
  stopConsuming(producerId: string, butId?: string): void {
    for (const consumer of this.consumers.all) {
      if (consumer.producerId !== producerId || consumer.id === butId) continue;
      consumer.close();
      this.peer.notify('consumer.closed', { consumerId: consumer.id });
    }
  }

  /** @param relay makes the data producer that others consume from the interpreter's own */
  async produceData(
    transportId: string,
    { label, sctpStreamParameters, role }: DataTrackOptions,
    relay: (source: CaptionsProducer) => Promise<CaptionsProducer>,
  ): Promise<CaptionsProducer> {
    const transport = this.#transports.send.get(transportId);
    const appData = { booth: role };
    const dataProducer = await this.dataProducers.create(async () =>
      relay(await transport.produceData({ label, sctpStreamParameters, appData })),
    );
    dataProducer.observer.once('close', () => {
      if (!this.#closed) this.#events.dataProducerClosed(dataProducer.id);
    });
    return dataProducer;
  }

  /** The consumer is paused until the participant's end of the data channel is open. */
  async consumeData(transportId: string, captions: CaptionsProducer): Promise<ReceivedCaptions> {
    const transport = this.#transports.recv.get(transportId);
    const consumer = await this.dataConsumers.create(() => transport.receiveCaptions(captions));
    for (const earlier of this.dataConsumers.all) {
      if (earlier.dataProducerId !== captions.id || earlier.id === consumer.id) continue;
      earlier.close();
      this.peer.notify('dataConsumer.closed', { dataConsumerId: earlier.id });
    }
    consumer.once('dataproducerclose', () => this.peer.notify('dataConsumer.closed', { dataConsumerId: consumer.id }));
    return consumer;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { send, recv } = this.#transports;
    for (const owned of [this.producers, this.consumers, this.dataProducers, this.dataConsumers, send, recv])
      owned.close();
  }
}

export function producerView({ id, kind, paused, appData }: TrackProducer): ProducerView {
  return { id, kind, paused, source: appData.source, ...(appData.booth && { booth: appData.booth }) };
}

export const dataView = ({ id, label, appData }: CaptionsProducer): DataProducerView => ({
  id,
  label,
  booth: appData.booth,
});
