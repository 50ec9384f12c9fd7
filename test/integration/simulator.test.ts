/** The simulated vendor over real sockets, and as a command. */

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { EngineClient } from '../../bench/support/engine-client.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { Simulator, serveSimulator } from '../../engine/scripted/simulator.ts';
import type { SimulatorStats } from '../../engine/scripted/stats.ts';
import { wordsInSound } from '../../engine/scripted/tone-decoder.ts';
import { tonesFor } from '../../engine/scripted/tone-words.ts';
import type { EngineServer } from '../../engine/wire/serve.ts';
import { systemClock } from '../../time/clock.ts';
import { runBooth, startBooth, temporaryFolder } from '../support/booth-process.ts';
import { LT3, LT38, updateFor } from '../support/simulated-client.ts';
import { until } from '../support/until.ts';

const open: EngineServer[] = [];
afterEach(async () => {
  for (const listening of open.splice(0)) await listening.close();
});

async function vendor(script: ScriptInput = {}): Promise<string> {
  const simulator = new Simulator({ clock: systemClock, script });
  const log = pino({ level: 'silent' });
  const listening = await serveSimulator({ host: '127.0.0.1', port: 0, simulator, clock: systemClock, log });
  open.push(listening);
  return listening.url;
}

const stats = async (url: string): Promise<SimulatorStats> => {
  const response = await fetch(new URL('/stats', url.replace('ws:', 'http:')));
  expect(response.status).toBe(200);
  return (await response.json()) as SimulatorStats;
};

interface Outcome {
  status?: number | undefined;
  body?: unknown;
  code?: number;
  reason?: string;
}
/** What becomes of a connection that says nothing. */
function outcome(url: string, key?: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, key === undefined ? {} : { headers: { Authorization: `Bearer ${key}` } });
    socket.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (piece: Buffer) => {
        body += piece.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(body || '{}') as unknown }));
    });
    socket.on('message', () => socket.close(1000));
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    socket.on('error', () => {});
  });
}

const words = ['k01', 'k02', 'k03', 'k04'];
const spoken = Int16Array.of(...tonesFor(words), ...new Int16Array(16_000));

describe('the simulated vendor on a port', () => {
  it.each([LT3, LT38])('hears, answers and tells what it received: %s', async (model) => {
    const url = await vendor();
    const client = await new EngineClient(url, model).opened();
    client.says(updateFor(model)).speaks(spoken);
    await client.finished();
    expect(wordsInSound(client.voice, { rate: VOICE_SAMPLE_RATE })).toEqual(words);
    await client.closed;
    expect((await stats(url)).connections).toMatchObject([
      { model, key: expect.stringMatching(/^[0-9a-f]{12}$/), utterances: [{ words }], ended: { by: 'client' } },
    ]);
  });

  it('asks for the key, where it has any', async () => {
    const url = await vendor({ account: { keys: ['sk-right'] } });
    const wrong = { status: 401, body: { code: 'InvalidApiKey', message: expect.any(String) as string } };
    expect(await outcome(`${url}?model=${LT3}`)).toEqual(wrong);
    expect(await outcome(`${url}?model=${LT3}`, 'sk-wrong')).toEqual(wrong);
    expect(await outcome(`${url}?model=${LT3}`, 'sk-right')).toEqual({ code: 1000, reason: '' });
  });

  it('answers the upgrade as the script says', async () => {
    const url = await vendor({
      faults: [
        { on: { connection: 1 }, do: 'refuse', status: 403, code: 'AccessDenied.Unpurchased' },
        { on: { connection: 2 }, do: 'refuse' },
      ],
    });
    expect(await outcome(url)).toMatchObject({ status: 403, body: { code: 'AccessDenied.Unpurchased' } });
    expect(await outcome(url)).toMatchObject({ status: 503 });
    expect(await outcome(`${url}?model=gpt`)).toMatchObject({ status: 404, body: { code: 'ModelNotFound' } });
    expect(await outcome(url)).toEqual({ code: 1000, reason: '' });
  });

  it('accepts the eleventh connection in a minute, and closes it', async () => {
    const url = await vendor();
    for (let i = 0; i < 10; i++) expect(await outcome(url)).toMatchObject({ code: 1000 });
    const reason = 'Requests rate limit exceeded, please try again later.';
    expect(await outcome(url)).toEqual({ code: 1007, reason });
  });

  it('closes with the reason, cuts without one, and leaves a close unanswered', async () => {
    const url = await vendor({
      faults: [
        { on: { connection: 1 }, do: 'serverError' },
        { on: { connection: 2 }, do: 'cut' },
        { on: { connection: 3 }, do: 'ignoreClose' },
      ],
    });
    expect(await new EngineClient(url).closed).toBe(1011);
    expect(await new EngineClient(url).closed).toBe(1006);
    const client = await new EngineClient(url).opened();
    await client.frame('session.created');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const left = await Promise.race([
      client.hangUp().then(() => 'answered'),
      new Promise((resolve) => setTimeout(() => resolve('unanswered'), 1000)),
    ]);
    expect(left).toBe('unanswered');
    client.close();
  });
});

