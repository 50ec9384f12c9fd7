/**
 * The tracks of a room: who may consume whose, and the notifications of what becomes of them.
 *
 * Hard requirement: whom a host has muted is silent until they unmute themselves, also when they join again meanwhile.
 */

import type { TrackSource } from '@mediasoup-booth/protocol';
import type { RtpCapabilities } from 'mediasoup/types';
import { BoundedSet } from '../../collections/bounded-map.ts';
import {
  receiveGrantOf,
  requireConsent,
  requireHost,
  requireMutable,
  requireReceive,
  withholds,
} from '../auth/permissions.ts';
import type { CaptionsProducer } from '../media/caption-relay.ts';
import type { ReceivedCaptions, ReceivedTrack } from '../media/receiving.ts';
import { mediaCall } from '../media/resource-registry.ts';
import type { ChangeLimiter } from './change-limiter.ts';
import {
  type DataTrackOptions,
  dataView,
  type Participant,
  producerView,
  type TrackOptions,
  type TrackProducer,
} from './participant.ts';
import type { ParticipantRegistry } from './participant-registry.ts';
import type { RoomCaptions } from './room-captions.ts';

/** As many as a host mutes in one meeting, and few enough to remember. */
const MAX_MUTED = 1_000;

export class RoomTracks {
  readonly #registry: ParticipantRegistry;
  readonly #captions: RoomCaptions;
  /** The sources of sound that a host has muted and their owners have not unmuted, as `identity source`. */
  readonly #mutedByHost = new BoundedSet<string>(MAX_MUTED);
  readonly #changes: ChangeLimiter;

  /** @param captions relays the caption channels of interpreters */
  constructor(registry: ParticipantRegistry, captions: RoomCaptions, changes: ChangeLimiter) {
    this.#registry = registry;
    this.#captions = captions;
    this.#changes = changes;
  }

  async produce(participant: Participant, transportId: string, track: TrackOptions): Promise<TrackProducer> {
    this.#changes.take(participant);
    const isMuted = this.#mutedByHost.has(muteKey(participant, track));
    const producer = await participant.produce(transportId, { ...track, paused: track.paused || isMuted });
    this.#registry.announceTrack(participant, 'producer.created', { producer: producerView(producer) });
    // Who lost their connection just then may not know that they are muted.
    if (isMuted) notifyPaused(participant, producer.id);
    return producer;
  }

  /** Pauses or resumes a track at its owner's request. */
  async setPaused(participant: Participant, producerId: string, paused: boolean): Promise<void> {
    const producer = participant.producers.get(producerId);
    if (producer.paused !== paused) this.#changes.take(participant);
    if (!paused) this.#mutedByHost.delete(muteKey(participant, producer.appData));
    await this.#pause(participant, producerId, paused);
  }

