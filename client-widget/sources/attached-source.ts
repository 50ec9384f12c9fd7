/**
 * Captions from a message channel that the embedding page has: a mediasoup-client `DataConsumer`, an `RTCDataChannel`, or anything else
 * with `on`, `addEventListener` or `onmessage`.
 */

import { roomMessage } from '../media/room-message.ts';
import type { LiveSource } from './caption-source.ts';

type Listener = (what: unknown) => void;

/** The events of mediasoup-client and Node. */
interface Emitter {
  on(event: 'message', listener: Listener): unknown;
  off?(event: 'message', listener: Listener): unknown;
}
/** The events of the DOM. */
interface Target {
  addEventListener(type: 'message', listener: Listener): void;
  removeEventListener(type: 'message', listener: Listener): void;
}
interface Handled {
  onmessage: Listener | null;
}
export type MessageChannelLike = Emitter | Target | Handled;

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

function listenTo(channel: MessageChannelLike, listener: Listener): () => void {
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
