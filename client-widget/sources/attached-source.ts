/**
 * Captions from a message channel that the embedding page has: a mediasoup-client `DataConsumer`, an `RTCDataChannel`, or anything else
 * with `on`, `addEventListener` or `onmessage`.
 */

import { roomMessage } from '../media/room-message.ts';
import type { LiveSource } from './caption-source.ts';

type EventHandler = (what: unknown) => void;

/** The events of mediasoup-client and Node. */
interface Emitter {
  on(event: 'message', listener: EventHandler): unknown;
  off?(event: 'message', listener: EventHandler): unknown;
}
/** The events of the DOM. */
interface EventTargetLike {
  addEventListener(type: 'message', listener: EventHandler): void;
  removeEventListener(type: 'message', listener: EventHandler): void;
}
interface Handled {
  onmessage: EventHandler | null;
}
export type MessageChannelLike = Emitter | EventTargetLike | Handled;

/**
 * @param channel a channel of messages, or a source as it is
 * @throws {TypeError} where the argument has none of the three ways to listen
 */
export function attachedSource(channel: MessageChannelLike | LiveSource): LiveSource {
  if ('open' in Object(channel)) return channel as LiveSource;
  if (!isMessageChannel(channel))
    throw new TypeError('attach takes a DataConsumer, an RTCDataChannel or an EventTarget.');
  return {
    open(listener) {
      listener.connection({ is: 'live' });
      return listenTo(channel, (what) => {
        const message = roomMessage(textOf(what));
        if (message) listener.message(message, false);
      });
    },
  };
}

/** Whether messages can be listened to in one of the three ways. */
export const isMessageChannel = (channel: unknown): channel is MessageChannelLike =>
  ['addEventListener', 'on', 'onmessage'].some((name) => name in Object(channel));

/** Returns the function that ends it. */
export function listenTo(channel: MessageChannelLike, listener: EventHandler): () => void {
  if ('addEventListener' in channel) {
    channel.addEventListener('message', listener);
    return () => channel.removeEventListener('message', listener);
  }
  if ('on' in channel) {
    channel.on('message', listener);
    return () => void channel.off?.('message', listener);
  }
  channel.onmessage = listener;
  return () => {
    channel.onmessage = null;
  };
}

/** The content of a message that arrives as an event or as its data: bytes as text, anything else as it came. */
export function textOf(what: unknown): unknown {
  const data = typeof what === 'object' && what !== null && 'data' in what ? what.data : what;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return new TextDecoder().decode(data);
  return data;
}
