/** Who reads captions over HTTP: server-sent events, by `fetch` alone. */
import { RoomMessage, StreamEnd } from '@mediasoup-booth/protocol';
import type { BoothServer } from '../../server/server.ts';

export interface CaptionEvents {
  messages: RoomMessage[];
  /** Of each message. */
  ids: string[];
  /** Why the server ended it, once it has. */
  end: StreamEnd | undefined;
  /** Everything as it came. */
  raw: string;
  /** Settles when the stream has ended, by whichever side. */
  ended: Promise<void>;
  close(): void;
}

/** Settles when the server has let the reader in. */
export async function readCaptions(
  server: Pick<BoothServer, 'url'>,
  room: string,
  language: string,
  token: string,
  headers: Record<string, string> = {},
): Promise<CaptionEvents> {
  const closing = new AbortController();
  const response = await fetch(`${server.url}/v1/rooms/${room}/captions?language=${language}`, {
    headers: { Authorization: `Bearer ${token}`, ...headers },
    signal: closing.signal,
  });
  if (response.status !== 200) throw new Error(await response.text());
  const events: CaptionEvents = {
    messages: [],
    ids: [],
    end: undefined,
    raw: '',
    ended: Promise.resolve(),
    close: () => closing.abort(),
  };
  events.ended = readEvents(response, events).catch(() => {});
  return events;
}

async function readEvents(response: Response, events: CaptionEvents): Promise<void> {
  let rest = '';
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    events.raw += text;
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) take(block, events);
  }
}

function take(block: string, events: CaptionEvents): void {
  const fields = new Map(
    block.split('\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 2)]),
  );
  const data = fields.get('data');
  if (data === undefined) return;
  if (fields.get('event') === 'end') {
    events.end = StreamEnd.parse(JSON.parse(data));
    return;
  }
  events.ids.push(fields.get('id') ?? '');
  events.messages.push(RoomMessage.parse(JSON.parse(data)));
}
