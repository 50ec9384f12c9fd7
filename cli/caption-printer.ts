/**
 * Prints captions on a terminal: what somebody said, and below it the translation, each when it is final. A message about an
 * interpreter's trouble is printed once, although it comes with every status while the trouble lasts.
 */
import { styleText } from 'node:util';
import type { RoomMessage } from '@mediasoup-booth/protocol';
import { printable } from './terminal-text.ts';

const CONTENT_FILTERED = '(not translated: refused by the service)';

export class CaptionPrinter {
  readonly #print: (line: string) => void;
  /** The last message for each speaker and language. */
  readonly #messages = new Map<string, string>();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  push(message: RoomMessage): void {
    const line = this.#line(message);
    if (line !== undefined) this.#print(line);
  }

  /** Undefined where there is nothing to print. */
  #line(message: RoomMessage): string | undefined {
    const { speaker, language } = message;
    const name = printable(speaker.name);
    if (message.type === 'status') return this.#statusLine(`${speaker.id} ${language}`, name, message);
    if (message.type !== 'caption' || !message.final) return undefined;
    const { kind, stable, corrected = stable, contentFiltered } = message;
    const text = [printable(corrected), contentFiltered && CONTENT_FILTERED].filter(Boolean).join(' ');
    return kind === 'original' ? `${name}: ${text}` : styleText('yellow', `  ${language}: ${text}`);
  }

  #statusLine(key: string, name: string, { language, message }: Extract<RoomMessage, { type: 'status' }>) {
    const before = this.#messages.get(key);
    this.#messages.delete(key);
    if (message) this.#messages.set(key, message);
    if (!message || message === before) return undefined;
    return styleText('dim', `(${name}, ${language}: ${printable(message)})`);
  }
}
