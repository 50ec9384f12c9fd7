/**
 * What the interpreter adds to the service's own time, with real processes: ten people in a room, two of them speaking at a
 * time, two languages. In: from a chunk's last sample leaving the speaker to the chunk at the service. Out: from the first
 * sound that the service sends to the first packet at a listener. Both ends of each way are in this process, on one clock.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import jsonwebtoken from 'jsonwebtoken';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../audio/opus-codec.ts';
import { resample } from '../audio/resample.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { OpusSender } from '../bot/playout/opus-sender.ts';
import { joinRoom } from '../bot/room/mediasoup-room.ts';
import type { RoomConnection } from '../bot/room/room-connection.ts';
import { qwen3 } from '../config/models.ts';
import { Simulator } from '../engine/scripted/simulator.ts';
import { tonesFor, vocabulary, wordOf } from '../engine/scripted/tone-words.ts';
import type { Admission, ServiceConnection } from '../engine/wire/admission.ts';
import { serve } from '../engine/wire/serve.ts';
import type { Preferences } from '../protocol/rooms.ts';
import { signalUrl } from '../protocol/signalling.ts';
import { repository } from '../scripts/places.mjs';
import { systemClock } from '../time/clock.ts';
import { type Bench, percentile } from './bench.ts';
import { silentLog } from './support/silent-log.ts';
import { humanSpeech } from './support/speech.ts';

const PEOPLE = 10;
const LANGUAGES = ['es', 'fr'];
/** Said by one person, while another says theirs; before them some that do not count. */
const SENTENCES = 14;
const WARM_UP = 3;
const SENTENCE_EVERY_MS = 2500;
const WORDS = 4;
const SECRET = 'a secret for nothing but this measurement';
const WINDOW = (SPEECH_SAMPLE_RATE * 40) / 1000;
/** A channel that was silent for so long begins anew. */
const PAUSE_MS = 300;

/** What both ends write down, in milliseconds of this process. */
interface Notes {
  /** When the sample of that number left the speaker, for the sentence that begins with a word. */
  leaving: Map<string, (sample: number) => number>;
  in: number[];
  /** When the service began to say what a listener has not heard yet, by language. */
  begun: Map<string, number>;
  out: number[];
}

export const delayBench: Bench = {
  key: 'delay',
  about: `what the interpreter adds: ${PEOPLE} people, ${LANGUAGES.length} languages`,
  repetitions: 3,
  async run() {
    const notes: Notes = { leaving: new Map(), in: [], begun: new Map(), out: [] };
    const service = await startService(notes);
    const booth = await startBooth(service.url);
    try {
      await talk(booth.url, notes);
    } finally {
      await booth.stop();
      await service.close();
    }
    const total = notes.in.slice(0, notes.out.length).map((ms, i) => ms + (notes.out[i] ?? 0));
    const spread = (name: string, values: readonly number[]) => ({
      [`${name}.p50`]: percentile(values, 0.5),
      [`${name}.p95`]: percentile(values, 0.95),
    });
    return { ...spread('in', notes.in), ...spread('out', notes.out), ...spread('total', total), samples: total.length };
  },
};

/** The simulated vendor, which notes what it hears and says when. */
function startService(notes: Notes) {
  const simulator = new Simulator({
    clock: systemClock,
    script: { account: { connectionsPerMinute: 1000 }, paraphrases: false, answer: { latencyMs: 100, revises: 0 } },
  });
  const admit = (visitor: { model: string; key?: string }): Admission => {
    const admission = simulator.connect(visitor);
    if ('status' in admission) return admission;
    return {
      open(client) {
        const tap = new Tap(notes);
        const service = admission.open({
          ...client,
          send(frame) {
            tap.said(frame);
            client.send(frame);
          },
        });
        return tap.hearing(service);
      },
    };
  };
  return serve({ host: '127.0.0.1', port: 0, model: qwen3.id, admit, clock: systemClock, log: silentLog });
}