describe('booth simulate', () => {
  it('prints its URL and a key that clients need, says what it does, and ends when it is told to', async () => {
    const { process: child, output, ended, interrupt } = startBooth(['simulate', '--seed', '7']);
    const url = await new Promise<string>((resolve) => {
      child.stdout?.once('data', (line: Buffer) => resolve(line.toString().trim()));
    });
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/api-ws\/v1\/realtime$/);
    const key = () => /DASHSCOPE_API_KEY=([\w-]{43})\n/.exec(output.stderr)?.[1];
    await until(() => key() !== undefined);
    expect([await outcome(url), await outcome(url, 'sk-any')]).toMatchObject([{ status: 401 }, { status: 401 }]);
    const client = await new EngineClient(url, LT3, key()).opened();
    await client.says(updateFor(LT3)).speaks(spoken).finished();
    await client.closed;
    interrupt();
    const { exitCode, stdout, stderr } = await ended;
    expect([exitCode, stdout]).toEqual([0, `${url}\n`]);
    expect(stderr).toMatch(/"msg":"connection opened"/);
    expect(stderr).toMatch(/k01 k02 k03 k04/);
    expect(stderr).toMatch(/"msg":"connection ended"/);
  });

  it('follows a script', async () => {
    const script = join(temporaryFolder(), 'script.yaml');
    writeFileSync(script, 'account: { keys: [sk-right] }\n');
    const { process: child, ended, interrupt } = startBooth(['simulate', '--script', script]);
    const url = await new Promise<string>((resolve) => {
      child.stdout?.once('data', (line: Buffer) => resolve(line.toString().trim()));
    });
    expect(await outcome(url)).toMatchObject({ status: 401 });
    interrupt();
    expect((await ended).exitCode).toBe(0);
  });

  it('names the field of a script that is wrong', async () => {
    const script = join(temporaryFolder(), 'script.yaml');
    writeFileSync(script, 'faults:\n  - { on: { connection: 1 }, do: cut }\n  - { on: { utterance: 0 }, do: cut }\n');
    const { exitCode, stdout, stderr } = await runBooth(['simulate', '--script', script]);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`${script}: the script is wrong:\nfaults[1].on.utterance: `);
    expect(stderr).not.toContain('    at ');
  });

  it.each([
    [['--script', '/nowhere/script.yaml'], 1, 'there is no such file'],
    [['--seed', 'lucky'], 2, "'--seed <N>' argument 'lucky' is invalid"],
    [['--port', '70000'], 2, "'--port <PORT>' argument '70000' is invalid"],
  ])('says what is wrong with %j', async (args, code, message) => {
    const { exitCode, stderr } = await runBooth(['simulate', ...args]);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
  });

  it('says that its port is taken', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    const { exitCode, stderr } = await runBooth(['simulate', '--port', String(port)]);
    other.close();
    expect([exitCode, stderr]).toEqual([1, `booth: port ${port} is in use: choose another with --port\n`]);
  });
});
