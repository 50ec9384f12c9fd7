/**
 * Decides what a thread takes on while it is overloaded, so that not everybody's packets are lost: who was interpreted first loses nothing;
 * those who came last are only read, then wait. One thread has one, for all its interpreters.
 *
 * The thread is overloaded while its event loop is hardly ever idle. Then, every three seconds, a tenth of what it interprets loses the voice,
 * the latest first, and in the next three seconds its captions. When the event loop has had time for twelve seconds, they come
 * back one after another, the earliest first, and captions before voices. Eight interpretations are never held back: where a thread cannot do as
 * many, it is the computer that is too busy.
 */
import { type Clock, every } from '../../time/clock.ts';

/** What an interpretation gets: all that is wanted, only captions, or nothing so far. */
export type Allowance = 'all' | 'captions' | 'waiting';

const TICK_MS = 3000;
/** Shares of the time for which the event loop is busy. */
const OVERLOADED = 0.92;
const CALM = 0.75;
/** So many ticks in a row prove it: one alone may be a burst. */
const OVERLOADED_TICKS = 2;
const CALM_TICKS = 4;
const SHED_SHARE = 0.1;
const NEVER_HELD_BACK = 8;

interface Place {
  allowance: Allowance;
  room: RoomAdmission;
}

export interface AdmissionControlOptions {
  /** Returns the share of the time since it was called last for which the event loop was busy: see `measureBusyShare`. */
  busyShare(): number;
  clock: Clock;
}

/**
 * @example
 * const room = control.enter(() => interpreter.reconcile());
 * room.admit('ann es'); // 'all'
 * room.retain(new Set(['ann es'])); // the others have ended
 * room.leave();
 */
export class AdmissionControl {
  readonly #options: AdmissionControlOptions;
  /** In the order in which they came. */
  readonly #places = new Map<string, Place>();
  readonly #rooms = new Set<RoomAdmission>();
  #cancelTicks: (() => void) | undefined;
  #overloadedTicks = 0;
  #calmTicks = 0;
  #lastRoom = 0;

  constructor(options: AdmissionControlOptions) {
    this.#options = options;
  }

  /** @param onChanged is called when what the room's interpretations get has changed */
  enter(onChanged: () => void): RoomAdmission {
    const room: RoomAdmission = new RoomAdmission({
      id: ++this.#lastRoom,
      places: this.#places,
      onChanged,
      admitNew: () => this.#allowanceOfNew(),
      onLeft: () => this.#left(room),
    });
    this.#rooms.add(room);
    if (!this.#cancelTicks) {
      // What happened before is no load of ours.
      this.#options.busyShare();
      this.#cancelTicks = every(this.#options.clock, TICK_MS, () => this.#tick());
    }
    return room;
  }

  #left(room: RoomAdmission): void {
    this.#rooms.delete(room);
    if (this.#rooms.size > 0) return;
    this.#cancelTicks?.();
    this.#cancelTicks = undefined;
  }

  /** Behind those that are held back, nobody gets more than they have. */
  #allowanceOfNew(): Allowance {
    const all = [...this.#places.values()];
    if (all.length < NEVER_HELD_BACK) return 'all';
    if (all.some(({ allowance }) => allowance === 'waiting')) return 'waiting';
    return all.some(({ allowance }) => allowance === 'captions') ? 'captions' : 'all';
  }

  #tick(): void {
    const share = this.#options.busyShare();
    this.#overloadedTicks = share >= OVERLOADED ? this.#overloadedTicks + 1 : 0;
    this.#calmTicks = share <= CALM ? this.#calmTicks + 1 : 0;
    if (this.#overloadedTicks >= OVERLOADED_TICKS) this.#shed();
    else if (this.#calmTicks >= CALM_TICKS) this.#restore();
  }

  #shed(): void {
    const served = [...this.#places.values()].slice(NEVER_HELD_BACK).filter(({ allowance }) => allowance !== 'waiting');
    const latest = served.slice(-Math.ceil(this.#places.size * SHED_SHARE));
    const withVoice = latest.filter(({ allowance }) => allowance === 'all');
    if (withVoice.length > 0) this.#set(withVoice, 'captions');
    else this.#set(latest, 'waiting');
  }

  #restore(): void {
    const all = [...this.#places.values()];
    const waiting = all.find(({ allowance }) => allowance === 'waiting');
    const readOnly = all.find(({ allowance }) => allowance === 'captions');
    if (waiting) this.#set([waiting], 'captions');
    else if (readOnly) this.#set([readOnly], 'all');
  }

  #set(places: readonly Place[], allowance: Allowance): void {
    for (const place of places) place.allowance = allowance;
    for (const room of new Set(places.map((place) => place.room))) room.changed();
  }
}

interface RoomAdmissionOptions {
  id: number;
  places: Map<string, Place>;
  onChanged(): void;
  admitNew(): Allowance;
  onLeft(): void;
}

/** The interpretations of one room among those of its thread. */
export class RoomAdmission {
  readonly #options: RoomAdmissionOptions;

  constructor(options: RoomAdmissionOptions) {
    this.#options = options;
  }

  /** @param interpretation tells it from the others of the room */
  admit(interpretation: string): Allowance {
    const { places, admitNew } = this.#options;
    const key = this.#keyOf(interpretation);
    const place = places.get(key) ?? { allowance: admitNew(), room: this };
    places.set(key, place);
    return place.allowance;
  }

  /** The room's other interpretations have ended: who starts one again comes last. */
  retain(interpretations: ReadonlySet<string>): void {
    const kept = new Set([...interpretations].map((one) => this.#keyOf(one)));
    for (const [key, { room }] of this.#options.places)
      if (room === this && !kept.has(key)) this.#options.places.delete(key);
  }

  /** How many of the room are only read, and how many wait. */
  get heldBack(): { captions: number; waiting: number } {
    const own = [...this.#options.places.values()].filter(({ room }) => room === this);
    const count = (wanted: Allowance) => own.filter(({ allowance }) => allowance === wanted).length;
    return { captions: count('captions'), waiting: count('waiting') };
  }

  changed(): void {
    this.#options.onChanged();
  }

  leave(): void {
    this.retain(new Set());
    this.#options.onLeft();
  }

  #keyOf(interpretation: string): string {
    return `${this.#options.id} ${interpretation}`;
  }
}