/** One session, as its service sees it. */
class Tap {
  readonly #notes: Notes;
  #language = '';
  #heard = new Int16Array(0);
  readonly #responses = new Set<string>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  hearing(service: ServiceConnection): ServiceConnection {
    return {
      ...service,
      receive: (text) => {
        const now = performance.now();
        const message = JSON.parse(text) as { audio?: string; session?: { translation?: { language?: string } } };
        this.#language = message.session?.translation?.language ?? this.#language;
        if (message.audio !== undefined) this.#hear(samplesIn(message.audio), now);
        service.receive(text);
      },
      receiveBinary: () => service.receiveBinary(),
      close: () => service.close(),
    };
  }

  said(frame: string): void {
    if (!frame.includes('"response.audio.delta"')) return;
    const { response_id } = JSON.parse(frame) as { response_id: string };
    if (this.#responses.has(response_id)) return;
    this.#responses.add(response_id);
    this.#notes.begun.set(this.#language, performance.now());
  }

  /** The first chunk in which the first word of a sentence is recognised. */
  #hear(chunk: Int16Array, now: number): void {
    const heard = Int16Array.of(...this.#heard.subarray(-2 * WINDOW), ...chunk);
    this.#heard = heard;
    const word = wordOf(heard.subarray(-WINDOW), SPEECH_SAMPLE_RATE);
    const leaving = word === undefined ? undefined : this.#notes.leaving.get(`${word} ${this.#language}`);
    if (word === undefined || !leaving) return;
    this.#notes.leaving.delete(`${word} ${this.#language}`);
    const begins = onset(heard);
    this.#notes.in.push(now - leaving(heard.length - begins));
  }
}

/** Where sound begins, in samples. */
const onset = (samples: Int16Array): number =>
  Math.max(
    0,
    samples.findIndex((sample) => Math.abs(sample) > 1000),
  );

const samplesIn = (base64: string): Int16Array => {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  return new Int16Array(bytes.buffer, 0, bytes.length >> 1);
};

