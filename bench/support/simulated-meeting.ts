/**
 * A meeting in fake time: people speak words of the simulator's vocabulary through the real gate, turns, session pool and
 * client to the simulated vendor, and every caption and every sample that comes back is kept.
 */

import { ConnectionScheduler } from '../../account/connection-scheduler.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { OutgoingCaption } from '../../bot/captions/caption-channel.ts';
import { VoiceGate } from '../../bot/incoming/voice-gate.ts';
import { Interpretation } from '../../bot/interpretation/interpretation.ts';
import type { InterpretationEvent } from '../../bot/interpretation/interpretation-event.ts';
import { SourceUtteranceIndex } from '../../bot/interpretation/source-utterance-index.ts';
import { type PlayoutEvent, PlayoutQueue } from '../../bot/playout/playout-queue.ts';
import { localConnectionLimiter } from '../../bot/session/connection-limiter.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import type { SessionOptions } from '../../bot/session/translation-session.ts';
import { type SentAudioKind, UsageRecorder } from '../../bot/usage/usage-recorder.ts';
import { modelNamed } from '../../config/models.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { Simulator } from '../../engine/scripted/simulator.ts';
import { wordsInSound } from '../../engine/scripted/tone-decoder.ts';
import { tonesFor, vocabulary, wordsInText } from '../../engine/scripted/tone-words.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { loudness } from './loudness.ts';
import { silentLog } from './silent-log.ts';
import { simulatedDial } from './simulated-service.ts';
import { WatchedPool } from './watched-pool.ts';

const STEP_MS = 20;
const INPUT_STEP = 320;
const OUTPUT_STEP = (VOICE_SAMPLE_RATE * STEP_MS) / 1000;
const SILENCE = new Int16Array(INPUT_STEP);

export interface SimulatedMeetingOptions {
  model: string;
  script?: ScriptInput;
  seed?: number;
  connectionsPerMinute?: number;
  tokensPerMinute?: number;
  /** Sessions are changed for others after so long. */
  rotateAfterMs?: number;
  /** Told of everything that comes of an interpretation, as it comes. */
  witness?: Witness;
}

export interface Witness {
  caption(speaker: string, target: string, caption: OutgoingCaption): void;
  voice(speaker: string, target: string): void;
  state(speaker: string, target: string, state: string): void;
  fed(speaker: string, target: string, what: SentAudioKind, ms: number): void;
}

/** One language, as its readers and listeners have it. */
class Channel {
  readonly originals: OutgoingCaption[] = [];
  readonly translations: OutgoingCaption[] = [];
  readonly playout: PlayoutEvent[] = [];
  /** Nothing is skipped for being late: what was lost would not show. */
  readonly queue = new PlayoutQueue({
    onEvent: (event) => this.playout.push(event),
    maxLagMs: Number.POSITIVE_INFINITY,
  });
  readonly #sound: { frame: Int16Array; speaker: string | undefined }[] = [];

  plays(nowMs: number): void {
    const frame = this.queue.pull(OUTPUT_STEP, nowMs);
    if (!frame) return;
    const begun = this.playout.findLast(({ state }) => state === 'started');
    this.#sound.push({ frame, speaker: begun?.utterance.speaker.id });
  }