  async #pause(participant: Participant, producerId: string, paused: boolean): Promise<void> {
    const producer = participant.producers.get(producerId);
    if (producer.paused === paused) return;
    await mediaCall(() => (paused ? producer.pause() : producer.resume()));
    this.#registry.announceTrack(participant, paused ? 'producer.paused' : 'producer.resumed', { producerId });
  }

  /** Mutes a person's sound at a host's request, until they unmute it. @throws {ApiError} where the host may not */
  async mute(host: Participant, producerId: string): Promise<void> {
    requireHost(host);
    const owner = this.#registry.ownerOf(producerId, 'producers', host);
    const producer = owner.producers.get(producerId);
    requireMutable(owner, producer.kind);
    if (producer.paused) return;
    this.#changes.take(host);
    this.#mutedByHost.add(muteKey(owner, producer.appData));
    await this.#pause(owner, producerId, true);
    notifyPaused(owner, producerId);
  }

  /** The sounds that a host has muted and nobody has unmuted, each as `identity source`. */
  get mutedByHost(): string[] {
    return [...this.#mutedByHost];
  }

  /** Mutes what a host has muted at the server from which the room has moved. */
  async keepMuted(muted: readonly string[]): Promise<void> {
    for (const key of muted) this.#mutedByHost.add(key);
    const published = this.#registry.all.flatMap((owner) =>
      owner.producers.all.map((producer) => ({ owner, producer })),
    );
    const unmuted = published.filter(
      ({ owner, producer }) => !producer.paused && this.#mutedByHost.has(muteKey(owner, producer.appData)),
    );
    await Promise.all(
      unmuted.map(async ({ owner, producer }) => {
        await this.#pause(owner, producer.id, true);
        notifyPaused(owner, producer.id);
      }),
    );
  }

  async consume(
    participant: Participant,
    transportId: string,
    producerId: string,
    rtpCapabilities: RtpCapabilities,
  ): Promise<ReceivedTrack> {
    const speaker = this.#registry.ownerOf(producerId, 'producers', participant);
    const { kind, appData } = speaker.producers.get(producerId);
    requireReceive(participant, receiveGrantOf[appData.source]);
    requireConsent(speaker, kind, participant);
    const consumer = await participant.consume(transportId, producerId, rtpCapabilities);
    // The speaker may have withdrawn their consent while the consumer was created.
    if (withholds(speaker.preferences, kind, participant)) consumer.close();
    requireConsent(speaker, kind, participant);
    return consumer;
  }

  /** Bytes that the owner of a track has sent so far. */
  async bytesSent(producerId: string, viewer: Participant): Promise<number> {
    const producer = this.#registry.ownerOf(producerId, 'producers', viewer).producers.get(producerId);
    requireReceive(viewer, receiveGrantOf[producer.appData.source]);
    const streams = await mediaCall(() => producer.getStats());
    return streams.reduce((sum, { byteCount }) => sum + byteCount, 0);
  }

  async produceData(participant: Participant, transportId: string, track: DataTrackOptions): Promise<CaptionsProducer> {
    this.#changes.take(participant);
    const dataProducer = await participant.produceData(transportId, track, (source) => this.#captions.relay(source));
    this.#registry.announceTrack(participant, 'dataProducer.created', { dataProducer: dataView(dataProducer) });
    return dataProducer;
  }

  async consumeData(participant: Participant, transportId: string, dataProducerId: string): Promise<ReceivedCaptions> {
    requireReceive(participant, 'captions');
    const owner = this.#registry.ownerOf(dataProducerId, 'dataProducers', participant);
    return participant.consumeData(transportId, owner.dataProducers.get(dataProducerId));
  }

  /**
   * Starts to send captions to somebody whose data channel is open, and first those that came since they joined, or last received this
   * language: while a channel is being opened, and before its language is chosen, a media worker drops what it cannot send.
   */
  async resumeData(participant: Participant, dataConsumerId: string): Promise<void> {
    const consumer = participant.dataConsumers.get(dataConsumerId);
    const owner = this.#registry.ownerOf(consumer.dataProducerId, 'dataProducers', participant);
    const { language } = owner.dataProducers.get(consumer.dataProducerId).appData.booth;
    if (!consumer.paused) return;
    const resumed = mediaCall(() => consumer.resume());
    const from = participant.receivedUpTo.get(language) ?? participant.joinedAtMessage;
    consumer.observer.once('close', () => participant.receivedUpTo.set(language, this.#captions.lastNumber));
    // Messages to the worker keep their order: these are sent after it has resumed the consumer, and before the next caption.
    // Sending fails only where the consumer is closed meanwhile.
    for (const { message } of this.#captions.since(from)) {
      if (message.language === language) consumer.send(JSON.stringify(message)).catch(() => undefined);
    }
    await resumed;
  }

  /** Closes the consumers for which a speaker has withdrawn their consent. */
  withhold(speaker: Participant): void {
    for (const listener of this.#registry.all)
      for (const { id, kind } of speaker.producers.all)
        if (withholds(speaker.preferences, kind, listener)) listener.stopConsuming(id);
  }
}

const muteKey = ({ identity }: Participant, { source }: { source: TrackSource }): string => `${identity} ${source}`;

function notifyPaused({ id: participantId, peer }: Participant, producerId: string): void {
  peer.notify('producer.paused', { participantId, producerId });
}
