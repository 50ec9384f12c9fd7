/**
 * A meeting in fake time: people speak words of the simulator's vocabulary through the real gate, turns, session pool and
 * client to the simulated vendor, and every caption and every sample that comes back is kept.
 */
import { expect } from 'vitest';
import type { CaptionMessage } from '../../bot/captions.ts';
import { Interpretation } from '../../bot/interpretation.ts';
import { VoiceGate } from '../../bot/participant/voice-gate.ts';
import { type PlayoutEvent, PlayoutQueue } from '../../bot/playout-queue.ts';
import { openLiveTranslate } from '../../bot/translation/livetranslate/connect.ts';
import { localPermits } from '../../bot/translation/permits.ts';
import type { SessionOptions } from '../../bot/translation/session.ts';
import { SessionPool } from '../../bot/translation/session-pool.ts';
import { modelNamed } from '../../config/models.ts';
import { wordsInSound } from '../../engine/scripted/ear.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { Simulator } from '../../engine/scripted/simulator.ts';
import { OUTPUT_RATE, tonesFor, vocabulary, wordsInText } from '../../engine/scripted/words.ts';
import { SessionBudget } from '../../server/session-budget.ts';
import { FakeClock } from './fake-clock.ts';
import { loudness } from './loudness.ts';
import { silentLog } from './silent-log.ts';
import { simulatedDial } from './simulated-service.ts';

const STEP_MS = 20;
const INPUT_STEP = 320;
const OUTPUT_STEP = (OUTPUT_RATE * STEP_MS) / 1000;
const SILENCE = new Int16Array(INPUT_STEP);

export interface SimulatedMeetingOptions {
  model: string;
  script?: ScriptInput;
  seed?: number;
  connectionsPerMinute?: number;
  /** Sessions are changed for others after so long. */
  rotateAfterMs?: number;
}

/** One language, as its readers and listeners have it. */
class Channel {
  readonly originals: CaptionMessage[] = [];
  readonly translations: CaptionMessage[] = [];
  readonly playout: PlayoutEvent[] = [];
  readonly queue = new PlayoutQueue((event) => this.playout.push(event));
  readonly #sound: Int16Array[] = [];

  plays(nowMs: number): void {
    const frame = this.queue.pull(OUTPUT_STEP, nowMs);
    if (frame) this.#sound.push(frame);
  }

