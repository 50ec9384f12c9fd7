/** The participants of a room: which of them see which, and the notifications that follow from it. */
import { ApiError, type NotificationName, type Notifications } from '@mediasoup-booth/protocol';
import { sees } from '../auth/permissions.ts';
import { Announcement } from './announcement.ts';
import type { Participant } from './participant.ts';

type TrackNotification = Extract<NotificationName, `producer.${string}` | `dataProducer.${string}`>;

export class ParticipantRegistry {
  /** The participants by id; whoever joins again replaces their earlier entry. */
  readonly #participants = new Map<string, Participant>();

  /** How many there are, without those who read captions over HTTP. */
  get size(): number {
    return this.#participants.size - this.readers;
  }

  /** How many read captions over HTTP. */
  get readers(): number {
    let readers = 0;
    for (const { reader } of this.#participants.values()) if (reader) readers++;
    return readers;
  }

  /** How many of whom everybody is told, and how many are hidden; without those who read captions over HTTP. */
  get audience(): { shown: number; hidden: number } {
    let hidden = 0;
    for (const participant of this.#participants.values()) if (participant.hidden && !participant.reader) hidden++;
    return { shown: this.size - hidden, hidden };
  }

  get all(): Participant[] {
    return [...this.#participants.values()];
  }

  get(id: string): Participant | undefined {
    return this.#participants.get(id);
  }

  /** Whether this very participant is in the room, and not one who has replaced them. */
  has(participant: Participant): boolean {
    return this.#participants.get(participant.id) === participant;
  }

  add(participant: Participant): void {
    this.#participants.set(participant.id, participant);
  }

  delete(participant: Participant): void {
    this.#participants.delete(participant.id);
  }

  clear(): void {
    this.#participants.clear();
  }

  seenBy(viewer: Participant): Participant[] {
    return this.all.filter((other) => sees(viewer, other));
  }

  /** The participant with this id. @throws {ApiError} where `viewer` sees none */
  seen(participantId: string, viewer: Participant): Participant {
    const participant = this.#participants.get(participantId);
    if (participant && sees(viewer, participant)) return participant;
    throw new ApiError('notFound', `there is no participant ${participantId} in this room: they may just have left`);
  }

  /** The owner of a producer. @throws {ApiError} where `viewer` sees none */
  ownerOf(id: string, kind: 'producers' | 'dataProducers', viewer: Participant): Participant {
    for (const participant of this.#participants.values())
      if (participant[kind].has(id) && sees(viewer, participant)) return participant;
    throw new ApiError('notFound', `nobody in this room has a producer ${id}: it may just have closed`);
  }

  /** Notifies everyone; with `about`, everyone else who sees that participant. */
  announce<N extends NotificationName>(name: N, data: Notifications[N], about?: Participant): void {
    const announcement: Announcement = new Announcement(name, data);
    for (const participant of this.#participants.values())
      if (participant !== about && (!about || sees(participant, about))) participant.peer.announce(announcement);
  }

  /** Notifies the others of a change of somebody's track; not when its owner has left, since that ends all of their tracks. */
  announceTrack<N extends TrackNotification>(
    owner: Participant,
    name: N,
    track: Omit<Notifications[N], 'participantId'>,
  ): void {
    if (this.has(owner)) this.announce(name, { participantId: owner.id, ...track } as Notifications[N], owner);
  }
}
