/** A notification for several participants: written as JSON once for all of them. */
import type { NotificationName, Notifications } from '@mediasoup-booth/protocol';

/**
 * Announcements with the same key describe the same thing: where a later one comes before the earlier one was sent, the earlier is not sent
 * any more.
 */
const keys: { [N in NotificationName]?: (data: Notifications[N]) => string } = {
  'participant.updated': ({ participantId }) => `preferences ${participantId}`,
  'producer.paused': ({ producerId }) => `paused ${producerId}`,
  'producer.resumed': ({ producerId }) => `paused ${producerId}`,
  'room.updated': () => 'room',
};

export class Announcement<N extends NotificationName = NotificationName> {
  readonly key: string | undefined;
  readonly name: N;
  readonly data: Notifications[N];
  #json: string | undefined;

  constructor(name: N, data: Notifications[N]) {
    this.name = name;
    this.data = data;
    this.key = keys[name]?.(data);
  }

  get json(): string {
    this.#json ??= JSON.stringify({ method: this.name, data: this.data });
    return this.#json;
  }
}
