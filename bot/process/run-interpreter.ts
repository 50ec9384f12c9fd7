/**
 * Keeps an interpreter in a room until it is told to stop: a lost connection is replaced, with a pause that doubles from 1 s to
 * 10 s. It gives up only where the server says that asking again is of no use.
 */
import { Interpreter, type InterpreterOptions } from '../interpreter.ts';
import { JoinError } from '../room/join-error.ts';
import { joinRoom } from '../room/mediasoup-room.ts';
import type { RoomEnd } from '../room/room-connection.ts';
import { UsageRecorder } from '../usage/usage-recorder.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;

export interface RunOptions extends Omit<InterpreterOptions, 'connection' | 'usage'> {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  signal: AbortSignal;
  /** It is in the room and at work. */
  onRunning(): void;
  onLost(reason: string): void;
}

/** Settles when `signal` aborts. @throws {JoinError} where the room does not want it */
export async function runInterpreter(options: RunOptions): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  const ledger = new UsageRecorder();
  while (!options.signal.aborted) {
    const end = await stay({ ...options, ledger }, () => {
      pauseMs = FIRST_PAUSE_MS;
    });
    if (options.signal.aborted) return;
    if (!end.retryable) throw new JoinError(end.reason, false);
    options.onLost(end.reason);
    await pause(options, pauseMs);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

/** One stay in the room: from joining to the end of the connection. */
async function stay(options: RunOptions & { ledger: UsageRecorder }, joined: () => void): Promise<RoomEnd> {
  const { url, token, clock, signal } = options;
  const { promise: ended, resolve: end } = Promise.withResolvers<RoomEnd>();
  let interpreter: Interpreter | undefined;
  try {
    const events = { changed: () => interpreter?.reconcile(), ended: end };
    const connection = await joinRoom({ url, token, clock, events });
    const leave = () => {
      // It has something to report still.
      interpreter?.close();
      connection.close();
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    joined();
    interpreter = new Interpreter({ ...options, connection });
    options.log.info('the interpreter is in the room');
    options.onRunning();
    const reason = await ended;
    signal.removeEventListener('abort', leave);
    return reason;
  } catch (error) {
    if (error instanceof JoinError) return { reason: error.message, retryable: error.retryable };
    throw error;
  } finally {
    interpreter?.close();
  }
}

function pause({ clock, signal }: RunOptions, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      cancel();
      signal.removeEventListener('abort', over);
      resolve();
    };
    const cancel = clock.after(ms, over);
    signal.addEventListener('abort', over);
  });
}
