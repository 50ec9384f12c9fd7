/**
 * An interpreter in a process of its own. The assignment comes over IPC, so that no token or key stands in a command line or an
 * environment; logs go to stderr. The process ends at SIGTERM, and when its parent is gone, whatever it is doing.
 */

import { Claims } from '@mediasoup-booth/protocol';
import { modelNamed } from '../../config/models.ts';
import { openParentLog } from '../../process/parent-log.ts';
import { endWithParent } from '../../process/parent-watchdog.ts';
import { systemClock } from '../../time/clock.ts';
import type { VisionSettings } from '../interpreter.ts';
import { boothRoom } from '../room/booth-room.ts';
import { unlimitedConnections } from '../session/connection-limiter.ts';
import { openLiveTranslate } from '../session/livetranslate/connect.ts';
import { measureEventLoopDelay } from '../stats/event-loop-delay.ts';
import { Ffmpeg, findFfmpeg } from '../vision/key-frame/ffmpeg.ts';
import { Thumbnailer } from '../vision/thumbnailer.ts';
import {
  ALIVE_EVERY_MS,
  type InterpreterAssignment,
  type InterpreterMessage,
  type ParentMessage,
} from './interpreter-ipc.ts';
import { keepInterpreting } from './keep-interpreting.ts';

/** Time for the last message and log lines to be written before the process exits. */
const EXIT_AFTER_MS = 500;

endWithParent();
const stopping = new AbortController();
const stop = () => stopping.abort();
process.once('disconnect', stop);
process.once('SIGTERM', stop);
// Ctrl-C reaches the whole process group. The parent decides what it means, and sends SIGTERM.
process.on('SIGINT', () => {});
process.once('message', (message: ParentMessage) => void run(message.assignment));
setInterval(() => send({ type: 'alive' }), ALIVE_EVERY_MS).unref();

async function run(assignment: InterpreterAssignment): Promise<void> {
  const { url, token, languages, languageSettings, translation, sessionIdleTimeoutMs, playout, logLevel } = assignment;
  const log = openParentLog(logLevel, 'interpreter', idsIn(token));
  try {
    await keepInterpreting({
      room: { join: boothRoom({ url, token }), connectionLimiter: unlimitedConnections },
      languages,
      languageSettings,
      model: modelNamed(translation.model),
      openSession: openLiveTranslate({ ...translation, clock: systemClock, log }),
      sessionIdleTimeoutMs,
      playout,
      vision: await visionFor(assignment),
      eventLoopDelayMs: measureEventLoopDelay(),
      clock: systemClock,
      log,
      signal: stopping.signal,
      onRunning: () => send({ type: 'running' }),
      onLost: (reason) => send({ type: 'lost', reason }),
    });
  } catch (error) {
    log.error({ err: error }, 'interpreter failed');
    send({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
  // Sockets that werift has not closed would keep the process running.
  setTimeout(() => process.exit(), EXIT_AFTER_MS).unref();
  if (process.connected) process.disconnect();
}

async function visionFor({ pictures }: InterpreterAssignment): Promise<VisionSettings | undefined> {
  if (pictures === 'off') return undefined;
  const ffmpeg = await findFfmpeg(process.env.PATH);
  return {
    mode: pictures,
    thumbnailer: new Thumbnailer({ decoder: ffmpeg === undefined ? undefined : new Ffmpeg(ffmpeg) }),
  };
}

function send(message: InterpreterMessage): void {
  if (process.connected) process.send?.(message);
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
