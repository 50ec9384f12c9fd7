/**
 * Passes captions to the people who read them, through the host's `send`: first what was said before they chose the language, then what
 * comes, each once and in order. For hosts whose captions do not go over data channels.
 */
import type { LanguageCode, RoomMessage } from '@mediasoup-booth/protocol';
import { callHost } from '../host-call.ts';
import { isOffered } from './offers.ts';
import type { Person } from './people.ts';

type Reader = Pick<Person, 'id' | 'hears' | 'reads'>;

export interface CaptionReadersOptions {
  send(person: string, message: RoomMessage): unknown;
  /** The last captions in all languages, oldest first. */
  recent(): readonly RoomMessage[];
  onFailed(person: string, error: unknown): void;
}

export class CaptionReaders {
  readonly #options: CaptionReadersOptions;
  /** The languages whose captions each person has begun to receive. */
  readonly #received = new Map<string, Set<LanguageCode>>();

  constructor(options: CaptionReadersOptions) {
    this.#options = options;
  }

  /** People have come, gone or chosen: whoever reads another language now receives what was said in it. */
  reconcile(people: readonly Reader[]): void {
    const present = new Set(people.map(({ id }) => id));
    for (const id of this.#received.keys()) if (!present.has(id)) this.#received.delete(id);
    for (const person of people) {
      const received = this.#receivedBy(person);
      for (const language of received) if (!reads(person, language)) received.delete(language);
      for (const language of new Set(this.#options.recent().map((message) => message.language)))
        if (reads(person, language)) this.#catchUp(person, language);
    }
  }

  /** @param message what has just come, and is not in `recent` yet */
  push(people: readonly Reader[], message: RoomMessage): void {
    for (const person of people) {
      if (!reads(person, message.language)) continue;
      this.#catchUp(person, message.language);
      this.#send(person.id, message);
    }
  }

  #catchUp(person: Reader, language: LanguageCode): void {
    const received = this.#receivedBy(person);
    if (received.has(language)) return;
    received.add(language);
    for (const message of this.#options.recent()) if (message.language === language) this.#send(person.id, message);
  }

  #send(person: string, message: RoomMessage): void {
    const { send, onFailed } = this.#options;
    void callHost(
      () => send(person, message),
      (error) => onFailed(person, error),
    );
  }

  #receivedBy({ id }: Reader): Set<LanguageCode> {
    const received = this.#received.get(id) ?? new Set();
    this.#received.set(id, received);
    return received;
  }
}

const reads = (person: Reader, language: LanguageCode): boolean => isOffered(person, { role: 'captions', language });
