import { EngineError, startOfflineEngine } from '@mediasoup-booth/offline-engine';
import { engineParts } from '../../scripts/places.mjs';
import { boothCommand, portNumber } from '../arguments.ts';
import { engineKey } from '../engine-key.ts';
import { CommandError } from '../errors.ts';
import { openLog } from '../log.ts';
import { readSettings } from '../settings.ts';
import { waitForStopSignal } from '../stop-signal.ts';

const HOST = '127.0.0.1';

export const engine = boothCommand('engine')
  .description('Runs the offline translation engine until it is stopped, and prints its URL. It speaks LiveTranslate.')
  .option('--port <PORT>', 'On 127.0.0.1; 0: any free one (default: as configured)', portNumber)
  .action(async (options: { port?: number }) => {
    const settings = readSettings();
    const { config, environment } = settings;
    const port = options.port ?? config.engine.port;
    const { key, printIfNew } = engineKey(config, 'BOOTH_ENGINE_KEY');
    const parts = engineParts(environment);
    const stopped = waitForStopSignal();
    const running = await startOfflineEngine({
      host: HOST,
      port,
      key,
      maxSessions: config.engine.maxSessions,
      ...(config.engine.threads !== 'auto' && { threads: config.engine.threads }),
      components: { ...parts, voskModel: config.engine.voskModel || parts.voskModel },
      log: openLog(settings),
    }).catch((error: unknown) => {
      throw explained(error, port);
    });
    printIfNew();
    console.log(running.url);
    await stopped;
    await running.close();
  });

function explained(error: unknown, port: number): unknown {
  if (!(error instanceof EngineError)) return error;
  return error.code === 'portInUse'
    ? new CommandError(`port ${port} is in use: choose another with --port or BOOTH_ENGINE_PORT`)
    : new CommandError(error.message);
}
