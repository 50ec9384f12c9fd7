/** `meeting()`: Booth's interpreter in a page that is in a mediasoup meeting of its own. docs/widget.md explains it. */

import type { Caption } from './widget.js';

export * from './widget.js';

/** What the application is asked for: hand it to `person()` of the interpreter. */
export interface ChosenLanguages {
  /** A language whose voice is heard, or `original`: none. */
  hears: string;
  /** The languages whose captions are read; `original`: what everybody says in their own language. Empty: none. At most 2. */
  reads: string[];
}

/** The languages to choose from: codes, what `languages()` of the interpreter returns, or what `GET /v1/languages` answers. */
export type LanguageList =
  | readonly (string | { code: string; audio?: boolean })[]
  | { targets: readonly { code: string; audio?: boolean }[]; engine?: { kind: string } };

export interface MeetingOptions {
  /** Your person's own id, as the interpreter knows it: their own words are not played back to them. */
  me: string;
  /** The languages to choose from, a promise of them, or an address that answers with them (tried again until it does). */
  languages: LanguageList | PromiseLike<LanguageList> | string | URL;
  /**
   * Asks your server for these languages. Called once for each change. What it throws or rejects with is shown to the person, whose choice
   * is then what it was before. It may return an array of captions of before (or a promise of one), for who comes late.
   */
  choose(languages: ChosenLanguages): unknown;
  /** What is heard at the beginning. Default: what is remembered, else `original`, or what the element's attribute says. */
  hears?: string;
  /** What is read at the beginning: one language, or none. Default: what is remembered, else what is heard, or what the element's attribute says. */
  reads?: readonly string[];
  /**
   * Whether the browser keeps what was chosen, and `meeting` begins with it the next time. A text is the key in `localStorage`, for an application
   * whose people or rooms each have a choice of their own; `true` is `booth.languages`. Default: false.
   */
  remember?: boolean | string;
  /** The element that shows captions; null: none. Default: every `<booth-captions>` of the document without a `room`, whenever it comes. */
  captions?: HTMLElement | null;
  /** The element that plays voices; null: none. Default: every `<booth-channels>` of the document without a `room`, whenever it comes. */
  channels?: HTMLElement | null;
  /** Captions of before, for who comes late: messages, or their JSON. */
  recent?: readonly (RoomMessage | string)[];
}

/** A message of an interpreter: a caption, a translation that begins or ends to sound, or how an interpretation is doing. */
export type RoomMessage =
  | Caption
  | {
      v: 1;
      type: 'playout' | 'status';
      seq: number;
      language: string;
      speaker: { id: string; name: string };
      [field: string]: unknown;
    };

/** What `appData.booth` says of what an interpreter publishes. */
export interface PublishedRole {
  role: 'channel' | 'captions';
  /** The language of a channel; captions need none. */
  language?: string;
  /** The id of the speaker, where each has a channel of their own. */
  speaker?: string;
}

/** A `Consumer` of mediasoup-client, or what can pass for one. */
export interface ConsumerLike {
  readonly id?: string;
  readonly kind?: string;
  readonly track: MediaStreamTrack;
  readonly closed?: boolean;
  readonly appData?: object | undefined;
  readonly rtpReceiver?: RTCRtpReceiver | undefined;
}

/** A `DataConsumer` of mediasoup-client, an `RTCDataChannel`, or what can pass for one. */
export type DataConsumerLike = object & {
  readonly label?: string;
  readonly closed?: boolean;
  readonly appData?: object | undefined;
} & ({ on(event: 'message', listener: (what: unknown) => void): unknown } | EventTarget);

/**
 * A meeting of your page, as the elements need it. What is wrong with what it is given is said in the console, once and with the remedy;
 * nothing is thrown but a `TypeError` for an argument of the wrong kind. After `close()` calls do nothing.
 */
export interface Meeting {
  /** What is chosen now, also while no element of the page shows it. */
  readonly chosen: ChosenLanguages;
  /**
   * Adds a voice or captions of the interpreter, until it is closed or removed. What it is stands in its `appData.booth`, or is given as
   * `role`; a data consumer with the label `captions` needs neither.
   * @param whose the role; or the id of the person whose consumer it is where it is not the interpreter's: it is their `original()` then
   * @returns whether it is the interpreter's and open; else the page does with it what it does with others
   */
  add(received: ConsumerLike | DataConsumerLike, whose?: string | PublishedRole): boolean;
  /**
   * Has somebody's original lowered while their translation sounds, until it is closed or removed. Of a camera or a screen, the picture is
   * delayed with the sound, where the listener delays it. Leave shared computer audio out: it is not interpreted.
   * @param peerId who speaks, by the id that the interpreter knows
   * @param element returns the element in which the page plays it; asked again whenever the document changes. Default: the element of the document
   *   that plays the consumer's track; one in a shadow root is not found
   * @param speaks what they speak, where you know it: who speaks the language that is heard is never lowered
   */
  original(
    peerId: string,
    consumer: ConsumerLike,
    element?: () => HTMLMediaElement | null | undefined,
    speaks?: { language?: string },
  ): void;
  /** Takes a message of the interpreter that came another way than over a data channel: an object, or its JSON. */
  message(message: RoomMessage | string | object): void;
  /** Takes captions of before, for who comes late. */
  recent(messages: readonly (RoomMessage | string | object)[]): void;
  /**
   * Chooses for the person, as by a control of your own. What is left out stays; `reads` is one language, or none.
   * @throws {TypeError} where a language is no text, or `reads` no list
   */
  select(languages: { hears?: string; reads?: readonly string[] }): void;
  /** Removes a consumer or a data consumer, or the originals of a person by their id. What is closed is removed by itself. */
  remove(removed: object | string): void;
  /** Gives the elements back as they were, and their volume to the originals. Another `meeting()` that binds the same elements does so, too. */
  close(): void;
}

/**
 * Binds the `<booth-captions>` and `<booth-channels>` of the page to one choice of languages, and to what your own mediasoup-client
 * receives from an interpreter. Elements may come before or after, be moved, and be rendered anew. Where the page had a meeting before that
 * was not closed, as it joins again, this one takes its place and begins with what was chosen there.
 * @throws {TypeError} where `me`, `choose` or `languages` is missing, where `hears` or `reads` is no language, and `remember` no key
 *
 * @example
 * const choose = (languages) => request('choose', languages);
 * const booth = meeting({ me: myId, languages: ['es', 'fr'], choose, remember: true });
 * // A voice or captions of the interpreter: appData.booth is { role, language }; or somebody's microphone or camera, which the page plays.
 * if (!booth.add(consumer, peerId)) play(consumer);
 */
export declare function meeting(options: MeetingOptions): Meeting;