async function startBooth(url: string): Promise<{ url: string; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'booth-bench-'));
  const booth = spawn(process.execPath, [join(repository, 'cli/booth.ts'), 'start'], {
    env: {
      ...process.env,
      BOOTH_PORT: '0',
      BOOTH_RTC_PORT: '0',
      BOOTH_DATA_DIR: dataDir,
      BOOTH_SECRET: SECRET,
      BOOTH_LOG_LEVEL: 'error',
      BOOTH_LIVETRANSLATE_URL: url,
      DASHSCOPE_API_KEY: 'bench',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(booth.stdout, 'data')) as [Buffer];
  return {
    url: new URL(line.toString().trim()).origin,
    async stop() {
      const ended = once(booth, 'exit');
      booth.kill('SIGINT');
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function talk(url: string, notes: Notes): Promise<void> {
  const listeners = await Promise.all(LANGUAGES.map((language) => listen(url, language, notes)));
  const speakers = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => Talker.join(url, `p${i}`, notes)));
  // The interpreter comes and makes its sessions ready.
  await delay(10_000);
  for (let i = 0; i < WARM_UP + SENTENCES; i++) {
    if (i === WARM_UP) notes.in.length = notes.out.length = 0;
    speakers[i % PEOPLE]?.says(
      Array.from({ length: WORDS }, (_, n) => vocabulary[(i * WORDS + n) % vocabulary.length] ?? ''),
    );
    await delay(SENTENCE_EVERY_MS / 2);
    // Another begins before they have ended, for whom the channel is not waited.
    speakers[(i + PEOPLE / 2) % PEOPLE]?.murmurs();
    await delay(SENTENCE_EVERY_MS / 2 + 1500);
  }
  for (const { room } of [...listeners, ...speakers]) room.close();
}

async function enter(
  url: string,
  identity: string,
  preferences: Partial<Preferences>,
  changed = () => {},
): Promise<RoomConnection> {
  const claims = { booth: { room: 'bench', grants: ['publish', 'subscribe'] } };
  const token = jsonwebtoken.sign(claims, SECRET, { subject: identity, expiresIn: '1h', algorithm: 'HS256' });
  return joinRoom({ url: signalUrl(url), token, preferences, clock: systemClock, events: { changed, ended() {} } });
}

/** Somebody who hears a language, and notes when it begins to sound. */
async function listen(url: string, language: string, notes: Notes): Promise<{ room: RoomConnection }> {
  const heard = new Set<string>();
  let lastMs = 0;
  const packet = (): void => {
    const now = performance.now();
    const begun = notes.begun.get(language);
    if (now - lastMs > PAUSE_MS && begun !== undefined) {
      notes.out.push(now - begun);
      notes.begun.delete(language);
    }
    lastMs = now;
  };
  let room: RoomConnection | undefined;
  const follow = (): void => {
    for (const { id, booth } of [...(room?.participants.values() ?? [])].flatMap(({ producers }) => producers)) {
      if (booth?.role !== 'channel' || booth.language !== language || heard.has(id)) continue;
      heard.add(id);
      void room?.receiveAudio(id, packet);
    }
  };
  room = await enter(url, `hears-${language}`, { hears: language }, () => follow());
  follow();
  return { room };
}

/** A second of somebody's voice, which opens the gate: the words that are told from each other are tones, and nobody's. */
let voice: Int16Array | undefined;
/** Between the voice and the first word, whose onset is looked for. */
const BREATH_S = 0.2;

class Talker {
  readonly room: RoomConnection;
  readonly #notes: Notes;
  #sound: Int16Array[] = [];
  #first: { word: string; afterFrames: number } | undefined;
  #sender: OpusSender | undefined;

  private constructor(room: RoomConnection, notes: Notes) {
    this.room = room;
    this.#notes = notes;
  }

  static async join(url: string, identity: string, notes: Notes): Promise<Talker> {
    const { samples, sampleRate } = humanSpeech('demo-nogo');
    voice ??= (await resample(samples, sampleRate, VOICE_SAMPLE_RATE)).subarray(
      0.78 * VOICE_SAMPLE_RATE,
      1.78 * VOICE_SAMPLE_RATE,
    );
    const talker = new Talker(await enter(url, identity, { speaks: 'en' }), notes);
    const output = await talker.room.publishMicrophone();
    talker.#sender = new OpusSender(await createOpusEncoder(), output, systemClock, () => talker.#nextFrame());
    return talker;
  }

  says(words: readonly string[]): void {
    const opening = framesOf(Int16Array.of(...(voice ?? []), ...new Int16Array(VOICE_SAMPLE_RATE * BREATH_S)));
    const tones = tonesFor(words, { rate: VOICE_SAMPLE_RATE });
    this.#first = { word: words[0] ?? '', afterFrames: opening.length };
    this.#sound = [...opening, ...framesOf(Int16Array.of(...tones, ...new Int16Array(VOICE_SAMPLE_RATE * 1.6)))];
    this.#sender?.wake();
  }

  /** Sound that is no word of the simulator's. */
  murmurs(): void {
    if (this.#sound.length > 0) return;
    this.#sound = framesOf((voice ?? new Int16Array()).slice(0, VOICE_SAMPLE_RATE / 2));
    this.#sender?.wake();
  }

  #nextFrame(): Int16Array | undefined {
    const frame = this.#sound.shift();
    if (this.#first && frame && this.#first.afterFrames-- === 0) {
      // A frame leaves when all of it is there.
      const beganMs = performance.now();
      const leaving = (sample: number): number => beganMs + Math.floor(sample / (SPEECH_SAMPLE_RATE / 50)) * 20;
      for (const language of LANGUAGES) this.#notes.leaving.set(`${this.#first.word} ${language}`, leaving);
      this.#first = undefined;
    }
    return frame;
  }
}

function framesOf(samples: Int16Array): Int16Array[] {
  const count = Math.floor(samples.length / OPUS_FRAME_SAMPLES);
  return Array.from({ length: count }, (_, i) => samples.slice(i * OPUS_FRAME_SAMPLES, (i + 1) * OPUS_FRAME_SAMPLES));
}
