/** A room's people connect to the server to which it moves before it does, so that they go on there at once when it has. */
import { type Clock, sleep } from '../../time/clock.ts';
import type { Participant } from './participant.ts';
import type { ParticipantRegistry } from './participant-registry.ts';

const LOOK_EVERY_MS = 50;

export class MovePreparation {
  readonly #registry: Pick<ParticipantRegistry, 'all' | 'announce'>;
  readonly #clock: Clock;
  /** The URL of the server to which the room moves; undefined: it stays. */
  #server: string | undefined;
  /** The participants who are connected to that server, too. */
  readonly #connected = new WeakSet<Participant>();

  constructor(registry: Pick<ParticipantRegistry, 'all' | 'announce'>, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** How many people are not connected to that server yet. */
  get unready(): number {
    const { all } = this.#registry;
    return all.filter((one) => one.kind === 'person' && !one.reader && !this.#connected.has(one)).length;
  }

  /**
   * Has people connect to a server. Resolves when all of them are connected, when the room `isClosing`, and after `limitMs` at the latest:
   * clients that cannot connect before the move come back after it.
   */
  async prepare(server: string, { limitMs, isClosing }: { limitMs: number; isClosing(): boolean }): Promise<void> {
    this.#server = server;
    this.#registry.announce('room.moving', { server });
    const untilMs = this.#clock.now() + limitMs;
    while (!isClosing() && this.unready > 0 && this.#clock.now() < untilMs) await sleep(this.#clock, LOOK_EVERY_MS);
  }

  /** Tells a newcomer of a move that is under way. */
  tell({ peer }: Participant): void {
    if (this.#server !== undefined) peer.notify('room.moving', { server: this.#server });
  }

  /** The participant is connected to that server. */
  connected(participant: Participant): void {
    this.#connected.add(participant);
  }
}
