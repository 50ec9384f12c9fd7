/** `<booth-captions>`: what is said in a room, on any page. docs/widget.md explains every member. */

export type Connection =
  | { is: 'connecting' }
  | { is: 'live' }
  /** The next attempt comes after `delayMs`. */
  | { is: 'lost'; message: string; delayMs: number }
  /** Nothing more is tried: `message` says why, and what to do. */
  | { is: 'ended'; message: string };

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
  of?: string | undefined;
  corrected?: string | undefined;
  refused?: true | undefined;
}

/** A mediasoup-client `DataConsumer`, an `RTCDataChannel`, or anything else that has one of these. */
export type Channel =
  | { on(event: 'message', listener: (what: unknown) => void): unknown }
  | {
      addEventListener(type: 'message', listener: (what: unknown) => void): void;
      removeEventListener(type: 'message', listener: (what: unknown) => void): void;
    }
  | { onmessage: ((what: unknown) => void) | null };

export interface BoothCaptionsEventMap {
  caption: CustomEvent<Caption>;
  state: CustomEvent<Connection>;
  languagechange: CustomEvent<{ language: string }>;
}

export declare class BoothCaptions extends HTMLElement {
  server: string;
  room: string | undefined;
  token: string | undefined;
  /** Asked each time that a token is needed; goes before `token`. */
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
  readonly state: Connection;
  attach(channel: Channel): void;
  detach(channel?: Channel): void;
  reconnect(): void;
  addEventListener<K extends keyof BoothCaptionsEventMap>(
    type: K,
    listener: (event: BoothCaptionsEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'booth-captions': BoothCaptions;
  }
}
