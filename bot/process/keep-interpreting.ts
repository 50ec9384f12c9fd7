/**
 * Keeps an interpreter in a room until it is stopped. A lost connection is replaced after a delay that doubles from 1 s to 10 s, any
 * number of times; it ends only where the host answers that another attempt cannot succeed.
 */
import { rejoinBackoff } from '../../room-client/rejoin.ts';
import { backoffDelayMs } from '../../time/backoff.ts';
import { sleep } from '../../time/clock.ts';
import { Interpreter, type InterpreterOptions } from '../interpreter.ts';
import { JoinError } from '../room/join-error.ts';
import { joinRemoteRoom } from '../room/join-remote-room.ts';
import type { RemoteRoomOptions } from '../room/remote-room-connection.ts';
import type { RoomEnd } from '../room/room-connection.ts';
import { UsageRecorder } from '../usage/usage-recorder.ts';

export interface KeepOptions extends Omit<InterpreterOptions, 'connection' | 'usage'> {
  room: Omit<RemoteRoomOptions, 'clock' | 'events' | 'log' | 'signal' | 'startedMs'>;
  signal: AbortSignal;
  /** The interpreter is in the room and at work. */
  onRunning(): void;
  /** Media does not get through, or the connection was lost, or could not be made; another attempt follows. */
  onLost(reason: string): void;
}

const MEDIA_LOST =
  'The network between the server and the interpreter is cut off: the interpreter hears and says nothing. It connects again by itself.';

/** Resolves when `signal` aborts. @throws {JoinError} where the host refuses it permanently */
export async function keepInterpreting(options: KeepOptions): Promise<void> {
  const { clock, signal, onLost } = options;
  let failedAttempts = 0;
  // One for all stays: totals go on where a connection was lost, and so does the clock.
  const kept = { usage: new UsageRecorder(), startedMs: clock.now() };
  while (!signal.aborted) {
    const end = await stay({ ...options, ...kept }, () => {
      failedAttempts = 0;
    });
    if (signal.aborted) return;
    if (!end.retryable) throw new JoinError(end.reason, false, end.code);
    onLost(end.reason);
    await sleep(clock, backoffDelayMs(failedAttempts++, rejoinBackoff), signal);
  }
}

/** One stay in the room: from joining to the end of the connection. */
async function stay(
  options: KeepOptions & { usage: UsageRecorder; startedMs: number },
  onJoined: () => void,
): Promise<RoomEnd & Pick<JoinError, 'code'>> {
  const { room, startedMs, clock, signal, log } = options;
  const { promise: ended, resolve: end } = Promise.withResolvers<RoomEnd>();
  let interpreter: Interpreter | undefined;
  try {
    const events = {
      changed: () => interpreter?.reconcile(),
      // What is lost before the interpreter is at work is no news.
      mediaLost: (isLost: boolean) => interpreter && (isLost ? options.onLost(MEDIA_LOST) : options.onRunning()),
      ended: end,
    };
    const connection = await joinRemoteRoom({ ...room, startedMs, clock, signal, log, events });
    const leave = () => {
      // The interpreter first: closing it sends its last report over the connection.
      interpreter?.close();
      connection.close();
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    onJoined();
    interpreter = new Interpreter({ ...options, connection });
    log.info({}, 'interpreter joined the room');
    options.onRunning();
    const reason = await ended;
    signal.removeEventListener('abort', leave);
    return { ...reason, code: undefined };
  } catch (error) {
    if (error instanceof JoinError) return { reason: error.message, retryable: error.retryable, code: error.code };
    throw error;
  } finally {
    interpreter?.close();
  }
}
