/**
 * Measures what interpretation in process costs the server of an application: how busy its event loop is for each speaker, and how long it
 * is held up by the import and by the first speaker. The packages are built, as an application installs them; the engine is the simulator, in
 * the process of the benchmark, from where the people speak too.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../audio/opus-codec.ts';
import { resample } from '../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { writeRtpPacket } from '../bot/in-process/rtp-packet.ts';
import { OpusSender } from '../bot/playout/opus-sender.ts';
import { qwen3 } from '../config/models.ts';
import { Simulator, serveSimulator } from '../engine/scripted/simulator.ts';
import { buildPackages } from '../scripts/packages/build.mjs';
import { repository } from '../scripts/places.mjs';
import { systemClock } from '../time/clock.ts';
import type { Bench } from './bench.ts';
import { silentLog } from './support/silent-log.ts';
import { humanSpeech } from './support/speech.ts';

const SPEAKERS = 4;
const SECONDS = 15;
const SPEECH = 'basic-pbx-ivr-main';

interface MicrophoneAddress {
  port: number;
  ssrc: number;
  payloadType: number;
}

type FromHost = { microphone: MicrophoneAddress } | { figures: Record<string, number> };

export const pluginBench: Bench = {
  key: 'plugin',
  about: "an application's server that has its room interpreted in process",
  repetitions: 1,
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'booth-bench-'));
    const simulator = new Simulator({ clock: systemClock, script: { paraphrases: false } });
    const service = { host: '127.0.0.1', port: 0, clock: systemClock, log: silentLog };
    const server = await serveSimulator({ ...service, simulator });
    try {
      const host = fork(await installed(folder), { cwd: folder, execArgv: [] });
      return await figuresOf(host, server.url);
    } finally {
      await server.close();
      await rm(folder, { recursive: true });
    }
  },
};

/** Lays the built packages out as they are in an application's folder. @returns the application's file */
async function installed(folder: string): Promise<string> {
  const built = await buildPackages(join(folder, 'packages'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@mediasoup-booth'), { recursive: true });
  for (const name of await readdir(join(repository, 'node_modules')))
    if (name !== '@mediasoup-booth') await symlink(join(repository, 'node_modules', name), join(modules, name));
  for (const { name, folder: at } of built) await symlink(at, join(modules, name));
  const file = join(folder, 'host.mjs');
  await copyFile(new URL('./plugin/host.mjs', import.meta.url), file);
  return file;
}

async function figuresOf(host: ChildProcess, url: string): Promise<Record<string, number>> {
  const socket = createSocket('udp4');
  const senders: OpusSender[] = [];
  const { samples, sampleRate } = humanSpeech(SPEECH);
  const speech = await resample(samples, sampleRate, VOICE_SAMPLE_RATE);
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, number>>();
  host.on('message', (message: FromHost) => {
    if ('figures' in message) resolve(message.figures);
    else void speak(socket, message.microphone, speech).then((sender) => senders.push(sender), reject);
  });
  host.once('exit', (code) => reject(new Error(`the application ended (${code})`)));
  host.send({ engine: { url, model: qwen3.id, key: 'sk-any' }, speakers: SPEAKERS, seconds: SECONDS });
  try {
    return await promise;
  } finally {
    for (const sender of senders) sender.close();
    socket.close();
    host.kill();
  }
}

/** Says a recording again and again, to one of the application's ports. */
async function speak(socket: Socket, { port, ssrc, payloadType }: MicrophoneAddress, speech: Int16Array) {
  let sequenceNumber = 0;
  let at = 0;
  const write = (payload: Uint8Array, timestamp: number, marker: boolean) => {
    sequenceNumber = (sequenceNumber + 1) % 2 ** 16;
    socket.send(writeRtpPacket({ ssrc, payloadType, sequenceNumber, timestamp, marker, payload }), port, '127.0.0.1');
  };
  const sender = new OpusSender(await createOpusEncoder(), { write }, systemClock, () => {
    if (at + OPUS_FRAME_SAMPLES > speech.length) at = 0;
    at += OPUS_FRAME_SAMPLES;
    return speech.subarray(at - OPUS_FRAME_SAMPLES, at);
  });
  sender.wake();
  return sender;
}
