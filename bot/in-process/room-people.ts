/**
 * The people of one room and what they produce. A producer that closes is removed by itself; who was never described, and has only
 * produced, goes with their last producer.
 */
import type { ParticipantView, ProducerView, TrackSource } from '@mediasoup-booth/protocol';
import type { Producer } from 'mediasoup/types';
import { BoothError } from '../booth-error.ts';
import { changedPerson, checkPersonId, newPerson, type Person, participantOf } from './people.ts';
import type { PersonOptions } from './room-options.ts';
import type { PersonInRoom } from './room-problems.ts';
import type { ServedLanguages } from './served-languages.ts';

interface Produced {
  readonly producer: Producer;
  readonly source: TrackSource;
  unobserve(): void;
}

interface Known {
  person: Person;
  /** Whether the host has described them, by `person`. */
  isDescribed: boolean;
  readonly produced: Map<string, Produced>;
}

export interface RoomPeopleOptions {
  served: ServedLanguages;
  /** Whether a producer is on the room's router. */
  isHere(producer: Producer): boolean;
  /** Somebody, or what they produce, has changed. */
  onChanged(): void;
}

export class RoomPeople {
  readonly #options: RoomPeopleOptions;
  readonly #people = new Map<string, Known>();

  constructor(options: RoomPeopleOptions) {
    this.#options = options;
  }

  get all(): Person[] {
    return [...this.#people.values()].map(({ person }) => person);
  }

  get(id: string): Person | undefined {
    return this.#people.get(id)?.person;
  }

  get participants(): ParticipantView[] {
    return [...this.#people.values()].map(({ person, produced }) =>
      participantOf(person, [...produced.values()].filter(isInterpretable).map(viewOf)),
    );
  }

  get withMicrophones(): PersonInRoom[] {
    return [...this.#people.values()].map(({ person, isDescribed, produced }) => {
      const microphones = [...produced.values()].filter(({ source }) => source === 'microphone');
      return {
        ...person,
        isDescribed,
        microphones: microphones.map(mimeTypeOf),
        isMuted: microphones.every(({ producer }) => producer.paused),
      };
    });
  }

  producer(id: string): Producer | undefined {
    for (const { produced } of this.#people.values()) {
      const found = produced.get(id);
      if (found) return found.producer;
    }
    return undefined;
  }

  /** The person who has produced this. */
  ownerOf(producerId: string): Person | undefined {
    return [...this.#people.values()].find(({ produced }) => produced.has(producerId))?.person;
  }

  /** @throws {BoothError} `invalid`, `languageNotServed` */
  describe(id: string, options: PersonOptions): void {
    checkPersonId(id);
    const known = this.#people.get(id);
    const person = changedPerson(known?.person ?? newPerson(id), options, this.#options.served);
    if (known) Object.assign(known, { person, isDescribed: true });
    else this.#people.set(id, { person, isDescribed: true, produced: new Map() });
    this.#options.onChanged();
  }

  /**
   * Changes what a person hears and reads, and leaves alone what else a client may have sent.
   *
   * @throws {BoothError} `invalid`, `languageNotServed`
   */
  choose(id: string, choice: unknown): void {
    checkPersonId(id);
    if (!this.#people.get(id)?.isDescribed)
      throw new BoothError(
        'invalid',
        `choose(${JSON.stringify(id)}): nobody of this id is here, call person() when they come`,
      );
    const { hears, reads } = Object(choice) as Pick<PersonOptions, 'hears' | 'reads'>;
    this.describe(id, { ...(hears !== undefined && { hears }), ...(reads !== undefined && { reads }) });
  }

  /** @throws {BoothError} `invalid`, `wrongKind`, `wrongRouter` */
  add(id: string, producer: Producer, source: TrackSource): void {
    checkPersonId(id);
    checkProducer(producer, source);
    if (producer.closed) return;
    if (!this.#options.isHere(producer))
      throw new BoothError(
        'wrongRouter',
        `the ${source} of ${id} is not on the router that is interpreted: interpret(router) takes the router on which people produce, and a producer that was piped to it counts there`,
      );
    const known = this.#people.get(id) ?? { person: newPerson(id), isDescribed: false, produced: new Map() };
    this.#people.set(id, known);
    known.produced.get(producer.id)?.unobserve();
    const unobserve = observed(producer, {
      changed: this.#options.onChanged,
      closed: () => this.#removeProducer(id, producer.id),
    });
    known.produced.set(producer.id, { producer, source, unobserve });
    this.#options.onChanged();
  }

  /** @returns whether they were here */
  remove(id: string): boolean {
    const known = this.#people.get(id);
    if (!known) return false;
    for (const { unobserve } of known.produced.values()) unobserve();
    this.#people.delete(id);
    this.#options.onChanged();
    return true;
  }

  close(): void {
    for (const { produced } of this.#people.values()) for (const { unobserve } of produced.values()) unobserve();
    this.#people.clear();
  }

  #removeProducer(id: string, producerId: string): void {
    const known = this.#people.get(id);
    if (!known?.produced.delete(producerId)) return;
    if (!known.isDescribed && known.produced.size === 0) this.#people.delete(id);
    this.#options.onChanged();
  }
}

function checkProducer(producer: Producer, source: TrackSource): void {
  const { kind, observer } = (producer ?? {}) as Partial<Producer>;
  if (typeof kind !== 'string' || !observer)
    throw new BoothError('invalid', `${source}: needs a Producer of mediasoup, and not ${typeof producer}`);
  const wanted = source === 'microphone' ? 'audio' : 'video';
  if (kind !== wanted)
    throw new BoothError('wrongKind', `${source}: needs a producer of ${wanted}, and this is one of ${kind}`);
}

function observed({ observer }: Producer, { changed, closed }: { changed(): void; closed(): void }): () => void {
  observer.on('pause', changed);
  observer.on('resume', changed);
  observer.on('close', closed);
  return () => {
    observer.off('pause', changed);
    observer.off('resume', changed);
    observer.off('close', closed);
  };
}

const mimeTypeOf = ({ producer }: Produced): string => producer.rtpParameters.codecs[0]?.mimeType ?? '';

const isInterpretable = (produced: Produced): boolean =>
  produced.source !== 'microphone' || /^audio\/opus$/i.test(mimeTypeOf(produced));

const viewOf = ({ producer: { id, kind, paused }, source }: Produced): ProducerView => ({ id, kind, source, paused });
