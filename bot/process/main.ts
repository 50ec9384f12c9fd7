/**
 * An interpreter in a process of its own: the assignment comes over IPC (so that no token or key stands in a command line or
 * an environment), logs go to stderr. It ends when told to, and when its parent is gone.
 */
import { modelNamed } from '../../config/models.ts';
import { systemClock } from '../../time/clock.ts';
import type { VisionSettings } from '../interpreter.ts';
import { openLiveTranslate } from '../session/livetranslate/connect.ts';
import { Ffmpeg, findFfmpeg } from '../vision/key-frame/ffmpeg.ts';
import { Thumbnailer } from '../vision/thumbnailer.ts';
import { ALIVE_EVERY_MS, type FromInterpreter, type FromParent, type InterpreterAssignment } from './assignment.ts';
import { openParentLog } from './parent-log.ts';
import { runInterpreter } from './run-interpreter.ts';

const stopping = new AbortController();
const stop = () => stopping.abort();
process.once('disconnect', stop);
process.once('SIGTERM', stop);
// Ctrl-C reaches the whole group: the parent decides what it means, and tells us.
process.on('SIGINT', () => {});
process.once('message', (message: FromParent) => void work(message.assignment));
setInterval(() => tell({ type: 'alive' }), ALIVE_EVERY_MS).unref();

async function work(assignment: InterpreterAssignment): Promise<void> {
  const { url, token, languages, wishes, translation, sessionIdleTimeoutMs, playout, logLevel } = assignment;
  const log = openParentLog(logLevel, 'interpreter');
  try {
    await runInterpreter({
      url,
      token,
      languages,
      languageSettings: wishes,
      model: modelNamed(translation.model),
      openSession: openLiveTranslate({ ...translation, clock: systemClock, log }),
      sessionIdleTimeoutMs,
      playout,
      vision: await eyesFor(assignment),
      clock: systemClock,
      log,
      signal: stopping.signal,
      onRunning: () => tell({ type: 'running' }),
      onLost: (reason) => tell({ type: 'lost', reason }),
    });
  } catch (error) {
    log.error({ err: error }, 'the interpreter cannot go on');
    tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
  // Sockets that werift still holds must not keep the process.
  setTimeout(() => process.exit(), 500).unref();
  if (process.connected) process.disconnect();
}

async function eyesFor({ pictures }: InterpreterAssignment): Promise<VisionSettings | undefined> {
  if (pictures === 'off') return undefined;
  const ffmpeg = await findFfmpeg(process.env.PATH);
  return {
    mode: pictures,
    thumbnailer: new Thumbnailer({ decoder: ffmpeg === undefined ? undefined : new Ffmpeg(ffmpeg) }),
  };
}

function tell(message: FromInterpreter): void {
  if (process.connected) process.send?.(message);
}
