/** Server-sent events out of text in any pieces. Holds at most one event, of 64 kB; a longer one is an error. Pure. */
export interface ServerEvent {
  id: string | undefined;
  /** Its name; `message` where it has none. */
  event: string;
  data: string;
}

const LONGEST = 65_536;

export class EventParser {
  #rest = '';

  /** The events that are complete. Comments are none. */
  push(text: string): ServerEvent[] {
    const blocks = (this.#rest + text).replaceAll('\r\n', '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    if (this.#rest.length > LONGEST) throw new Error('The server sent an event without end.');
    return blocks.flatMap((block) => eventOf(block) ?? []);
  }
}

function eventOf(block: string): ServerEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    fields.set(name, name === 'data' && fields.has('data') ? `${fields.get('data')}\n${value}` : value);
  }
  const data = fields.get('data');
  return data === undefined ? undefined : { id: fields.get('id'), event: fields.get('event') || 'message', data };
}
