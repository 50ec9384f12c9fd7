/** Has the interpreters of a server run by workers (`interpreter.placement: workers`). Nothing of this is loaded where they run here. */
import type { Logger } from 'pino';
import { InterpreterDispatch } from '../cluster/interpreter-dispatch.ts';
import { InterpreterQueue } from '../cluster/interpreter-queue.ts';
import { LeaseStore } from '../cluster/lease-store.ts';
import { RedisConnection } from '../cluster/redis-connection.ts';
import { WorkerRegistry } from '../cluster/worker-registry.ts';
import type { LaunchInterpreter } from '../server/room/room-interpreter.ts';
import { systemClock } from '../time/clock.ts';
import { chooseEngine, type EngineChoice } from './engine-choice.ts';
import { interpretationSettings } from './interpreter-launcher.ts';
import type { Settings } from './settings.ts';

export interface PlacedInterpreters {
  /** The service that the workers are to use. */
  choice: EngineChoice;
  launch: LaunchInterpreter;
  close(): Promise<void>;
}

/** @throws {ConfigError} when the chosen service lacks a setting */
export async function openPlacedInterpreters(settings: Settings, log: Logger): Promise<PlacedInterpreters> {
  const { config, environment } = settings;
  const choice = chooseEngine(config, environment);
  const { url } = config.redis;
  const redis = await RedisConnection.open({ url, log });
  const queue = await InterpreterQueue.open({ url, redis, model: choice.model.id, log });
  const dispatch = new InterpreterDispatch({
    redis,
    leases: new LeaseStore(redis),
    registry: new WorkerRegistry(redis),
    queue,
    clock: systemClock,
    log,
  });
  return {
    choice,
    launch: ({ id, room, url: localUrl, token, languages, languageSettings, pictures, onState }) =>
      dispatch.launch({
        room,
        interpreter: id,
        server: config.node.url || config.publicUrl || localUrl,
        token,
        languages,
        languageSettings,
        pictures,
        settings: interpretationSettings(config),
        onState,
      }),
    async close() {
      await dispatch.close();
      await queue.close();
      await redis.close();
    },
  };
}
