/**
 * Captions from a channel that a page has already: a mediasoup-client `DataConsumer`, an `RTCDataChannel`, or anything else that
 * has `on`, `addEventListener` or `onmessage`.
 */

import { roomMessage } from '../media/room-message.ts';
import type { LiveSource } from './caption-source.ts';

type Listener = (what: unknown) => void;

/** As mediasoup-client and Node have it. */
interface Emitter {
  on(event: 'message', listener: Listener): unknown;
  off?(event: 'message', listener: Listener): unknown;
}
/** As the DOM has it. */
interface Target {
  addEventListener(type: 'message', listener: Listener): void;
  removeEventListener(type: 'message', listener: Listener): void;
}
interface Handled {
  onmessage: Listener | null;
}
export type MessageChannelLike = Emitter | Target | Handled;

/** @throws {TypeError} where it is no channel */
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

/** What came, be it an event or its data, as text or as bytes. */
function textOf(what: unknown): unknown {
  const data = typeof what === 'object' && what !== null && 'data' in what ? what.data : what;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return new TextDecoder().decode(data);
  return data;
}
