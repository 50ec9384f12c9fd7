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

/** @throws {TypeError} where the argument has none of the three ways to listen */
export function attachedSource(channel: MessageChannelLike): LiveSource {
  if (!['addEventListener', 'on', 'onmessage'].some((name) => name in Object(channel)))
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

function listenTo(channel: MessageChannelLike, listener: EventHandler): () => void {
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

/** The text of a message that arrives as an event or as its data, as a string or as bytes. */
function textOf(what: unknown): unknown {
  const data = typeof what === 'object' && what !== null && 'data' in what ? what.data : what;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return new TextDecoder().decode(data);
  return data;
}
