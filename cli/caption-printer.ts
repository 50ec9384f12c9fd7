/** Captions on a terminal: who said what, and below it what it means, each line when it is final. */
import { styleText } from 'node:util';
import type { RoomMessage } from '../protocol/room-messages.ts';
import { printable } from './printable.ts';

/** The line for a message; undefined where there is nothing to read. */
export function captionLine(message: RoomMessage): string | undefined {
  const name = printable(message.speaker.name);
  if (message.type === 'status' && message.message) {
    return styleText('dim', `(${name}, ${message.language}: ${printable(message.message)})`);
  }
  if (message.type !== 'caption' || !message.final) return undefined;
  const text = printable(message.corrected ?? message.stable);
  return message.kind === 'original' ? `${name}: ${text}` : styleText('yellow', `  ${message.language}: ${text}`);
}
