/**
 * Keeps an interpreter in a room until it is stopped. A lost connection is replaced after a delay that doubles from 1 s to 10 s, any
 * number of times; it ends only where the server answers that another attempt cannot succeed.
 */
import { rejoinBackoff } from '../../room-client/rejoin.ts';
import { backoffDelayMs } from '../../time/backoff.ts';
import { skippableDelay } from '../../time/clock.ts';
import { Interpreter, type InterpreterOptions } from '../interpreter.ts';
import { JoinError } from '../room/join-error.ts';
import { joinRoom } from '../room/join-room.ts';
import type { RoomEnd } from '../room/room-connection.ts';
import { UsageRecorder } from '../usage/usage-recorder.ts';

export interface RunOptions extends Omit<InterpreterOptions, 'connection' | 'usage'> {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  signal: AbortSignal;
  /** The interpreter is in the room and at work. */
  onRunning(): void;
  /** The connection was lost, or could not be made; another attempt follows. */
  onLost(reason: string): void;
}

/** Resolves when `signal` aborts. @throws {JoinError} where the server refuses it permanently */
export async function runInterpreter(options: RunOptions): Promise<void> {
  let failedAttempts = 0;
  // One for all stays: totals go on where a connection was lost.
  const usage = new UsageRecorder();
  while (!options.signal.aborted) {
    const end = await stay({ ...options, usage }, () => {
      failedAttempts = 0;
    });
    if (options.signal.aborted) return;
    if (!end.retryable) throw new JoinError(end.reason, false);
    options.onLost(end.reason);
    await delay(options, backoffDelayMs(failedAttempts++, rejoinBackoff));
  }
}

/** One stay in the room: from joining to the end of the connection. */
async function stay(options: RunOptions & { usage: UsageRecorder }, onJoined: () => void): Promise<RoomEnd> {
  const { url, token, clock, signal } = options;
  const { promise: ended, resolve: end } = Promise.withResolvers<RoomEnd>();
  let interpreter: Interpreter | undefined;
  try {
    const events = { changed: () => interpreter?.reconcile(), ended: end };
    const connection = await joinRoom({ url, token, clock, events });
    const leave = () => {
      // The interpreter first: closing it sends its last report over the connection.
      interpreter?.close();
      connection.close();
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    onJoined();
    interpreter = new Interpreter({ ...options, connection });
    options.log.info({}, 'interpreter joined the room');
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

/** Resolves after `ms`, or when `signal` aborts. */
async function delay({ clock, signal }: RunOptions, ms: number): Promise<void> {
  const wait = skippableDelay(clock, ms);
  signal.addEventListener('abort', wait.skip);
  await wait.over;
  signal.removeEventListener('abort', wait.skip);
}
