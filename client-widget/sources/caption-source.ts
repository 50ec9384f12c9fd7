/** Sources of captions: a room that a page is in, or anything else that delivers room messages. */
import type { RoomMessage } from '@mediasoup-booth/protocol';
import type { ErrorReason } from '../media/error-reason.ts';

export interface CaptionSource {
  /** Calls `listener` with the messages so far, oldest first, then with each message as it arrives. Returns the function that ends it. */
  subscribe(listener: (message: RoomMessage) => void): () => void;
}

/** The state of a source that reconnects by itself. */
export type WidgetConnection =
  | { is: 'connecting' }
  | { is: 'live' }
  /** A host lets people into the room one by one, and has not let this one in yet. */
  | { is: 'waiting'; message: string; code: string }
  /** The next attempt comes after `delayMs`. */
  | { is: 'lost'; message: string; code: string; delayMs: number }
  /** Final. `message` says why and what to do; `code` is the server's error code, or empty. */
  | { is: 'ended'; message: string; code: string };

export interface LiveListener {
  /** `past`: it was said before this listener subscribed. */
  message(message: RoomMessage, past: boolean): void;
  connection(connection: WidgetConnection): void;
  /** Something that the person should know, until it is replaced; undefined: nothing any more. */
  notice?: ((reason: ErrorReason | undefined) => void) | undefined;
}

export interface LiveSource {
  /** Returns the function that ends it; the listener is not called afterwards. */
  open(listener: LiveListener): () => void;
}

/** Called each time that a token is needed. */
export type TokenProvider = () => string | Promise<string>;

/** A server as an attribute names it, with a path where it has one; without a scheme it is reached over https. */
export const serverAddress = (server: string): string =>
  server.replace(/^(?!https?:|\/|$)/, 'https://').replace(/\/$/, '');
