/** A room as the interpreter's thread sees it, with the host's half beside it in one thread: what is between them goes without a port. */
import type { Router } from 'mediasoup/types';
import { onTestFinished } from 'vitest';
import { silentLog } from '../../bench/support/silent-log.ts';
import { InterpreterRequests } from '../../bot/in-process/interpreter-requests.ts';
import { RouterMedia } from '../../bot/in-process/router-media.ts';
import { ThreadAccount } from '../../bot/in-process/thread-account.ts';
import type {
  AskMessage,
  HostMessage,
  InterpreterThreadMessage,
  ThreadSetup,
} from '../../bot/in-process/thread-messages.ts';
import { type ThreadLink, ThreadRoom } from '../../bot/in-process/thread-room.ts';
import { systemClock } from '../../time/clock.ts';

const setup: ThreadSetup = {
  engine: { url: 'ws://127.0.0.1:9', model: 'qwen3-livetranslate-flash-realtime' },
  limits: { connectionsPerMinute: 8, tokensPerMinute: 100_000 },
  budget: { dailyMoney: 0, dailyTokens: 0, onExceeded: 'captions' },
  logLevels: [],
  earlier: { usage: [], connections: [] },
};

export async function openInProcessRoom(router: Router): Promise<ThreadRoom> {
  const questions = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  const losses = new Map<number, () => void>();
  let ids = 0;
  const receive = (message: HostMessage) => {
    if (message.type === 'answer') questions.get(message.id)?.resolve(message.value as never);
    else if (message.type === 'failure') questions.get(message.id)?.reject(new Error(message.reason));
    else if (message.type === 'lost') losses.get(message.id)?.();
  };
  const media = await RouterMedia.open(router);
  const requests = new InterpreterRequests({
    media,
    producer: () => undefined,
    send: receive,
    onPublished: () => {},
    onReceived: () => {},
  });
  const send = (message: InterpreterThreadMessage) => {
    if (message.type === 'end') requests.end(message.id);
    else if (message.type === 'requestKeyFrame') requests.requestKeyFrame(message.stream);
  };
  const link: ThreadLink = {
    send,
    ask: (room, request, ask) =>
      new Promise((resolve, reject) => {
        const id = ++ids;
        questions.set(id, { resolve, reject });
        requests.handle({ type: 'ask', id, room, request, ask } as AskMessage);
      }),
    newId: () => ++ids,
    register: (id, onLost) => losses.set(id, onLost),
    unregister: (id) => losses.delete(id),
  };
  const account = new ThreadAccount({ setup, send, onNoticeChanged: () => {}, log: silentLog });
  const room = new ThreadRoom({ room: 1, setup: { name: 'hall', elapsedMs: 0 }, link, account, clock: systemClock });
  onTestFinished(() => {
    room.close();
    requests.close();
    media.close();
  });
  return room;
}
