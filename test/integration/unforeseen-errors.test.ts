/** Errors that nobody catches, really thrown in a server's process while people talk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join as path } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SIGNAL_PATH } from '@mediasoup-booth/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { joinRoom } from '../../bot/room/join-room.ts';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { repository } from '../../scripts/places.mjs';
import { descendantsOf, isRunning } from '../../scripts/test/processes.mjs';
import { systemClock } from '../../time/clock.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { caption } from '../support/room-messages.ts';
import { interpreter, person, secret, tokenOf, type Who } from '../support/server.ts';
import { until } from '../support/until.ts';

interface Faulty {
  process: ChildProcess;
  url: string;
  log: { text: string };
}

async function startFaultyServer(): Promise<Faulty> {
  const program = fileURLToPath(new URL('../support/faulty-server.ts', import.meta.url));
  const child = spawn(process.execPath, [program, secret], {
    env: { ...process.env, ...endsWithThisProcess() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const log = { text: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log.text += text;
  });
  const [url] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { process: child, url: url.trim(), log };
}

function enter({ url }: Faulty, who: Who, hears = 'original') {
  const ends: string[] = [];
  const joined = joinRoom({
    url: url.replace('http', 'ws') + SIGNAL_PATH,
    token: tokenOf(who),
    preferences: { speaks: 'en', hears, reads: [] },
    clock: systemClock,
    events: { changed: () => {}, ended: ({ reason }) => ends.push(reason) },
  });
  return joined.then((room) => ({ room, ends }));
}

describe('an error that nobody catches', () => {
  it('in a room closes that room, while another goes on talking', async () => {
    const server = await startFaultyServer();
    const ana = await enter(server, person('ana', { room: 'quiet' }));
    await enter(server, person('ben', { room: 'quiet', name: 'Ben' }));
    const booth = await enter(server, interpreter('booth', { room: 'quiet' }));
    const captions = booth.room.publishCaptions('es');
    await captions.opened;
    const channels = () => ana.room.participants.get('booth')?.dataProducers ?? [];
    await until(() => channels().length === 1);
    const read: string[] = [];
    await ana.room.receiveTexts(channels()[0]?.id ?? '', (text) => read.push(text));
    let said = 0;
    const talking = setInterval(() => captions.send(JSON.stringify(caption(String(said++)))), 10);
    onTestFinished(() => clearInterval(talking));
    await until(() => read.length > 10);

    // Whoever wants Spanish has an interpreter launched, which throws.
    const reason = await enter(server, person('eve', { room: 'faulty' }), 'es').then(
      async ({ ends }) => {
        await until(() => ends.length === 1);
        return ends[0];
      },
      // The room closed while they joined.
      (error: Error) => error.message,
    );
    expect(reason).toContain('something unforeseen failed in this room');
    await until(() => server.log.text.includes('a timer of the faulty room'));
    expect(server.log.text).toContain('a promise of the faulty room');
    expect(server.log.text).not.toContain('the server ends');

    const before = said;
    await until(() => read.some((text) => JSON.parse(text).utterance === String(before + 20)));
    expect([...ana.ends, ...booth.ends]).toEqual([]);
    expect(server.process.exitCode).toBeNull();
    const again = await enter(server, person('eve', { room: 'faulty' }));
    expect(again.ends).toEqual([]);
  });

  it('in no room ends the server in order, with exit code 70', async () => {
    const server = await startFaultyServer();
    const ana = await enter(server, person('ana', { room: 'quiet' }));
    const exit = once(server.process, 'exit');
    // The server may end while they join.
    void enter(server, person('eve', { room: 'fatal' }), 'es').catch(() => {});
    expect(await exit).toEqual([70, null]);
    await until(() => ana.ends.length === 1);
    expect(ana.ends[0]).toContain('the server is closing');
    expect(server.log.text).toContain('unforeseen error, the server ends');
  });
});

describe('a server that was started by the `booth` script', () => {
  it('is started again when it is killed, and not when it is stopped', async () => {
    const environment = {
      ...process.env,
      ...endsWithThisProcess(),
      BOOTH_RTC_PORT: '0',
      BOOTH_RTC_WORKERS: '1',
      BOOTH_LIVETRANSLATE_URL: 'ws://127.0.0.1:9',
    };
    const script = spawn(process.execPath, [path(repository, 'scripts/booth.mjs'), 'start'], {
      env: { ...environment, BOOTH_PORT: '0', BOOTH_DATA_DIR: temporaryFolder() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void script.kill('SIGTERM'));
    let links = '';
    script.stdout.setEncoding('utf8').on('data', (text: string) => {
      links += text;
    });
    const server = () => descendantsOf(script.pid ?? 0).find(({ command }) => command.includes('cli/booth.ts start'));
    await until(() => links.split('\n').length === 2);
    const first = server();
    if (!first) throw new Error('no server is running');
    process.kill(first.pid, 'SIGKILL');
    await until(() => links.split('\n').length === 3);
    const second = server();
    expect(second?.pid).not.toBe(first.pid);
    const all = descendantsOf(script.pid ?? 0);
    script.kill('SIGTERM');
    expect(await once(script, 'exit')).toEqual([0, null]);
    await until(() => !all.some(isRunning));
  });
});
