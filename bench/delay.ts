/**
 * Measures the delay that the interpreter adds to the service's own, with real processes: ten people in a room, two of whom speak at the
 * same time, and two languages. `in` is the time from a chunk's last sample leaving the speaker until the service has the chunk; `out` is
 * the time from the first audio that the service sends until the first packet reaches a listener. Both ends are in this process, on one
 * clock.
 */

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Preferences, signalUrl } from '@mediasoup-booth/protocol';
import jsonwebtoken from 'jsonwebtoken';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../audio/opus-codec.ts';
import { resample } from '../audio/resample.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { OpusSender } from '../bot/playout/opus-sender.ts';
import { joinRoom } from '../bot/room/join-room.ts';
import type { RoomConnection } from '../bot/room/room-connection.ts';
import { qwen3 } from '../config/models.ts';
import { Simulator } from '../engine/scripted/simulator.ts';
import { tonesFor, vocabulary, wordOf } from '../engine/scripted/tone-words.ts';
import type { Admission, ServiceConnection } from '../engine/wire/admission.ts';
import { serve } from '../engine/wire/serve.ts';
import { endsWithThisProcess } from '../process/parent-watchdog.mjs';
import { repository } from '../scripts/places.mjs';
import { systemClock } from '../time/clock.ts';
import { type Bench, percentile } from './bench.ts';
import { silentLog } from './support/silent-log.ts';
import { humanSpeech } from './support/speech.ts';

const PEOPLE = 10;
const LANGUAGES = ['es', 'fr'];
/** Sentences that are measured, after `WARM_UP` that are not. Each is spoken while another person speaks too. */
const SENTENCES = 14;
const WARM_UP = 3;
const SENTENCE_EVERY_MS = 2500;
const WORDS = 4;
const SECRET = 'a secret for this benchmark only';
const WINDOW = (SPEECH_SAMPLE_RATE * 40) / 1000;
/** After this much silence, the next packet of a channel counts as the start of speech. */
const PAUSE_MS = 300;

/** Times that both ends record, in milliseconds of this process. */
interface Notes {
  /** Keyed by a sentence's first word and language: returns the time at which a sample, by its index, left the speaker. */
  leaving: Map<string, (sample: number) => number>;
  in: number[];
  /** Keyed by language: the time at which the service began to send audio that no listener has received yet. */
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

/** Starts the simulated vendor and records when it receives and sends speech. */
function startService(notes: Notes) {
  const simulator = new Simulator({
    clock: systemClock,
    script: { account: { connectionsPerMinute: 1000 }, paraphrases: false, answer: { latencyMs: 100, revises: 0 } },
  });
  const admit = (request: { model: string; key?: string }): Admission => {
    const admission = simulator.connect(request);
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
        return tap.wrapped(service);
      },
    };
  };
  return serve({ host: '127.0.0.1', port: 0, model: qwen3.id, admit, clock: systemClock, log: silentLog });
}

/** Records the times of one session, at the service's end. */
class Tap {
  readonly #notes: Notes;
  #language = '';
  #recent = new Int16Array(0);
  readonly #responses = new Set<string>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  wrapped(service: ServiceConnection): ServiceConnection {
    return {
      ...service,
      receive: (text) => {
        const now = performance.now();
        const message = JSON.parse(text) as { audio?: string; session?: { translation?: { language?: string } } };
        this.#language = message.session?.translation?.language ?? this.#language;
        if (message.audio !== undefined) this.#findFirstWord(samplesIn(message.audio), now);
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

  /** Looks for the first word of a sentence and records the delay of the chunk that completes it. */
  #findFirstWord(chunk: Int16Array, now: number): void {
    const recent = Int16Array.of(...this.#recent.subarray(-2 * WINDOW), ...chunk);
    this.#recent = recent;
    const word = wordOf(recent.subarray(-WINDOW), SPEECH_SAMPLE_RATE);
    const leaving = word === undefined ? undefined : this.#notes.leaving.get(`${word} ${this.#language}`);
    if (word === undefined || !leaving) return;
    this.#notes.leaving.delete(`${word} ${this.#language}`);
    const start = onset(recent);
    this.#notes.in.push(now - leaving(recent.length - start));
  }
}

/** The index of the first sample that is loud. */
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
      ...endsWithThisProcess(),
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
  // The interpreter joins and opens its sessions meanwhile.
  await delay(10_000);
  for (let i = 0; i < WARM_UP + SENTENCES; i++) {
    if (i === WARM_UP) notes.in.length = notes.out.length = 0;
    speakers[i % PEOPLE]?.says(
      Array.from({ length: WORDS }, (_, n) => vocabulary[(i * WORDS + n) % vocabulary.length] ?? ''),
    );
    await delay(SENTENCE_EVERY_MS / 2);
    // A second person speaks before the first has ended; their translation is not measured.
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
  const claims = { jti: randomUUID(), booth: { room: 'bench', grants: ['publish', 'subscribe'] } };
  const token = jsonwebtoken.sign(claims, SECRET, { subject: identity, expiresIn: '1h', algorithm: 'HS256' });
  return joinRoom({ url: signalUrl(url), token, preferences, clock: systemClock, events: { changed, ended() {} } });
}

/** Joins a listener of a language who records when its channel starts to sound. */
async function listen(url: string, language: string, notes: Notes): Promise<{ room: RoomConnection }> {
  const received = new Set<string>();
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
  const receiveChannels = (): void => {
    for (const { id, booth } of [...(room?.participants.values() ?? [])].flatMap(({ producers }) => producers)) {
      if (booth?.role !== 'channel' || booth.language !== language || received.has(id)) continue;
      received.add(id);
      void room?.receiveAudio(id, packet);
    }
  };
  room = await enter(url, `hears-${language}`, { hears: language }, () => receiveChannels());
  receiveChannels();
  return { room };
}

/** A second of human speech that opens the voice gate; the words that are measured are tones, which do not open it. */
let voice: Int16Array | undefined;
/** Seconds of silence between the human speech and the first word, so that the onset of the word can be found. */
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

  /** Plays speech that is not a word of the simulator's vocabulary. */
  murmurs(): void {
    if (this.#sound.length > 0) return;
    this.#sound = framesOf((voice ?? new Int16Array()).slice(0, VOICE_SAMPLE_RATE / 2));
    this.#sender?.wake();
  }

  #nextFrame(): Int16Array | undefined {
    const frame = this.#sound.shift();
    if (this.#first && frame && this.#first.afterFrames-- === 0) {
      // A frame leaves when it is complete.
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
