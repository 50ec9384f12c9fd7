/** A room's people connect to the server to which it moves before it does, so that they go on there at once when it has. */
import { type Clock, sleep } from '../../time/clock.ts';
import type { Participant } from './participant.ts';
import type { ParticipantRegistry } from './participant-registry.ts';

const LOOK_EVERY_MS = 50;
/** So many are told at once, or a sixteenth, so that the next server is not flooded with connections, of which it bounds those that have not joined. */
const TOLD_AT_ONCE = 32;
const MOST_TURNS = 16;
const NEXT_TURN_MS = 200;

export class MovePreparation {
  readonly #registry: Pick<ParticipantRegistry, 'all'>;
  readonly #clock: Clock;
  /** The URL of the server to which the room moves; undefined: it stays. */
  #server: string | undefined;
  /** The participants who are connected to that server, too. */
  readonly #connected = new WeakSet<Participant>();
  /** They may be connected to that server, too. */
  readonly #removed = new Set<string>();

  constructor(registry: Pick<ParticipantRegistry, 'all'>, clock: Clock) {
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
    const untilMs = this.#clock.now() + limitMs;
    // Who comes from now on is told when they have joined.
    const present = this.#registry.all;
    this.#server = server;
    const atOnce = Math.max(TOLD_AT_ONCE, Math.ceil(present.length / MOST_TURNS));
    for (let from = 0; from < present.length && !isClosing(); from += atOnce) {
      if (from > 0) await sleep(this.#clock, NEXT_TURN_MS);
      for (const participant of present.slice(from, from + atOnce)) this.#tell(participant);
    }
    while (!isClosing() && this.unready > 0 && this.#clock.now() < untilMs) await sleep(this.#clock, LOOK_EVERY_MS);
  }

  /** Somebody has come while a move may be under way; also one who was removed, where the host lets them in again. */
  joined(participant: Participant): void {
    this.#removed.delete(participant.identity);
    this.#tell(participant);
  }

  #tell({ peer }: Participant): void {
    if (this.#server !== undefined) peer.notify('room.moving', { server: this.#server });
  }

  /** Those whom a host has removed since. */
  get removedIdentities(): string[] {
    return [...this.#removed];
  }

  /** A host has removed somebody. */
  removed(identity: string): void {
    if (this.#server !== undefined) this.#removed.add(identity);
  }

  /** The participant is connected to that server. */
  connected(participant: Participant): void {
    this.#connected.add(participant);
  }
}
