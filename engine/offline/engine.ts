/** The offline engine as a LiveTranslate server: English speech to Spanish text and voice, without a network. */
import { access, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { offline } from '../../config/models.ts';
import type { Logger } from '../../logging/logger.ts';
import { systemClock } from '../../time/clock.ts';
import { EngineError } from '../engine-error.ts';
import type { Backend, BackendConfiguration, BackendRefusal } from '../wire/backend.ts';
import { type EngineServer, serveBackend } from '../wire/serve.ts';
import { Apertium } from './apertium.ts';
import { EnglishToSpanish } from './english-to-spanish.ts';
import { Espeak } from './espeak.ts';
import { OfflineSession, type Stages } from './offline-session.ts';
import { RecognitionScheduler } from './recognition-scheduler.ts';
import { type SpeechSynthesizer, StageError, type Translator } from './stages.ts';
import { loadVosk } from './vosk.ts';

/** The paths of the programs and models that the engine uses. */
export interface EngineComponents {
  voskLibrary: string;
  /** A directory. */
  voskModel: string;
  apertium: { mode: string; root: string; env: Record<string, string> };
  espeak: { command: string; env: Record<string, string> };
}

export interface OfflineServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Clients have to show it. */
  key: string;
  components: EngineComponents;
  /** How many speakers are recognised at the same moment; who began earlier comes first. Default: one for each core. */
  threads?: number;
  /** Sessions at the same time; further connections are refused. Default: 64. */
  maxSessions?: number;
  log: Log;
}

type Log = Pick<Logger, 'debug' | 'warn' | 'error'>;

const CAN = 'This offline engine translates English (en) to Spanish (es), and transcribes English (en).';
const WARM_UP = 'This is the first sentence.';

/**
 * Starts the engine. When the promise resolves, the first sentence is translated without delay.
 *
 * @throws {EngineError} if a component is missing or does not start, or the port is in use
 * @example
 * const engine = await startOfflineEngine({ host: '127.0.0.1', port: 0, key, components, log });
 */
export async function startOfflineEngine({
  host,
  port,
  key,
  components,
  threads = availableParallelism(),
  maxSessions,
  log,
}: OfflineServerOptions): Promise<EngineServer> {
  await requireComponents(components);
  const stages = await startStages(components, log);
  const scheduler = new RecognitionScheduler({ threads, clock: systemClock });
  const backend: Backend = {
    negotiate,
    open: (configuration, output) =>
      new OfflineSession({ stages, scheduler, clock: systemClock, configuration, output, log }),
  };
  try {
    const server = await serveBackend({
      host,
      port,
      key,
      backend,
      model: offline.id,
      ...(maxSessions !== undefined && { maxConnections: maxSessions }),
      clock: systemClock,
      log,
    });
    return {
      url: server.url,
      async close() {
        await server.close();
        closeStages(stages);
      },
    };
  } catch (error) {
    closeStages(stages);
    throw isPortInUse(error)
      ? new EngineError('portInUse', `Port ${port} is in use: choose another, or 0 for any free one.`, { cause: error })
      : error;
  }
}

const isPortInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

async function startStages({ voskLibrary, voskModel, apertium, espeak }: EngineComponents, log: Log): Promise<Stages> {
  const clock = systemClock;
  const mode = await readFile(apertium.mode, 'utf8');
  const translator = new EnglishToSpanish(new Apertium({ mode, env: apertium.env, clock, log }));
  const voice = new Espeak({ ...espeak, voice: 'es', clock });
  try {
    const [recognizer] = await Promise.all([loadVosk(voskLibrary, voskModel), warmUp(translator, voice)]);
    return { recognizer, translator, voice };
  } catch (error) {
    translator.close();
    voice.close();
    if (!(error instanceof StageError)) throw error;
    throw new EngineError('startFailed', `The offline engine cannot start. ${error.message}`, { cause: error });
  }
}

function closeStages({ recognizer, translator, voice }: Stages): void {
  for (const stage of [recognizer, translator, voice]) stage.close();
}

async function requireComponents({ voskLibrary, voskModel, apertium, espeak }: EngineComponents): Promise<void> {
  const files: [what: string, path: string][] = [
    ['the speech recogniser (Vosk)', voskLibrary],
    ['its English model', join(voskModel, 'am/final.mdl')],
    ['the translator (Apertium)', apertium.mode],
    ['the voice (espeak-ng)', espeak.command],
  ];
  const there = await Promise.all(
    files.map(([, path]) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  const missing = files.filter((_, i) => !there[i]).map(([what, path]) => `${what}: ${path}`);
  if (missing.length > 0) {
    throw new EngineError(
      'incomplete',
      `The offline engine is not complete. Missing: ${missing.join('; ')}. Set-up fetches its own parts: offline() does by itself, in a clone "npm run setup".`,
    );
  }
}

/** Translates and speaks a sentence, so that the first real one does not wait for programs to be read from the disk. */
async function warmUp(translator: Translator, voice: SpeechSynthesizer): Promise<void> {
  const translation = await translator.translate(WARM_UP);
  await voice.synthesize(translation, () => {}, new AbortController().signal);
}

function negotiate(wanted: BackendConfiguration): BackendConfiguration | BackendRefusal {
  const source = primary(wanted.source);
  const target = primary(wanted.target);
  const message = `${CAN} It was asked for ${wanted.source} to ${wanted.target}.`;
  if (source !== 'en') return { refused: message, param: 'session.input_audio_transcription.language' };
  if (target !== 'es' && target !== 'en') return { refused: message, param: 'session.translation.language' };
  return { source, target, audio: wanted.audio && target !== source, voice: 'espeak-ng' };
}

/** `en` for `en-GB`: the model does not distinguish them. */
const primary = (language: string): string => language.split('-')[0] ?? language;
