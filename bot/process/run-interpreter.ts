/** Interprets a room of anybody's mediasoup server, over the network: one more participant, who joins by the host's own signalling. */

import { measureEventLoopDelay } from '../../process/event-loop-delay.ts';
import { sleep, systemClock } from '../../time/clock.ts';
import { BoothError } from '../booth-error.ts';
import type { BoothOptions } from '../booth-options.ts';
import { checkNames } from '../check-names.ts';
import type { Engine } from '../engine.ts';
import { callHost } from '../host-call.ts';
import { boothSettings, OPTION_NAMES } from '../in-process/booth-settings.ts';
import { servedLanguages } from '../in-process/served-languages.ts';
import type { VisionSettings } from '../interpreter.ts';
import { JoinError } from '../room/join-error.ts';
import type { JoinRoom } from '../room/remote-room.ts';
import { openLiveTranslate } from '../session/livetranslate/connect.ts';
import { Ffmpeg, findFfmpeg } from '../vision/key-frame/ffmpeg.ts';
import { Thumbnailer } from '../vision/thumbnailer.ts';
import { keepInterpreting } from './keep-interpreting.ts';
import { localAccount } from './local-account.ts';
import { threadAdmission } from './thread-admission.ts';

/** Whoever closes a room stops its interpreter as well, by another way, which may be the slower one: for so long a loss may be nothing but that. */
const STOP_MAY_FOLLOW_MS = 1000;

export interface RunInterpreterOptions extends Omit<BoothOptions, 'engine'> {
  /** The source of translations: `liveTranslate({ key })`, or `offline()`. It stays open: several rooms may share it. */
  engine: Engine | Promise<Engine>;
  /** Joins the room by the host's signalling. Called again after a loss, with pauses from 1 s to 10 s. */
  join: JoinRoom;
  /** Aborting it makes the interpreter leave. */
  signal?: AbortSignal;
  /** TURN servers for transports that name none. Default: none. */
  iceServers?: readonly RTCIceServer[];
  /** `running`: it is in the room and at work. `lost`: it is not, `reason` says why, and it connects or joins again. */
  onState?(state: 'running' | 'lost', reason?: string): void;
}

const REMOTE_OPTION_NAMES = {
  ...OPTION_NAMES,
  join: true,
  signal: true,
  iceServers: true,
  onState: true,
} satisfies Record<keyof RunInterpreterOptions, true>;

/**
 * Interprets a room until `signal` aborts. It reports by `RemoteRoom`'s methods; `budget` and `limits` count all rooms together that are
 * interpreted with one engine in this process, as the first of them sets them, unless a room has a `budget` of its own.
 *
 * @throws {BoothError} `invalid`, `languageNotServed`, `missingDependency` for these options; `invalid`, `noOpus` for what `join` returns;
 * `joinRefused` where `join` fails with an error whose `retryable` is `false`, or the room ends so
 * @example
 * const stopping = new AbortController();
 * process.once('SIGTERM', () => stopping.abort());
 * await runInterpreter({ engine: liveTranslate({ key }), join: (link) => joinMyRoom('hall', link), signal: stopping.signal });
 */
export async function runInterpreter(options: RunInterpreterOptions): Promise<void> {
  const { join, signal = new AbortController().signal, iceServers, onState } = options ?? {};
  checkNames('runInterpreter()', options ?? {}, REMOTE_OPTION_NAMES);
  const settings = boothSettings({ ...options, engine: await options?.engine });
  if (typeof join !== 'function') throw new BoothError('invalid', 'join: needs a function that joins the room');
  const { model, log } = settings;
  const { pictures, ...room } = settings.room;
  const tellState = (...state: Parameters<NonNullable<typeof onState>>) =>
    void callHost(
      () => onState?.(...state),
      (error) => log.error({ err: error }, 'onState() of the host failed'),
    );
  const account = localAccount(settings);
  const limiter = account.limiter();
  const leave = account.engineTrial?.enter();
  try {
    await keepInterpreting({
      ...room,
      model,
      openSession: openLiveTranslate({ ...settings.thread.engine, clock: systemClock, log }),
      vision: await visionFor(pictures),
      eventLoopDelayMs: measureEventLoopDelay(),
      admissionControl: threadAdmission(),
      clock: systemClock,
      log,
      signal,
      room: {
        join,
        iceServers,
        connectionLimiter: limiter,
        account,
        served: servedLanguages(model, room.languages),
      },
      onRunning: () => tellState('running'),
      onLost(reason) {
        tellState('lost', reason);
        void sleep(systemClock, STOP_MAY_FOLLOW_MS, signal).then(() => {
          if (!signal.aborted) log.warn({ reason }, 'the room or its media was lost, connecting again');
        });
      },
    });
  } catch (error) {
    if (!(error instanceof JoinError)) throw error;
    throw new BoothError(error.code ?? 'joinRefused', error.message, { cause: error });
  } finally {
    leave?.();
    limiter.close();
  }
}

async function visionFor(mode: 'off' | VisionSettings['mode']): Promise<VisionSettings | undefined> {
  if (mode === 'off') return undefined;
  const ffmpeg = await findFfmpeg(process.env.PATH);
  const decoder = ffmpeg === undefined ? undefined : new Ffmpeg(ffmpeg);
  return { mode, thumbnailer: new Thumbnailer({ decoder }) };
}
