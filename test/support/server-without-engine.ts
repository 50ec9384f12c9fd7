/** `booth start` as a process of its own, without an engine: who interprets in its rooms is the test. */
import { type Running, startBooth } from './booth-process.ts';
import { secret } from './server.ts';
import { until } from './until.ts';

export interface ServerWithoutEngine {
  /** Its origin, as `http://127.0.0.1:40123`. */
  url: string;
  running: Running;
}

/** @param environment further settings. @returns the server when it has printed its link */
export async function startServerWithoutEngine(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerWithoutEngine> {
  const running = startBooth(['start'], {
    environment: {
      BOOTH_PORT: '0',
      BOOTH_RTC_PORT: '0',
      BOOTH_RTC_WORKERS: '1',
      BOOTH_DATA_DIR: dataDir,
      BOOTH_SECRET: secret,
      BOOTH_INTERPRETATION_ON_DEMAND: 'false',
      BOOTH_LIVETRANSLATE_URL: 'ws://127.0.0.1:9',
      ...environment,
    },
  });
  await until(() => running.output.stdout.includes('\n'));
  return { url: new URL(running.output.stdout.trim()).origin, running };
}
