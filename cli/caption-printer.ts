/**
 * Captions on a terminal: who said what, and below it what it means, each line when it is final; and what hinders the interpreter,
 * when it begins to.
 */
import { styleText } from 'node:util';
import type { RoomMessage } from '../protocol/room-messages.ts';
import { printable } from './printable.ts';

const REFUSED = '(not translated: refused by the service)';

export class CaptionPrinter {
  readonly #print: (line: string) => void;
  /** What was explained last of each speaker and language: it is said with every state that it holds for. */
  readonly #explained = new Map<string, string>();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  read(message: RoomMessage): void {
    const line = this.#line(message);
    if (line !== undefined) this.#print(line);
  }

  /** Undefined where there is nothing to read. */
  #line(message: RoomMessage): string | undefined {
    const { speaker, language } = message;
    const name = printable(speaker.name);
    if (message.type === 'status') return this.#explanation(`${speaker.id} ${language}`, name, message);
    if (message.type !== 'caption' || !message.final) return undefined;
    const { kind, stable, corrected = stable, contentFiltered: refused } = message;
    const text = [printable(corrected), refused && REFUSED].filter(Boolean).join(' ');
    return kind === 'original' ? `${name}: ${text}` : styleText('yellow', `  ${language}: ${text}`);
  }

  #explanation(key: string, name: string, { language, message }: Extract<RoomMessage, { type: 'status' }>) {
    const before = this.#explained.get(key);
    this.#explained.delete(key);
    if (message) this.#explained.set(key, message);
    if (!message || message === before) return undefined;
    return styleText('dim', `(${name}, ${language}: ${printable(message)})`);
  }
}
