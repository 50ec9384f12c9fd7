/** `<booth-captions>` and `<booth-channels>`: what is said in a room, on any page. docs/widget.md explains every member. */

export type WidgetConnection =
  | { is: 'connecting' }
  | { is: 'live' }
  /** A host lets people into the room one by one, and has not let this one in yet. */
  | { is: 'waiting'; message: string; code: string }
  /** The next attempt comes after `delayMs`. */
  | { is: 'lost'; message: string; code: string; delayMs: number }
  /** Nothing more is tried: `message` says why, and what to do; `code` says so to a page with words of its own, or is empty. */
  | { is: 'ended'; message: string; code: string };

export interface Caption {
  v: 1;
  type: 'caption';
  seq: number;
  language: string;
  speaker: { id: string; name: string };
  utterance: string;
  kind: 'original' | 'translation';
  /** Only grows within an utterance, the final included. */
  stable: string;
  /** May change or go with the next caption. */
  tentative?: string | undefined;
  final: boolean;
  /** Milliseconds since the room began. */
  start: number;
  end?: number | undefined;
  sourceUtterance?: string | undefined;
  corrected?: string | undefined;
  contentFiltered?: true | undefined;
}

/** A mediasoup-client `DataConsumer`, an `RTCDataChannel`, or anything else that has one of these. A message is an object, or its JSON. */
export type MessageChannelLike =
  | { on(event: 'message', listener: (what: unknown) => void): unknown }
  | {
      addEventListener(type: 'message', listener: (what: unknown) => void): void;
      removeEventListener(type: 'message', listener: (what: unknown) => void): void;
    }
  | { onmessage: ((what: unknown) => void) | null };

/** An element with events of its own. */
type WithEvents<Events> = {
  addEventListener<K extends keyof Events>(
    type: K,
    listener: (event: Events[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
} & HTMLElement;

export interface BoothCaptionsEventMap {
  caption: CustomEvent<Caption>;
  state: CustomEvent<WidgetConnection>;
  languagechange: CustomEvent<{ language: string }>;
}

export interface BoothCaptions extends WithEvents<BoothCaptionsEventMap> {
  server: string;
  room: string | undefined;
  token: string | undefined;
  /** Called each time that a token is needed; takes precedence over `token`. */
  getToken: (() => string | Promise<string>) | undefined;
  language: string | undefined;
  both: boolean;
  via: 'events' | 'webrtc';
  showSpeaker: boolean;
  lines: number;
  size: number;
  place: 'bottom' | 'top';
  tentative: 'on' | 'off';
  controls: 'on' | 'open' | 'off';
  history: boolean;
  /** The languages to choose from, of captions that are attached. Default: those of the server; with attached captions, none. */
  languages: readonly string[] | undefined;
  readonly state: WidgetConnection;
  /** Throws a TypeError where it is no channel. */
  attach(channel: MessageChannelLike): void;
  detach(channel?: MessageChannelLike): void;
  reconnect(): void;
}

export declare const BoothCaptions: { new (): BoothCaptions; prototype: BoothCaptions };

export interface Original {
  /** The id of the speaker in room messages. */
  speaker: string;
  language?: string | null;
  element: HTMLMediaElement;
  /** The receivers of their audio and video, needed for `delay`. */
  receivers?: readonly RTCRtpReceiver[];
}

export interface AttachedMeeting {
  /** The id of the listener in room messages. */
  me?: string;
  /**
   * The tracks of interpretation channels by language: at least that of the language that is heard, as soon as the page has it. Several
   * tracks: one for each speaker.
   */
  channels: Readonly<Record<string, MediaStreamTrack | readonly MediaStreamTrack[]>>;
  /** The languages to choose from. Default: the languages of `channels`. */
  languages?: readonly string[];
  originals?: readonly Original[];
  messages?: readonly MessageChannelLike[];
  /** Something that the listener should know, as why a language was refused; `code` may be empty. */
  notice?: { code: string; message: string } | undefined;
}

export interface BoothChannelsEventMap {
  state: CustomEvent<WidgetConnection>;
  languagechange: CustomEvent<{ language: string }>;
  sound: CustomEvent<{ blocked: boolean }>;
}

export interface BoothChannels extends WithEvents<BoothChannelsEventMap> {
  server: string;
  room: string | undefined;
  token: string | undefined;
  /** Called each time that a token is needed; takes precedence over `token`. */
  getToken: (() => string | Promise<string>) | undefined;
  language: string;
  /** The level of a translation relative to its original, from -40 to 40 dB. */
  balance: number;
  /** Seconds by which originals are delayed, from 0 to 8; more than 4 only for receivers that were passed to the function of `holder()`. */
  delay: number;
  /** The translation is silent, and originals are as loud as without one. */
  muted: boolean;
  readonly state: WidgetConnection;
  /** The browser waits for a gesture before it plays sound. */
  readonly blocked: boolean;
  /** Throws a TypeError if `meeting` has the wrong shape. */
  attach(meeting: AttachedMeeting): void;
  detach(): void;
  reconnect(): void;
  unlock(): void;
  /** Returns a function for `onRtpReceiver` of mediasoup-client, which must get each receiver as soon as it is created. */
  holder(): Promise<(receiver: RTCRtpReceiver) => void>;
}

/** Defines `<booth-channels>` before the document contains one. */
export declare function channels(): Promise<unknown>;

declare global {
  interface HTMLElementTagNameMap {
    'booth-channels': BoothChannels;
    'booth-captions': BoothCaptions;
  }
}
