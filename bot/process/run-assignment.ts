/** Interprets one room of Booth's server as its assignment says, in whichever process or thread it came to: by `runInterpreter`, as anybody does. */
import { Claims } from '@mediasoup-booth/protocol';
import type { Logger } from '../../logging/logger.ts';
import { boothRoom } from '../room/booth-room.ts';
import { environmentNames } from '../session/livetranslate/socket.ts';
import type { InterpreterAssignment } from './interpreter-ipc.ts';
import { runInterpreter } from './run-interpreter.ts';

export interface RunAssignmentOptions {
  /** Aborting it makes the interpreter leave. */
  signal: AbortSignal;
  /** The interpreter is in the room and at work. */
  onRunning(): void;
  /** It is not, and connects or joins again. */
  onLost(reason: string): void;
  /** Opens the log, whose lines all have these fields. */
  openLog(level: string, ids: Readonly<Record<string, string>>): Logger;
}

/**
 * Resolves when `signal` aborts. What else ends it is logged.
 *
 * @throws {BoothError} where the room refuses the interpreter permanently, or the assignment asks for what is not there
 */
export async function runAssignment(assignment: InterpreterAssignment, options: RunAssignmentOptions): Promise<void> {
  const { url, token, fence, translation, logLevel, ...interpretation } = assignment;
  const { signal, onRunning, onLost, openLog } = options;
  const log = openLog(logLevel, idsIn(token));
  try {
    await runInterpreter({
      ...interpretation,
      engine: { ...translation, settingNames: environmentNames },
      join: boothRoom({ url, token, ...(fence !== undefined && { fence }) }),
      onState: (state, reason = '') => (state === 'running' ? onRunning() : onLost(reason)),
      signal,
      log,
    });
  } catch (error) {
    log.error({ err: error }, 'interpreter failed');
    throw error;
  }
}

/** Which room the token is for and which interpreter it names, for the log alone: it is the server that verifies it. */
function idsIn(token: string): Record<string, string> {
  try {
    const claims = Claims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));
    return { room: claims.booth.room, interpreter: claims.sub };
  } catch {
    return {};
  }
}