  /** The words that were heard, in order. */
  get heard(): string[] {
    const samples = new Int16Array(this.#sound.length * OUTPUT_STEP);
    for (const [i, frame] of this.#sound.entries()) samples.set(frame, i * OUTPUT_STEP);
    return wordsInSound(samples, { rate: OUTPUT_RATE });
  }
}

class Person {
  readonly name: string;
  readonly #gate = new VoiceGate(loudness);
  readonly #interpretations: readonly Interpretation[];
  #saying: Int16Array[] = [];
  /** What they have said so far. */
  readonly said: string[] = [];

  constructor(name: string, interpretations: readonly Interpretation[]) {
    this.name = name;
    this.#interpretations = interpretations;
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
    for (const [i, samples] of heard.entries()) {
      const agoMs = (heard.length - 1 - i) * STEP_MS;
      for (const interpretation of this.#interpretations) interpretation.hear(samples, { agoMs, voiced });
    }
    if (heard.length > 0 && !isOpen) for (const interpretation of this.#interpretations) interpretation.pause();
  }

  close(): void {
    for (const interpretation of this.#interpretations) interpretation.close();
  }
}

export class SimulatedMeeting {
  readonly clock = new FakeClock();
  readonly simulator: Simulator;
  readonly channels = new Map<string, Channel>();
  readonly fed = { speech: 0, repeated: 0, silence: 0 };
  /** How long each voice waited for a session, by when it began to wait. */
  readonly waits: { atMs: number; waitMs: number }[] = [];
  readonly states: string[] = [];
  readonly pool: SessionPool;
  readonly #people: Person[] = [];
  readonly #kinds: SessionOptions[] = [];
  readonly #options: SimulatedMeetingOptions;
  #utterances = 0;
  #words = 0;

  constructor(options: SimulatedMeetingOptions) {
    this.#options = options;
    const { model, script, seed = 1, connectionsPerMinute = 8, rotateAfterMs } = options;
    const { clock } = this;
    this.simulator = new Simulator({ clock, seed, ...(script && { script }) });
    this.pool = new SessionPool({
      openSession: openLiveTranslate({
        url: 'ws://simulated',
        model,
        clock,
        log: silentLog,
        connect: () => simulatedDial(this.simulator, { model, clock }),
      }),
      permits: localPermits(new SessionBudget({ connectionsPerMinute, tokensPerMinute: 100_000 }), clock),
      model: modelNamed(model),
      holdMs: 240_000,
      ...(rotateAfterMs !== undefined && { wear: { ms: rotateAfterMs, tokens: Number.POSITIVE_INFINITY } }),
      clock,
      random: () => 1,
      log: silentLog,
    });
  }

  /** Somebody who is interpreted into these languages from now on. */
  person(name: string, kinds: readonly SessionOptions[]): Person {
    const person = new Person(
      name,
      kinds.map((kind, i) => this.#interpretation(name, kind, i === 0)),
    );
    this.#people.push(person);
    this.#kinds.push(...kinds);
    this.pool.expect(this.#kinds);
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

  #interpretation(name: string, kind: SessionOptions, originals: boolean): Interpretation {
    const channel = this.channel(kind.target);
    const key = `${name} ${kind.target}`;
    let waitsSince: number | undefined;
    return new Interpretation({
      speaker: { id: name, name },
      wishes: { kind, originals, read: true },
      pool: this.pool,
      catchUpRate: modelNamed(this.#options.model).catchUpRate,
      nextUtterance: () => `u${++this.#utterances}`,
      clock: this.clock,
      roomNow: () => this.clock.now(),
      output: {
        original: (_, caption) => channel.originals.push(caption),
        translation: (caption) => channel.translations.push(caption),
        voice: (utterance, samples) => channel.queue.add(utterance, samples),
        voiceComplete: (utterance) => channel.queue.complete(utterance),
        withdrawVoice: (utterance) => channel.queue.withdraw(utterance),
        cutVoiceShort: (utterance) => channel.queue.cutShort(utterance),
        fed: (what, ms) => {
          if (what === 'speech' && waitsSince !== undefined) {
            this.waits.push({ atMs: waitsSince, waitMs: this.clock.now() - waitsSince });
            waitsSince = undefined;
          }
          this.fed[what] += ms;
        },
        usage() {},
        state: (state, message) => {
          if (state === 'waiting') waitsSince ??= this.clock.now();
          this.states.push(`${key} ${state}${message ? `: ${message}` : ''}`);
        },
      },
    });
  }
}

/** The whole text of each utterance that has come to its end, in the order of the ends. */
export const finalTexts = (captions: readonly CaptionMessage[]): string[] =>
  captions.filter(({ final }) => final).map(({ stable, corrected }) => corrected ?? stable);

export const wordsIn = (captions: readonly CaptionMessage[]): string[] => finalTexts(captions).flatMap(wordsInText);

/** Each utterance has one final, the last that is said of it, and `stable` never takes a word back. */
export function expectOneFinalEach(captions: readonly CaptionMessage[]): void {
  for (const [utterance, all] of Map.groupBy(captions, (caption) => caption.utterance)) {
    expect(all.map(({ final }) => final).lastIndexOf(true), `the final of ${utterance} is the last`).toBe(
      all.length - 1,
    );
    expect(
      all.filter(({ final }) => final),
      `finals of ${utterance}`,
    ).toHaveLength(1);
    for (const [i, { stable }] of all.entries()) {
      expect(stable.startsWith(all[i - 1]?.stable ?? ''), `${utterance} takes nothing back`).toBe(true);
    }
  }
}

/** The same words, each as often, none far from its place: a paraphrase changes neighbours about. */
export function expectSameWords(actual: readonly string[], expected: readonly string[], what: string): void {
  expect(countsOf(actual), what).toEqual(countsOf(expected));
  const far = actual.findIndex((word, i) => !expected.slice(Math.max(0, i - 2), i + 3).includes(word));
  const around = actual.slice(Math.max(0, far - 12), far + 12).join(' ');
  expect(far, `${what}: word ${far} is out of order in ${around}`).toBe(-1);
}

export const countsOf = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(words.toSorted(), (word) => word)].map(([word, all]) => [word, all.length]));
