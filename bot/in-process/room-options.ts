/** What a host hands over and gets back: the types of `Booth.interpret`. */
import type {
  AccountUsage,
  HeardLanguage,
  InterpreterStats,
  LanguageCode,
  LanguagesResponse,
  RoomMessage,
  RoomUsage,
} from '@mediasoup-booth/protocol';
import type { DataProducer, Producer } from 'mediasoup/types';
import type { InterpretedRoomState } from './room-state.ts';

/** What a channel or its captions carry, as `appData.booth` of the producer or data producer. */
export interface OfferedRole {
  role: 'channel' | 'captions';
  language: LanguageCode;
  /** The id of the person whose translation this is, where each has a track: see `playout.tracks`. */
  speaker?: string;
  /** Marks it as an interpreter's. */
  interpreter: string;
}

/** A producer with the translated voices of a language, or a data producer with its captions. */
export type Offered = Producer<{ booth: OfferedRole }> | DataProducer<{ booth: OfferedRole }>;

/** The part of a mediasoup `Consumer` or `DataConsumer` that is needed of what `offer` returns. */
export interface OfferedConsumer {
  readonly closed: boolean;
  readonly paused: boolean;
  readonly observer: { on(event: 'resume', listener: () => void): unknown };
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** The host's side of a room: usually the host's own room object. Its methods are called on it, never after the room has closed. */
export interface RoomHost {
  /**
   * Makes a consumer (or a data consumer) of `it` for a person, who hears the language of the channel or reads its captions, and returns it: Booth
   * pauses it while they do not, and resumes it when they do again. Called once for each producer; again where it returned no consumer, threw or
   * rejected, as something changes or after 1 to 30 s, and where that consumer was closed. Not called after `leave`.
   *
   * With `withdraw`, nothing has to be returned, and it is called again after each `withdraw`. Where nothing can be handed over yet, as there is
   * no transport, it has to throw or reject then.
   *
   * @example
   * offer(personId, it) {
   *   return this.consume(this.people.get(personId), it); // a promise of the Consumer, or of undefined
   * }
   */
  offer?(
    personId: string,
    it: Offered,
  ): OfferedConsumer | undefined | void | Promise<OfferedConsumer | undefined> | Promise<void>;
  /**
   * Closes what `offer` has made, where it shall not be paused: the person does not hear or read this any more. Not called for what has closed
   * itself: mediasoup closes its consumers then.
   */
  withdraw?(personId: string, it: Offered): void | Promise<void>;
  /**
   * Passes a room message to a person, who reads its language, in the way that the host's messages take. Where there is this method, no
   * data producers are offered. What was said before they chose the language comes first. The message is frozen, as others get the same one: copy it
   * to change it.
   */
  send?(personId: string, message: Readonly<RoomMessage>): void | Promise<void>;
  /** The languages into which this room is interpreted, of those of the Booth. Default: all. */
  languages?: 'auto' | readonly LanguageCode[];
  /** Stands in logs (`room`) and usage. Default: the router's id. */
  name?: string;
}

/** What a person chooses. What is left out stays as it was. */
export interface PersonOptions {
  /** Stands in captions. Default: the id. */
  name?: string;
  /** The language they speak, as a code or locale (`en`, `en-GB`); null: they do not speak; an empty text: it is not known. */
  speaks?: LanguageCode | null;
  /** The channel they listen to. Default: `original`, none. */
  hears?: HeardLanguage;
  /** The captions they read: languages, and `original` for the words as they were spoken. Default: none. */
  reads?: readonly (LanguageCode | 'original')[];
  /** False: what they say is not interpreted. Default: true. */
  interpret?: boolean;
  /** False: the model sees no pictures of their screen or camera. Default: true. */
  pictures?: boolean;
}

export interface RoomEventMap {
  /** A caption, a status, or that an utterance's translation begins or ends to sound: what the data producers carry. Frozen, as in `send`. */
  message: [message: Readonly<RoomMessage>];
  /** What the room has used today. */
  usage: [usage: RoomUsage];
  state: [state: InterpretedRoomState];
  /** Somebody seems to speak another language than the one given. */
  suggestion: [suggestion: { person: string; speaks: LanguageCode }];
  /** Somebody is too quiet to be understood well, or no longer is. */
  tooQuiet: [notice: { person: string; isTooQuiet: boolean }];
  closed: [];
}

/** Statistics of a room. */
export interface InterpretedRoomStats {
  /** As the interpreter reported them last, at most 5 s ago; undefined until it has. */
  interpreter: InterpreterStats | undefined;
  people: number;
}

/** Statistics of a Booth. */
export interface BoothStats {
  rooms: number;
  /** Whether the interpreter's thread works. */
  running: boolean;
  /** How often it was started. */
  starts: number;
}

/**
 * A room that is interpreted. It closes with its router. After that, calls have no effect.
 *
 * Calls take effect together, after the current turn of the event loop.
 */
export interface InterpretedRoom extends AsyncDisposable {
  readonly state: InterpretedRoomState;
  /**
   * Adds a person, or changes them.
   *
   * @throws {BoothError} `languageNotServed` for a language in `hears` or `reads` into which the engine does not translate, `invalid`;
   *   nothing has changed then
   */
  person(id: string, options?: PersonOptions): void;
  /**
   * Sets what a person hears and reads, as their client asks for it. Of what it sent, `hears` and `reads` are read, and nothing else: no client
   * can give itself another name so.
   *
   * @example
   * socket.on('choose', (choice) => room.choose(socket.id, choice)); // { hears: 'es', reads: ['es'] }
   * @throws {BoothError} `languageNotServed`, and `invalid`, also where `person` was not called for this id; nothing has changed then
   */
  choose(id: string, choice: unknown): void;
  /**
   * What the person says there is interpreted, until the producer closes.
   *
   * @throws {BoothError} `wrongKind` for video, `wrongRouter`
   */
  microphone(id: string, producer: Producer): void;
  /** The model may see this screen while somebody speaks. @throws as `microphone` */
  screen(id: string, producer: Producer): void;
  /** The model may see this camera while the person speaks. @throws as `microphone` */
  camera(id: string, producer: Producer): void;
  /** The person has left. What was offered to them is not withdrawn: it ends with their transport. */
  leave(id: string): void;
  /** A listener that throws, or rejects, is logged. */
  on<E extends keyof RoomEventMap>(event: E, listener: (...args: RoomEventMap[E]) => unknown): this;
  off<E extends keyof RoomEventMap>(event: E, listener: (...args: RoomEventMap[E]) => unknown): this;
  /** The captions of a language for who comes late, oldest first: the last 50 finals, and what is being said. `original`: as it was said. Frozen, as in `send`. */
  recent(language: HeardLanguage): Readonly<RoomMessage>[];
  /** What can be heard and read in this room. */
  languages(): LanguagesResponse;
  /** What the room has used today (UTC), in tokens and money. */
  usage(): RoomUsage;
  stats(): InterpretedRoomStats;
  /** Ends interpretation in this room; what was offered closes. The router stays. Resolves when its last usage is counted, after 2 s at most. */
  close(): Promise<void>;
}

export type { AccountUsage };