  /** The words that were heard, in order. */
  get heard(): string[] {
    return wordsIn24k(this.#sound.map(({ frame }) => frame));
  }

  /** Those of one speaker. */
  heardOf(name: string): string[] {
    return wordsIn24k(this.#sound.filter(({ speaker }) => speaker === name).map(({ frame }) => frame));
  }
}

function wordsIn24k(frames: readonly Int16Array[]): string[] {
  const samples = new Int16Array(frames.length * OUTPUT_STEP);
  for (const [i, frame] of frames.entries()) samples.set(frame, i * OUTPUT_STEP);
  return wordsInSound(samples, { rate: VOICE_SAMPLE_RATE });
}

export class Person {
  readonly name: string;
  readonly #gate = new VoiceGate(loudness);
  /** By the language that it is into. */
  readonly interpretations = new Map<string, Interpretation>();
  #saying: Int16Array[] = [];
  /** What they have said so far. */
  readonly said: string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get isSpeaking(): boolean {
    return this.#saying.length > 0;
  }

  says(words: readonly string[]): void {
    this.said.push(...words);
    const sound = tonesFor(words);
    for (let at = 0; at < sound.length; at += INPUT_STEP) {
      const frame = new Int16Array(INPUT_STEP);
      frame.set(sound.subarray(at, at + INPUT_STEP));
      this.#saying.push(frame);
    }
  }

  /** What the bot does with 20 ms of their microphone. */
  step(): void {
    const heard = this.#gate.push(this.#saying.shift() ?? SILENCE);
    const { isVoiced: voiced, isOpen } = this.#gate;
    const interpretations = [...this.interpretations.values()];
    for (const [i, samples] of heard.entries()) {
      const agoMs = (heard.length - 1 - i) * STEP_MS;
      for (const interpretation of interpretations) interpretation.push(samples, { agoMs, voiced });
    }
    if (heard.length > 0 && !isOpen) for (const interpretation of interpretations) interpretation.pause();
  }

  close(): void {
    for (const interpretation of this.interpretations.values()) interpretation.close();
  }
}

export class SimulatedMeeting {
  readonly clock = new FakeClock();
  readonly simulator: Simulator;
  readonly #originals = new Map<string, SourceUtteranceIndex>();
  readonly channels = new Map<string, Channel>();
  readonly fed = { speech: 0, repeated: 0, silence: 0 };
  readonly ledger = new UsageRecorder();
  readonly states: string[] = [];
  readonly pool: WatchedPool;
  readonly #people: Person[] = [];
  readonly #kinds: SessionOptions[] = [];
  readonly #options: SimulatedMeetingOptions;
  #utterances = 0;
  #words = 0;

  constructor(options: SimulatedMeetingOptions) {
    this.#options = options;
    const { model, script, seed = 1, connectionsPerMinute = 8, tokensPerMinute = 100_000, rotateAfterMs } = options;
    const { clock } = this;
    this.simulator = new Simulator({ clock, seed, ...(script && { script }) });
    this.pool = new WatchedPool({
      openSession: openLiveTranslate({
        url: 'ws://simulated',
        model,
        clock,
        log: silentLog,
        connect: () => simulatedDial(this.simulator, { model, clock }),
      }),
      connectionLimiter: localConnectionLimiter(
        new ConnectionScheduler({ connectionsPerMinute, tokensPerMinute }),
        clock,
      ),
      model: modelNamed(model),
      sessionIdleTimeoutMs: 240_000,
      ...(rotateAfterMs !== undefined && { maxSessionAge: { ms: rotateAfterMs, tokens: Number.POSITIVE_INFINITY } }),
      clock,
      random: () => 0,
      log: silentLog,
    });
  }

  /** Somebody who is interpreted into these languages from now on. */
  person(name: string, kinds: readonly SessionOptions[]): Person {
    const person = new Person(name);
    this.#people.push(person);
    for (const [i, kind] of kinds.entries())
      person.interpretations.set(kind.target, this.interpret(name, kind, i === 0));
    this.#kinds.push(...kinds);
    this.pool.prepare(this.#kinds);
    return person;
  }

  channel(language: string): Channel {
    const channel = this.channels.get(language) ?? new Channel();
    this.channels.set(language, channel);
    return channel;
  }

  /** The next of the vocabulary's words: none comes again before all others have. */
  words(count: number): string[] {
    return Array.from({ length: count }, () => vocabulary[this.#words++ % vocabulary.length] ?? '');
  }

  async passes(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.advance(STEP_MS);
      for (const person of this.#people) person.step();
      for (const channel of this.channels.values()) channel.plays(this.clock.now());
      for (let i = 0; i < 6; i++) await Promise.resolve();
    }
  }

  async until(done: () => boolean, limitMs = 120_000): Promise<void> {
    for (let passed = 0; !done(); passed += STEP_MS) {
      if (passed > limitMs) throw new Error(`not within ${limitMs} ms`);
      await this.passes(STEP_MS);
    }
  }

  /** Says it, and is silent as long as people are between sentences. */
  async hears(person: Person, words: readonly string[], pauseMs = 2500): Promise<void> {
    person.says(words);
    await this.until(() => !person.isSpeaking);
    await this.passes(pauseMs);
  }

  close(): void {
    for (const person of this.#people) person.close();
    this.pool.close();
  }

  #originalsOf(name: string): SourceUtteranceIndex {
    const originals = this.#originals.get(name) ?? new SourceUtteranceIndex();
    this.#originals.set(name, originals);
    return originals;
  }

  /** One that nobody has yet: what comes of it is in its language's channel. */
  interpret(name: string, kind: SessionOptions, originals: boolean): Interpretation {
    const channel = this.channel(kind.target);
    // Lists it in the usage, although nothing was sent yet.
    this.ledger.entry({ id: name, name }, kind.target);
    return new Interpretation({
      speaker: { id: name, name },
      settings: { kind, originals, hasReaders: true },
      sourceUtterances: this.#originalsOf(name),
      pool: this.pool,
      catchUpRate: modelNamed(this.#options.model).catchUpRate,
      nextUtterance: () => `u${++this.#utterances}`,
      clock: this.clock,
      roomNowMs: () => this.clock.now(),
      isEcho: () => false,
      emit: (event) => this.#receive(name, kind.target, event),
      withdrawVoice: (utterance) => channel.queue.withdraw(utterance),
    });
  }

  #receive(name: string, target: string, event: InterpretationEvent): void {
    const channel = this.channel(target);
    const entry = this.ledger.entry({ id: name, name }, target);
    const { witness } = this.#options;
    switch (event.type) {
      case 'caption':
        (event.caption.kind === 'original' ? channel.originals : channel.translations).push(event.caption);
        witness?.caption(name, target, event.caption);
        break;
      case 'voice':
        channel.queue.push(event.utterance, event.samples, this.clock.now());
        witness?.voice(name, target);
        break;
      case 'voiceComplete':
        channel.queue.complete(event.utterance);
        break;
      case 'voiceCutShort':
        channel.queue.cutShort(event.utterance);
        break;
      case 'audioSent':
        this.fed[event.content] += event.ms;
        entry.addAudio(event.content, event.ms);
        witness?.fed(name, target, event.content, event.ms);
        break;
      case 'usage':
        entry.addTokens(event.usage);
        break;
      case 'pictureSent':
        entry.addPictures(1);
        break;
      case 'state':
        this.states.push(`${name} ${target} ${event.state}${event.message ? `: ${event.message}` : ''}`);
        witness?.state(name, target, event.state);
    }
  }
}

/** The whole text of each utterance that has come to its end, in the order of the ends. */
export const finalTexts = (captions: readonly OutgoingCaption[]): string[] =>
  captions.filter(({ final }) => final).map(({ stable, corrected }) => corrected ?? stable);

export const wordsIn = (captions: readonly OutgoingCaption[]): string[] => finalTexts(captions).flatMap(wordsInText);

export const countsOf = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(words.toSorted(), (word) => word)].map(([word, all]) => [word, all.length]));
