/**
 * Server-sent events out of text in any pieces, as Booth's server writes them: one line of data each, lines that end with `\n`. Holds
 * at most 64 kB; a longer event is an error. Pure.
 */
export interface ServerEvent {
  id?: string;
  event?: string;
  data?: string;
}

const LONGEST = 65_536;

export class EventParser {
  #rest = '';

  /** What is complete; a comment is an event without anything. */
  push(text: string): ServerEvent[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    if (this.#rest.length > LONGEST) throw new Error('The server sent an event without end.');
    return blocks.map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/, 2))));
  }
}
