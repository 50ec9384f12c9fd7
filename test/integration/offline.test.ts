/** `offline()` as an application uses it: a process of its own that works, and of which nothing is left when it is closed. */
import { readFileSync } from 'node:fs';
import { offline } from '@mediasoup-booth/offline-engine';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLog } from '../../bench/support/silent-log.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import { cacheDir } from '../../scripts/places.mjs';
import { childrenOf, descendantsOf, isRunning } from '../../scripts/test/processes.mjs';
import { systemClock } from '../../time/clock.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { recorder } from '../support/livetranslate.ts';
import { until } from '../support/until.ts';

const options = { cacheDir: cacheDir(process.env), log: silentLog };
const start = async (more: Parameters<typeof offline>[0] = {}) => {
  const engine = await offline({ ...options, ...more });
  onTestFinished(() => engine.close());
  return engine;
};
const ownEngines = () => childrenOf(process.pid).filter(({ command }) => command.includes('engine/process/'));

const speech = humanSpeech('confbridge-removed').samples;

/** What a session translates of one sentence. */
async function translate({ url, model, key }: { url: string; model: string; key: string }): Promise<string> {
  const { events, recorded } = recorder();
  const openSession = openLiveTranslate({ url, model, key, clock: systemClock, log: silentLog });
  const session = openSession({ source: 'en', target: 'es', audio: false }, events);
  session.send(speech);
  await session.finish();
  return recorded
    .flatMap((entry) => (entry[0] === 'translation' && entry[1].final ? [entry[1].confirmed] : []))
    .join(' ');
}

describe('an engine that an application starts', () => {
  it('translates, whatever the application has in its environment, and tells nobody its key', async () => {
    vi.stubEnv('BOOTH_NO_SUCH_SETTING', '1');
    vi.stubEnv('BOOTH_ENGINE_PORT', 'none');
    vi.stubEnv('BOOTH_CACHE_DIR', '/dev/null/nowhere');
    vi.stubEnv('APPLICATION_SECRET', 'of-the-application');
    onTestFinished(() => void vi.unstubAllEnvs());
    const engine = await start();
    expect(await translate(engine)).toBe('Has sido sacado de la conferencia.');
    const processes = [...childrenOf(process.pid), ...descendantsOf(engine.pid ?? 0)];
    expect(processes.length).toBeGreaterThan(5);
    for (const { pid, command } of processes.filter(isRunning)) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      for (const secret of [engine.key, 'of-the-application', 'BOOTH_NO_SUCH_SETTING'])
        expect([environment.includes(secret), command.includes(secret)]).toEqual([false, false]);
    }
  });

  it('leaves no process behind when it is closed, in the middle of a sentence too', async () => {
    const engine = await start();
    const processes = descendantsOf(process.pid).filter(({ command }) => /engine|lt-proc|espeak/.test(command));
    expect(processes.length).toBeGreaterThan(5);
    const translating = translate(engine);
    await engine[Symbol.asyncDispose]();
    expect(engine.pid).toBeUndefined();
    await until(() => !processes.some(isRunning));
    await translating;
    await engine.close();
  });

  it('is started again under the same URL and key when it was killed, which is logged', async () => {
    const warnings: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(JSON.parse(line).msg) });
    const engine = await start({ log });
    const { url, key, pid } = engine;
    process.kill(pid ?? 0, 'SIGKILL');
    await expect.poll(() => translate(engine).catch(() => ''), { timeout: 60_000 }).toMatch(/conferencia/);
    expect(engine).toMatchObject({ url, key });
    expect(engine.pid).not.toBe(pid);
    expect(warnings).toContain('offline engine ended, restarting');
  });
});

describe('an engine that cannot be', () => {
  it('says where its parts cannot be kept', async () => {
    await expect(offline({ ...options, cacheDir: '/dev/null/cache' })).rejects.toMatchObject({
      name: 'EngineError',
      code: 'setupFailed',
      retryable: false,
      message: expect.stringContaining('offline({ cacheDir:'),
    });
  });

  it('says what is missing where nothing is to be fetched', async () => {
    await expect(offline({ ...options, cacheDir: temporaryFolder(), setUp: false })).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('(Vosk)'),
    });
  });

  it('says that the network is away, after which another attempt may succeed', async () => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9/');
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(offline({ ...options, cacheDir: temporaryFolder() })).rejects.toMatchObject({
      code: 'networkUnreachable',
      retryable: true,
    });
  });

  it.each([-1, 65_536, 1.5, Number.NaN])('refuses the port %d', async (port) => {
    await expect(offline({ ...options, port })).rejects.toMatchObject({ code: 'invalidOption' });
  });

  it('says that its port is in use', async () => {
    const other = await start();
    const port = Number(new URL(other.url).port);
    await expect(offline({ ...options, port })).rejects.toMatchObject({ code: 'portInUse' });
  });

  it('is given up when its start is stopped', async () => {
    const stop = new AbortController();
    const starting = offline({ ...options, signal: stop.signal });
    await until(() => ownEngines().length > 0);
    stop.abort(new Error('the application ends'));
    await expect(starting).rejects.toThrow('the application ends');
    await until(() => ownEngines().length === 0);
  });
});
