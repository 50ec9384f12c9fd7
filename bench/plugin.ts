/**
 * Measures what interpretation costs the server of an application: how busy its event loop is for each speaker, how long it is held up by the
 * import and by the first speaker, and the CPU of all its processes, where it interprets in its own process and where another process
 * does. The first caption is compared with that on Booth's own server. The packages are built, as an application installs them; the engine is
 * the simulator, in the process of the benchmark, from where the people speak too.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../audio/opus-codec.ts';
import { resample } from '../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { OpusSender } from '../bot/playout/opus-sender.ts';
import { qwen3 } from '../config/models.ts';
import { Simulator, serveSimulator } from '../engine/scripted/simulator.ts';
import { writeRtpPacket } from '../rtp/rtp-packet.ts';
import { repository } from '../scripts/places.mjs';
import { systemClock } from '../time/clock.ts';
import { type Bench, percentile } from './bench.ts';
import { type MicrophoneAddress, OwnServer } from './plugin/own-server.ts';
import { silentLog } from './support/silent-log.ts';
import { humanSpeech } from './support/speech.ts';

const SPEAKERS = 4;
const SECONDS = 15;
const ROUNDS = 2;
/** The interpreter has so long to receive a microphone that is there. */
const RECEIVED_WITHIN_MS = 3000;
/** A sentence and a pause, after which its caption comes from the simulator, as it has heard the end. */
const OPENING = 'conf-waitforleader';
const PAUSE_MS = 2000;
const SPEECH = 'basic-pbx-ivr-main';

type FromHost =
  | { microphone: MicrophoneAddress }
  /** The next is to speak, the number of a microphone. */
  | { speak: number }
  /** The first caption of this speaker has come. */
  | { caption: number }
  | { figures: Record<string, number> };

export const pluginBench: Bench = {
  key: 'plugin',
  about: "an application's server that has its room interpreted in process, and by another process",
  repetitions: 1,
  missing: () =>
    existsSync(join(repository, 'node_modules/typescript')) ? undefined : 'the packages that build Booth',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'booth-bench-'));
    const simulator = new Simulator({ clock: systemClock, script: { paraphrases: false } });
    const service = { host: '127.0.0.1', port: 0, clock: systemClock, log: silentLog };
    const server = await serveSimulator({ ...service, simulator });
    try {
      const onOwnServer = await firstCaptionsOnOwnServer(server.url);
      const host = fork(await installed(folder), { cwd: folder, execArgv: [] });
      const { firstCaptions, figures } = await figuresOf(host, server.url);
      const [firstCaption, firstCaptionOwn] = [percentile(firstCaptions, 0.5), percentile(onOwnServer, 0.5)];
      return { ...figures, firstCaption, firstCaptionOwn, firstCaptionLater: firstCaption - firstCaptionOwn };
    } finally {
      await server.close();
      await rm(folder, { recursive: true });
    }
  },
};

/** Lays the built packages out as they are in an application's folder. @returns the application's file */
async function installed(folder: string): Promise<string> {
  // It loads what a production installation does not have.
  const { buildPackages } = await import('../scripts/packages/build.mjs');
  const built = await buildPackages(join(folder, 'packages'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@mediasoup-booth'), { recursive: true });
  for (const name of await readdir(join(repository, 'node_modules')))
    if (name !== '@mediasoup-booth') await symlink(join(repository, 'node_modules', name), join(modules, name));
  for (const { name, folder: at } of built) await symlink(at, join(modules, name));
  const file = join(folder, 'host.mjs');
  for (const name of ['host.mjs', 'remote-interpreter.mjs'])
    await copyFile(new URL(`./plugin/${name}`, import.meta.url), join(folder, name));
  return file;
}

/** The people of a room, who say a sentence, and then a recording again and again, from here and over one socket. */
class Speakers {
  readonly #socket: Socket = createSocket('udp4');
  readonly #senders: OpusSender[] = [];
  readonly #speech: Int16Array;
  readonly #openingSamples: number;

  static async create(): Promise<Speakers> {
    return new Speakers(await recorded(OPENING), await recorded(SPEECH));
  }

  private constructor(opening: Int16Array, speech: Int16Array) {
    this.#openingSamples = opening.length + (PAUSE_MS * VOICE_SAMPLE_RATE) / 1000;
    this.#speech = new Int16Array(this.#openingSamples + speech.length);
    this.#speech.set(opening);
    this.#speech.set(speech, this.#openingSamples);
  }

  /** Somebody begins to speak. Resolves with the time of their first packet. */
  async speak({ port, ssrc, payloadType }: MicrophoneAddress): Promise<number> {
    const begun = Promise.withResolvers<number>();
    let sequenceNumber = 0;
    let at = 0;
    const write = (payload: Uint8Array, timestamp: number, marker: boolean) => {
      begun.resolve(performance.now());
      sequenceNumber = (sequenceNumber + 1) % 2 ** 16;
      const packet = writeRtpPacket({ ssrc, payloadType, sequenceNumber, timestamp, marker, payload });
      this.#socket.send(packet, port, '127.0.0.1');
    };
    const sender = new OpusSender(await createOpusEncoder(), { write }, systemClock, () => {
      if (at + OPUS_FRAME_SAMPLES > this.#speech.length) at = this.#openingSamples;
      at += OPUS_FRAME_SAMPLES;
      return this.#speech.subarray(at - OPUS_FRAME_SAMPLES, at);
    });
    this.#senders.push(sender);
    sender.wake();
    return begun.promise;
  }

  close(): void {
    for (const sender of this.#senders) sender.close();
    this.#socket.close();
  }
}

async function recorded(name: string): Promise<Int16Array> {
  const { samples, sampleRate } = humanSpeech(name);
  return resample(samples, sampleRate, VOICE_SAMPLE_RATE);
}

/** Milliseconds from the first packet of each speaker to their first caption. */
async function firstCaptionsOnOwnServer(vendor: string): Promise<number[]> {
  const speakers = await Speakers.create();
  const server = await OwnServer.start(vendor, SPEAKERS);
  try {
    const waits: number[] = [];
    // The interpreter receives them before they speak, as in the application.
    await delay(RECEIVED_WITHIN_MS);
    for (const [n, microphone] of server.microphones.entries()) {
      const caption = server.caption(n);
      const begunMs = await speakers.speak(microphone);
      await caption;
      waits.push(performance.now() - begunMs);
    }
    return waits;
  } finally {
    speakers.close();
    await server.close();
  }
}

async function figuresOf(host: ChildProcess, url: string) {
  const speakers = await Speakers.create();
  const microphones: MicrophoneAddress[] = [];
  const begun: Promise<number>[] = [];
  const captionsMs: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, number>>();
  host.on('message', (message: FromHost) => {
    if ('figures' in message) resolve(message.figures);
    else if ('microphone' in message) microphones.push(message.microphone);
    else if ('caption' in message) captionsMs[message.caption] = performance.now();
    else {
      const microphone = microphones[message.speak];
      if (microphone) begun[message.speak] = speakers.speak(microphone);
    }
  });
  host.once('exit', (code) => reject(new Error(`the application ended (${code})`)));
  host.send({
    engine: { url, model: qwen3.id, key: 'sk-any' },
    ...{ speakers: SPEAKERS, seconds: SECONDS, rounds: ROUNDS },
  });
  try {
    const figures = await promise;
    const begunMs = await Promise.all(begun);
    return { figures, firstCaptions: captionsMs.map((atMs, n) => atMs - (begunMs[n] ?? 0)) };
  } finally {
    speakers.close();
    host.kill();
  }
}
