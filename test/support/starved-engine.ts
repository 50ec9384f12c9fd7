/**
 * One speaker's interpretation by the offline engine on a computer that is too slow for it, in fake time: the real interpretation, session
 * pool, client, protocol and engine session; only the recogniser and the translator are scripted, and take as long as the test says.
 */

import { expect } from 'vitest';
import { silentLog } from '../../bench/support/silent-log.ts';
import { promises } from '../../bench/support/simulated-interpretation.ts';
import { simulatedDial } from '../../bench/support/simulated-service.ts';
import { Interpretation } from '../../bot/interpretation/interpretation.ts';
import type { InterpretationEvent } from '../../bot/interpretation/interpretation-event.ts';
import { SourceUtteranceIndex } from '../../bot/interpretation/source-utterance-index.ts';
import { unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import { SessionPool } from '../../bot/session/session-pool.ts';
import { offline } from '../../config/models.ts';
import { OfflineSession } from '../../engine/offline/offline-session.ts';
import { RecognitionScheduler } from '../../engine/offline/recognition-scheduler.ts';
import type { Recognition, RecognitionResult, Recognizer } from '../../engine/offline/stages.ts';
import type { ClientConnection } from '../../engine/wire/admission.ts';
import type { Backend, UtteranceOutput } from '../../engine/wire/backend.ts';
import { WireSession } from '../../engine/wire/wire-session.ts';
import { FakeClock } from '../../time/fake-clock.ts';

const SAMPLES_PER_MS = 16;
const CHUNK_MS = 20;
/** As clients send it. */
const OTHERS_CHUNK_MS = 100;
const WORD_MS = 400;
const WORDS = 6;
const SENTENCE_PAUSE_MS = 600;
/** Silence that ends a segment. */
const ENDPOINT_MS = 400;
const LOUDNESS = 1000;
const PROMISES_A_STEP = 40;
const unwatched: UtteranceOutput = {
  source() {},
  sourceDone() {},
  sourceFailed() {},
  response: () => ({ text() {}, audio() {}, said() {}, done() {}, failed() {} }),
};

/** Words of the nth sentence; no two are alike. */
const wordsOf = (sentence: number): string[] =>
  Array.from({ length: WORDS }, (_, i) => `word${String(sentence).padStart(3, '0')}${'abcdef'[i]}`);

export class StarvedEngine {
  readonly clock = new FakeClock();
  readonly events: InterpretationEvent[] = [];
  readonly interpretation: Interpretation;
  /** How long the recogniser takes for a second of sound, in seconds. */
  slowness = 0.3;
  sessions = 0;
  #said = 0;
  #utterances = 0;
  /** Processor time is shared: one call after another. */
  #busyUntilMs = 0;
  readonly #connections = new Set<ClientConnection>();
  readonly #pool: SessionPool;
  readonly #scheduler: RecognitionScheduler;
  readonly #others: OfflineSession[] = [];
  /** Milliseconds of the others' speech that waited at most, of any of them. */
  othersWaitedMs = 0;

  constructor() {
    const { clock } = this;
    this.#scheduler = new RecognitionScheduler({ threads: 1, clock });
    this.#pool = new SessionPool({
      openSession: openLiveTranslate({
        url: 'ws://engine',
        model: offline.id,
        clock,
        log: silentLog,
        connect: () =>
          simulatedDial({ connect: () => ({ open: (client) => this.#open(client) }) }, { model: offline.id, clock }),
      }),
      connectionLimiter: unlimitedConnections,
      model: offline,
      sessionIdleTimeoutMs: 240_000,
      clock,
      random: () => 0,
      log: silentLog,
    });
    const sourceUtterances = new SourceUtteranceIndex();
    this.interpretation = new Interpretation({
      speaker: { id: 'ann', name: 'Ann' },
      settings: {
        sessionOptions: { source: 'en', target: 'es', audio: false },
        originals: true,
        hasCaptionSubscribers: true,
      },
      sourceUtterances,
      pool: this.#pool,
      catchUpRate: offline.catchUpRate,
      timeoutMultiplier: offline.timeoutMultiplier,
      clock,
      nextUtterance: () => `u${++this.#utterances}`,
      roomNowMs: () => clock.now(),
      isEcho: () => false,
      emit: (event) => this.events.push(event),
      retractAudio: () => true,
    });
  }

  close(): void {
    this.interpretation.close();
    this.#pool.close();
  }

  /** Says sentences, in real time, with a short pause after each. */
  async says(sentences: number): Promise<void> {
    for (let i = 0; i < sentences; i++) {
      const first = this.#said++ * WORDS;
      for (let word = 0; word < WORDS; word++) await this.#sound(WORD_MS, first + word + 1);
      await this.#sound(SENTENCE_PAUSE_MS, 0);
    }
  }

  /** So many other people begin to speak to the engine, and go on until `othersStop`. */
  othersSpeak(count: number): void {
    for (let i = 0; i < count; i++) {
      const output = {
        speechStarted() {},
        speechStopped() {},
        utterance: () => unwatched,
        progressed() {},
        error() {},
      };
      const other = this.#backend.open({ source: 'en', target: 'en', audio: false, voice: '' }, output);
      this.#others.push(other as OfflineSession);
    }
  }

  othersStop(): void {
    for (const other of this.#others.splice(0)) other.close();
  }

  /** The speaker falls silent for so long. */
  async pauses(ms: number): Promise<void> {
    await this.#sound(1500, 0);
    this.interpretation.pause();
    await this.passTime(ms - 1500);
  }

  async passTime(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += CHUNK_MS) {
      this.clock.advance(CHUNK_MS);
      if (this.clock.now() % OTHERS_CHUNK_MS < CHUNK_MS) this.#pushOthers();
      await promises(PROMISES_A_STEP);
    }
  }

  /** Passes time until the last sentence is translated, and returns how many milliseconds that took. */
  async catchesUp(maxMs: number): Promise<number> {
    const startMs = this.clock.now();
    const last = wordsOf(this.#said - 1).at(-1) ?? '';
    while (!this.translated.includes(last) && this.clock.now() - startMs < maxMs) await this.#sound(CHUNK_MS, 0);
    return this.clock.now() - startMs;
  }

  #pushOthers(): void {
    const samples = new Int16Array(OTHERS_CHUNK_MS * SAMPLES_PER_MS).fill(LOUDNESS + 1);
    for (const other of this.#others) {
      expect(other.pushAudio(samples), 'nothing is lost').toBe(true);
      this.othersWaitedMs = Math.max(this.othersWaitedMs, other.waitingMs);
    }
  }

  /** The engine's process ends. */
  kill(): void {
    for (const connection of this.#connections) connection.terminate();
    this.#connections.clear();
  }

  /** All that was said so far. */
  get said(): string[] {
    return Array.from({ length: this.#said }, (_, i) => wordsOf(i)).flat();
  }

  /** The words of all final translations, in the order in which they were first captioned. */
  get translated(): string[] {
    const finals = this.events.flatMap((event) =>
      event.type === 'caption' && event.caption.kind === 'translation' && event.caption.final
        ? [event.caption.stable]
        : [],
    );
    return (
      finals
        .join(' ')
        .toLowerCase()
        .match(/word\d+[a-f]/g) ?? []
    );
  }

  /** What people were told, without repetitions. */
  get messages(): string[] {
    return this.events.flatMap((event) => (event.type === 'state' && event.message ? [event.message] : []));
  }

  get state(): InterpretationEvent | undefined {
    return this.events.findLast(({ type }) => type === 'state');
  }

  /** Sound in which each word is a level of its own. */
  async #sound(ms: number, word: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += CHUNK_MS) {
      await this.passTime(CHUNK_MS);
      const samples = new Int16Array(CHUNK_MS * SAMPLES_PER_MS).fill(word === 0 ? 0 : LOUDNESS + word);
      this.interpretation.push(samples, { isSpeech: word !== 0 });
    }
  }

  #open(client: ClientConnection): WireSession {
    this.sessions++;
    this.#connections.add(client);
    return new WireSession({
      model: offline.id,
      backend: this.#backend,
      send: (frame) => client.send(frame),
      close: (code, reason) => client.close(code, reason),
      clock: this.clock,
      id: (kind) => `${kind}_${this.sessions}_${++this.#utterances}`,
      log: silentLog,
    });
  }

  readonly #backend: Backend = {
    negotiate: (wanted) => wanted,
    open: (configuration, output) =>
      new OfflineSession({
        stages: {
          recognizer: this.#recognizer,
          translator: { translate: async (sentence) => sentence, close() {} },
          voice: { synthesize: async () => {}, close() {} },
        },
        scheduler: this.#scheduler,
        configuration,
        output,
        log: silentLog,
      }),
  };

  readonly #recognizer: Recognizer = {
    open: async () => new ScriptedRecognition((ms) => this.#compute(ms)),
    close() {},
  };

  #compute(ms: number): Promise<void> {
    const nowMs = this.clock.now();
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + ms * this.slowness;
    return new Promise((resolve) => {
      this.clock.after(this.#busyUntilMs - nowMs, resolve);
    });
  }
}

/** Understands the levels of `StarvedEngine`'s sound. */
class ScriptedRecognition implements Recognition {
  readonly #compute: (ms: number) => Promise<void>;
  #words: string[] = [];
  #quietMs = 0;
  #pushedMs = 0;
  #endMs = 0;

  constructor(compute: (ms: number) => Promise<void>) {
    this.#compute = compute;
  }

  async push(samples: Int16Array): Promise<RecognitionResult> {
    await this.#compute(samples.length / SAMPLES_PER_MS);
    let ended: RecognitionResult | undefined;
    for (const sample of samples) ended = this.#hear(sample) ?? ended;
    return ended ?? { ended: false, words: [...this.#words] };
  }

  async finish(): Promise<RecognitionResult> {
    return this.#end();
  }

  close(): void {}

  #hear(sample: number): RecognitionResult | undefined {
    this.#pushedMs += 1 / SAMPLES_PER_MS;
    if (sample === 0) {
      this.#quietMs += 1 / SAMPLES_PER_MS;
      return this.#words.length > 0 && this.#quietMs >= ENDPOINT_MS ? this.#end() : undefined;
    }
    this.#quietMs = 0;
    this.#endMs = this.#pushedMs;
    const index = sample - LOUDNESS - 1;
    const word = wordsOf(Math.floor(index / WORDS))[index % WORDS] ?? '';
    if (this.#words.at(-1) !== word) this.#words.push(word);
    return undefined;
  }

  #end(): RecognitionResult {
    const words = this.#words;
    this.#words = [];
    return { ended: true, words, confidence: 1, endMs: this.#endMs };
  }
}
