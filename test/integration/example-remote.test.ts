/**
 * The guide's interpreter for a room over the network, as a program that knows Booth's packages as npm would install them, against its
 * example's server: somebody speaks, and somebody else reads and is given a voice.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoomMessage } from '@mediasoup-booth/protocol';
import { io, type Socket } from 'socket.io-client';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { silentLog } from '../../bench/support/silent-log.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { joinRemoteRoom } from '../../bot/room/join-remote-room.ts';
import type { JoinRoom } from '../../bot/room/remote-room.ts';
import { unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import { systemClock } from '../../time/clock.ts';
import { type ExampleServer, installExample, packedPackages, startServer } from '../support/example-meeting.ts';
import { startSimulator } from '../support/interpreted-router.ts';
import { say } from '../support/meeting.ts';
import { until } from '../support/until.ts';

const TOKEN = 'a token that only the interpreter has';

let packages: readonly string[];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
  packages = await packedPackages(folder);
  return () => rmSync(folder, { recursive: true, force: true });
});

/** Somebody's page, as far as its signalling goes. */
class Page {
  readonly socket: Socket;

  constructor({ url }: ExampleServer, id: string, token?: string) {
    this.socket = io(url, { auth: { room: 'lobby', id, name: id, token }, forceNew: true, reconnection: false });
    onTestFinished(() => {
      this.socket.disconnect();
    });
  }

  async welcome(): Promise<{ rtpCapabilities: never }> {
    return new Promise((resolve) => this.socket.once('welcome', resolve));
  }

  async request(name: string, data: object = {}): Promise<never> {
    const { result, error } = await this.socket.timeout(10_000).emitWithAck(name, data);
    if (error) throw new Error(error);
    return result as never;
  }
}

/** Somebody whose microphone is open. @returns what has them say a recording */
async function speaker(server: ExampleServer): Promise<(recording: string) => Promise<void>> {
  const page = new Page(server, 'ann');
  const enter: JoinRoom = async () => {
    const { rtpCapabilities } = await page.welcome();
    await page.request('join', { rtpCapabilities, speaks: 'en' });
    return {
      routerRtpCapabilities: rtpCapabilities,
      people: () => [],
      createTransport: ({ direction }) => page.request('createTransport', { direction }),
      connectTransport: (transportId, dtlsParameters) =>
        page.request('connectTransport', { transportId, dtlsParameters }),
      enter: () => page.request('ready'),
      produce: async ({ appData, ...options }) => {
        const { id } = (await page.request('produce', { ...options, source: appData.source })) as { id: string };
        return id;
      },
      pauseConsumer() {},
      resumeConsumer() {},
      close: () => page.socket.disconnect(),
    };
  };
  const connection = await joinRemoteRoom({
    join: enter,
    clock: systemClock,
    events: { changed() {}, ended() {} },
    log: silentLog,
    connectionLimiter: unlimitedConnections,
  });
  onTestFinished(() => connection.close());
  const microphone = await connection.publishMicrophone();
  return async (recording) => {
    const { samples, sampleRate } = humanSpeech(recording);
    await (await say(microphone, await resample(samples, sampleRate, VOICE_SAMPLE_RATE))).done;
  };
}

/** Somebody who hears and reads Spanish. */
async function listener(server: ExampleServer) {
  const page = new Page(server, 'bea');
  const heard = { captions: [] as RoomMessage[], voices: [] as object[] };
  page.socket.on('caption', (message) => heard.captions.push(message));
  page.socket.on('newConsumer', ({ appData }) => appData.booth && heard.voices.push(appData.booth));
  const { rtpCapabilities } = await page.welcome();
  await page.request('join', { rtpCapabilities });
  await page.request('createTransport', { direction: 'recv' });
  await page.request('ready');
  await page.request('choose', { hears: 'es', reads: ['es'] });
  return heard;
}

describe("the guide's interpreter over the network", () => {
  it('says and writes in Spanish what somebody says in English, and leaves when it is stopped', async () => {
    const folder = installExample(packages);
    const server = await startServer(join(folder, 'remote/server.js'), { INTERPRETER_TOKEN: TOKEN });
    onTestFinished(() => server.stop());
    const says = await speaker(server);
    const heard = await listener(server);
    const { url } = await startSimulator();
    const interpreter = spawn(process.execPath, [join(folder, 'remote/interpreter.js')], {
      env: {
        PATH: process.env.PATH,
        MEETING: server.url,
        INTERPRETER_TOKEN: TOKEN,
        DASHSCOPE_API_KEY: 'sk-any',
        DASHSCOPE_URL: url,
      },
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    onTestFinished(() => void interpreter.kill('SIGKILL'));
    let complaints = '';
    interpreter.stderr.setEncoding('utf8').on('data', (text) => (complaints += text));
    await until(() => heard.voices.length > 0 || interpreter.exitCode !== null);
    expect(complaints).toBe('');
    expect(heard.voices).toEqual([{ role: 'channel', language: 'es' }]);
    await says('conf-waitforleader');
    await until(() =>
      heard.captions.some((message) => message.type === 'caption' && message.kind === 'translation' && message.final),
    );
    expect(heard.captions.find(({ type }) => type === 'caption')).toMatchObject({
      speaker: { id: 'ann', name: 'ann' },
    });
    const exit = once(interpreter, 'exit');
    interpreter.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(complaints).toBe('');
  });
});
