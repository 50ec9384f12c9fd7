/** The interpreter's thread: an interpreter for each room of a Booth, over one port to the host's thread. */

import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { modelNamed } from '../../config/models.ts';
import { withFields } from '../../logging/logger.ts';
import { measureEventLoopDelay } from '../../process/event-loop-delay.ts';
import { every, systemClock } from '../../time/clock.ts';
import { Interpreter, type VisionSettings } from '../interpreter.ts';
import { threadAdmission } from '../process/thread-admission.ts';
import { openLiveTranslate } from '../session/livetranslate/connect.ts';
import { tryService } from '../session/livetranslate/try-service.ts';
import { tryEngine } from '../session/try-engine.ts';
import { Ffmpeg, findFfmpeg } from '../vision/key-frame/ffmpeg.ts';
import { Thumbnailer } from '../vision/thumbnailer.ts';
import { ThreadAccount } from './thread-account.ts';
import { threadLog } from './thread-log.ts';
import {
  type AskMessage,
  type HostMessage,
  type InterpreterThreadMessage,
  type RoomSetup,
  THREAD_ALIVE_EVERY_MS,
  type ThreadSetup,
} from './thread-messages.ts';
import { ThreadPort } from './thread-port.ts';
import { type ThreadLink, ThreadRoom } from './thread-room.ts';

interface InterpretedHere {
  connection: ThreadRoom;
  interpreter: Interpreter;
}

interface Question {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** What a thread that crashes has not reported is lost: to report is no more than a message to the host's thread. */
const REPORT_USAGE_EVERY_MS = 1000;

if (isMainThread || !parentPort) throw new Error('this file runs in a worker thread');
const hostPort = parentPort;
const setup = workerData as ThreadSetup;
const rooms = new Map<number, InterpretedHere>();
/** Who is told that a transport, a stream or an output has ended by itself. */
const losses = new Map<number, () => void>();
const questions = new Map<number, Question>();
let ids = 0;

const port = new ThreadPort<HostMessage, InterpreterThreadMessage>({
  post: (messages) => hostPort.postMessage(messages),
  onMessage: (message) => receive(message),
});
const log = threadLog((level, fields, message) => port.send({ type: 'log', level, fields, message }), setup.logLevels);
const link: ThreadLink = {
  send: (message) => port.send(message),
  ask: (room, request, ask) => {
    const id = ++ids;
    return new Promise((resolve, reject) => {
      questions.set(id, { resolve: resolve as Question['resolve'], reject });
      port.send({ type: 'ask', id, room, request, ask } as AskMessage);
    });
  },
  newId: () => ++ids,
  register: (id, onLost) => losses.set(id, onLost),
  unregister: (id) => losses.delete(id),
};
const account = new ThreadAccount({
  setup,
  send: link.send,
  onNoticeChanged: () => {
    for (const { interpreter } of rooms.values()) interpreter.reconcile();
  },
  log,
});
const model = modelNamed(setup.engine.model);
const openSession = openLiveTranslate({ ...setup.engine, clock: systemClock, log });
const ffmpeg = await findFfmpeg(process.env.PATH);

hostPort.on('message', (messages: unknown) => port.receive(messages));
every(systemClock, THREAD_ALIVE_EVERY_MS, () => port.send({ type: 'alive' }));
port.send({ type: 'running' });
// An engine without a key is one on this computer, which has answered when it was started. A thread after the first one has sessions to open.
if (setup.engine.key !== undefined && setup.earlier.connections.length === 0)
  void tryEngine({
    attempt: () => tryService({ ...setup.engine, clock: systemClock }),
    limiter: account.limiter(),
    clock: systemClock,
    tell: (error) => port.send({ type: 'engine', problem: error?.message }),
  });

function receive(message: HostMessage): void {
  switch (message.type) {
    case 'open':
      open(message.room, message.setup);
      break;
    case 'participants':
      opened(message.room, ({ connection, interpreter }) => {
        connection.setParticipants(message.participants);
        interpreter.reconcile();
      });
      break;
    case 'close':
      opened(message.room, ({ connection, interpreter }) => {
        interpreter.close();
        connection.close();
        rooms.delete(message.room);
      });
      port.send({ type: 'closed', room: message.room });
      break;
    case 'answer':
      takeQuestion(message.id)?.resolve(message.value);
      break;
    case 'failure':
      takeQuestion(message.id)?.reject(new Error(message.reason));
      break;
    case 'lost':
      losses.get(message.id)?.();
      break;
    default:
      message satisfies never;
  }
}

function open(room: number, roomSetup: RoomSetup): void {
  const { languages, languageSettings, playout, pictures, sessionIdleTimeoutMs, maxSessions, name } = roomSetup;
  const connection = new ThreadRoom({ room, setup: roomSetup, link, account, clock: systemClock });
  const interpreter = new Interpreter({
    connection,
    openSession,
    model,
    languages,
    languageSettings,
    sessionIdleTimeoutMs,
    maxSessions,
    playout,
    vision: visionFor(pictures),
    eventLoopDelayMs: measureEventLoopDelay(),
    admissionControl: threadAdmission(),
    reportUsageEveryMs: REPORT_USAGE_EVERY_MS,
    clock: systemClock,
    log: withFields(log, { room: name }),
  });
  rooms.set(room, { connection, interpreter });
}

/** Runs with a room that is open; one that has closed meanwhile is none of its business. */
function opened(room: number, run: (it: InterpretedHere) => void): void {
  const it = rooms.get(room);
  if (it) run(it);
}

function takeQuestion(id: number): Question | undefined {
  const question = questions.get(id);
  questions.delete(id);
  return question;
}

function visionFor(mode: RoomSetup['pictures']): VisionSettings | undefined {
  if (mode === 'off') return undefined;
  return { mode, thumbnailer: new Thumbnailer({ decoder: ffmpeg === undefined ? undefined : new Ffmpeg(ffmpeg) }) };
}
