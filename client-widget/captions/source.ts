/** Where captions come from: a room that a page is in, or anything else that speaks in room messages. */
import type { RoomMessage } from '../../protocol/room-messages.ts';

export interface CaptionSource {
  /** Calls back with what was said so far, oldest first, then with each message as it comes. Returns what ends it. */
  subscribe(listener: (message: RoomMessage) => void): () => void;
}
