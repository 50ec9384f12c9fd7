/** Interprets one room as its assignment says, in whichever process or thread it came to. */

import { Claims } from '@mediasoup-booth/protocol';
import { modelNamed } from '../../config/models.ts';
import type { Logger } from '../../logging/logger.ts';
import { systemClock } from '../../time/clock.ts';
import type { VisionSettings } from '../interpreter.ts';
import { boothRoom } from '../room/booth-room.ts';
import { unlimitedConnections } from '../session/connection-limiter.ts';
import { openLiveTranslate } from '../session/livetranslate/connect.ts';
import { measureEventLoopDelay } from '../stats/event-loop-delay.ts';
import { Ffmpeg, findFfmpeg } from '../vision/key-frame/ffmpeg.ts';
import { Thumbnailer } from '../vision/thumbnailer.ts';
import type { InterpreterAssignment } from './interpreter-ipc.ts';
import { type KeepOptions, keepInterpreting } from './keep-interpreting.ts';
import { threadAdmission } from './thread-admission.ts';

export interface RunAssignmentOptions extends Pick<KeepOptions, 'signal' | 'onRunning' | 'onLost'> {
  /** Opens the log, whose lines all have these fields. */
  openLog(level: string, ids: Readonly<Record<string, string>>): Logger;
}

/**
 * Resolves when `signal` aborts. What else ends it is logged.
 *
 * @throws {JoinError} where the room refuses the interpreter permanently
 */
export async function runAssignment(assignment: InterpreterAssignment, options: RunAssignmentOptions): Promise<void> {
  const { url, token, languages, languageSettings, translation, sessionIdleTimeoutMs, playout, logLevel } = assignment;
  const { openLog, ...run } = options;
  const log = openLog(logLevel, idsIn(token));
  try {
    await keepInterpreting({
      ...run,
      // The server counts the connections of all its interpreters.
      room: { join: boothRoom({ url, token }), connectionLimiter: unlimitedConnections },
      languages,
      languageSettings,
      model: modelNamed(translation.model),
      openSession: openLiveTranslate({ ...translation, clock: systemClock, log }),
      sessionIdleTimeoutMs,
      playout,
      vision: await visionFor(assignment),
      eventLoopDelayMs: measureEventLoopDelay(),
      admissionControl: threadAdmission(),
      clock: systemClock,
      log,
    });
  } catch (error) {
    log.error({ err: error }, 'interpreter failed');
    throw error;
  }
}

async function visionFor({ pictures }: InterpreterAssignment): Promise<VisionSettings | undefined> {
  if (pictures === 'off') return undefined;
  const ffmpeg = await findFfmpeg(process.env.PATH);
  return {
    mode: pictures,
    thumbnailer: new Thumbnailer({ decoder: ffmpeg === undefined ? undefined : new Ffmpeg(ffmpeg) }),
  };
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
