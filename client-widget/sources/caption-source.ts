/** Where captions come from: a room that a page is in, or anything else that speaks in room messages. */
import type { RoomMessage } from '../../protocol/room-messages.ts';

export interface CaptionSource {
  /** Calls back with what was said so far, oldest first, then with each message as it comes. Returns what ends it. */
  subscribe(listener: (message: RoomMessage) => void): () => void;
}

/** How a source that comes back by itself is doing. */
export type WidgetConnection =
  | { is: 'connecting' }
  | { is: 'live' }
  /** A host lets people into the room one by one, and has not let this one in yet. */
  | { is: 'waiting'; message: string; code: string }
  /** The next attempt comes after `delayMs`. */
  | { is: 'lost'; message: string; code: string; delayMs: number }
  /** Nothing more is tried: `message` says why, and what to do; `code` says so to a page with words of its own, or is empty. */
  | { is: 'ended'; message: string; code: string };

export interface LiveListener {
  /** `past`: it was said before anyone looked. */
  message(message: RoomMessage, past: boolean): void;
  connection(connection: WidgetConnection): void;
}

export interface LiveSource {
  /** Returns what ends it; nothing is told afterwards. */
  open(listener: LiveListener): () => void;
}

/** Asked each time that a token is needed. */
export type TokenProvider = () => string | Promise<string>;

export const serverOrigin = (server: string): string => server.replace(/^(?!https?:|\/|$)/, 'https://');
