/**
 * A meeting in which everything happens that can happen, decided by a seed: people speak at the same time, come and go and
 * change what they want, and the service fails in every way it knows. What may never happen is checked as it goes on.
 */

import { countsOf, type Person, SimulatedMeeting } from '../../bench/support/simulated-meeting.ts';
import type { OutgoingCaption } from '../../bot/captions/caption-channel.ts';
import type { Interpretation } from '../../bot/interpretation/interpretation.ts';
import type { SessionOptions } from '../../bot/session/translation-session.ts';
import type { SentAudioKind } from '../../bot/usage/usage-recorder.ts';
import { qwen3 } from '../../config/models.ts';
import { Random } from '../../engine/scripted/random.ts';
import type { LastingFault, MomentaryFault, ScriptInput } from '../../engine/scripted/script.ts';
import { vocabulary, wordsInText } from '../../engine/scripted/tone-words.ts';

type Faults = NonNullable<ScriptInput['faults']>;

export interface ChaosOptions {
  model: string;
  seed: number;
  ms: number;
  /** Also what costs words: refused content, answers without an end, refused connections, people who are closed in mid-sentence. */
  loses: boolean;
  /** The service says the same thing in other words to each session. */
  paraphrases: boolean;
}

const SPEAKERS = 3;
const TARGETS = ['es', 'fr', 'de'];
const SOURCES = ['en', 'ko', 'en'];
/** With so many connections a minute nobody waits so long that their words are not kept. */
const PLENTY = 50;

const harmless: readonly LastingFault[] = ['lateSource', 'emptyDone', 'noStash', 'severalResponses', 'duplicateEvents'];
const losing: readonly LastingFault[] = ['contentError', 'noFinal'];
const moments: readonly MomentaryFault[] = [
  'cut',
  'cut',
  'stall',
  'halfFrame',
  'malformedJson',
  'ignoreClose',
  'repeatOutput',
  'streamTimeout',
  'serverError',
  { do: 'hiccup', ms: 3000 },
];

/** Who finishes waits 22 s for what still comes: what is lost then may take longer. */
const CALM_MS = 25_000;

/** Of two turns at most that come to their ends together. */
const MOST_SILENCE_MS = 2 * 3000;

interface Speaking {
  person: Person;
  source: string;
  next: string[];
  speaksAgainMs: number;
  /** What was said while each language was wanted. */
  due: Map<string, string[]>;
}

export class Chaos {
  readonly meeting: SimulatedMeeting;
  readonly problems: string[] = [];
  readonly log: string[] = [];
  readonly #options: ChaosOptions;
  readonly #random: Random;
  readonly #speakers: Speaking[] = [];
  readonly #seen = new Map<string, { speaker: string; kind: string; target: string; last: OutgoingCaption }>();
  /** Sent since the last speech. */
  readonly #silenceMs = new Map<string, number>();
  readonly #states = new Map<string, string>();
  /** Told to finish, or closed. */
  readonly #left = new Set<Interpretation>();
  #open = true;
  #failedMs = Number.NEGATIVE_INFINITY;
  #finishedMs = Number.NEGATIVE_INFINITY;

  constructor(options: ChaosOptions) {
    this.#options = options;
    const { model, seed, loses, paraphrases } = options;
    const random = new Random(seed);
    this.#random = random;
    const faults: Faults = [];
    // Of a text that is never confirmed and ends empty, nobody could know.
    const without = [random.chance(0.5) ? 'noStash' : 'emptyDone', ...(model === qwen3.id ? ['severalResponses'] : [])];
    for (const manner of harmless.filter((one) => !without.includes(one)))
      if (random.chance(0.5)) faults.push({ on: { utterance: { every: random.between(3, 9) } }, do: manner });
    if (loses)
      for (const manner of losing)
        if (random.chance(0.6)) faults.push({ on: { utterance: { every: random.between(6, 15) } }, do: manner });
    if (random.chance(0.3))
      faults.push({ on: { connection: { every: random.between(2, 4) } }, do: 'refuse', status: 503, times: 2 });
    if (loses && random.chance(0.3))
      faults.push({
        on: { connection: random.between(3, 8) },
        do: 'refuse',
        status: this.#pick([429, 401, 403]),
        code: 'no',
      });
    const throttled = loses && random.chance(0.25);
    const script: ScriptInput = {
      faults,
      paraphrases,
      account: throttled
        ? { connectionsPerMinute: random.between(3, 6), tokensPerMinute: 20_000 }
        : { connectionsPerMinute: loses ? 8 : PLENTY, tokensPerMinute: 1_000_000 },
      answer: {
        latencyMs: this.#pick(loses ? [50, 300, 1500, 4000] : [50, 300, 1000]),
        msPerWord: this.#pick([150, 300, 500]),
        pace: this.#pick(loses ? [1, 4, 100] : [2, 4, 100]),
        // One that translates first and names nothing: nobody could tell of what.
        ...(loses && { translates: this.#pick(['meanwhile', 'after'] as const) }),
        revises: loses ? 0 : 0.3,
      },
    };
    this.log.push(JSON.stringify(script));
    this.meeting = new SimulatedMeeting({
      model,
      script,
      seed,
      connectionsPerMinute: loses ? 8 : PLENTY,
      tokensPerMinute: loses ? 100_000 : 1_000_000,
      ...(random.chance(0.4) && { rotateAfterMs: random.between(15_000, 60_000) }),
      witness: {
        caption: (...heard) => this.#caption(...heard),
        voice: (speaker, target) => {
          if (!this.#open) this.problems.push(`${speaker} ${target}: sound after the end`);
        },
        state: (speaker, target, state) => this.#states.set(`${speaker} ${target}`, state),
        fed: (speaker, target, what, ms) => this.#fed(`${speaker} ${target}`, what, ms),
      },
    });
    for (let i = 0; i < SPEAKERS; i++) {
      const name = `p${i}`;
      this.#speakers.push({
        person: this.meeting.person(name, []),
        source: SOURCES[i] ?? 'en',
        next: [],
        speaksAgainMs: random.between(0, 5000),
        due: new Map(),
      });
    }
    for (const speaking of this.#speakers) {
      for (const target of TARGETS.filter(() => random.chance(0.6))) this.#want(speaking, target);
      if (speaking.person.interpretations.size === 0) this.#want(speaking, 'es');
    }
  }

  async run(): Promise<void> {
    const { ms, loses } = this.#options;
    const { clock } = this.meeting;
    const end = loses && this.#random.chance(0.5) ? this.#random.between(ms / 2, ms) : ms;
    while (clock.now() < end) {
      await this.meeting.passes(100);
      for (const speaking of this.#speakers) this.#mayHappenTo(speaking);
      const calm = !loses && clock.now() - this.#finishedMs < CALM_MS;
      if (clock.now() < ms * 0.8 && !calm && this.#random.chance(0.006)) this.#fail();
    }
    if (end === ms) await this.#recover();
    for (const interpretation of this.#left) interpretation.close();
    this.meeting.close();
    this.#open = false;
  }

  async #recover(): Promise<void> {
    await this.meeting.until(() => this.#speakers.every(({ person }) => !person.isSpeaking));
    await this.meeting.passes(40_000);
    for (const speaking of this.#speakers) this.#say(speaking, 5);
    await this.meeting.passes(30_000);
    // A starved account may still be behind.
    if (!this.#options.loses) this.#expectListening();
  }

  #expectListening(): void {
    for (const { person } of this.#speakers) {
      for (const target of person.interpretations.keys()) {
        const state = this.#states.get(`${person.name} ${target}`);
        if (state !== 'listening') this.problems.push(`${person.name} ${target} ends as ${state}`);
      }
    }
  }

  #note(what: string): void {
    this.log.push(`${(this.meeting.clock.now() / 1000).toFixed(1)} ${what}`);
  }

  #mayHappenTo(speaking: Speaking): void {
    const random = this.#random;
    const { person } = speaking;
    const now = this.meeting.clock.now();
    if (person.isSpeaking) {
      speaking.speaksAgainMs = now + this.#pick([0, 400, 900, 2000, 5000]) + random.between(0, 1500);
    } else if (now >= speaking.speaksAgainMs) {
      this.#say(speaking, this.#pick([1, 3, 6, 10, random.between(10, 40)]));
    }
    const mayCut = this.#options.loses || (!person.isSpeaking && now < speaking.speaksAgainMs - 300);
    if (mayCut && random.chance(0.004)) {
      const target = this.#pick(TARGETS);
      const known = person.interpretations.get(target);
      if (!known) this.#want(speaking, target);
      else if (person.interpretations.size > 1 && (this.#options.loses || now - this.#failedMs > CALM_MS)) {
        this.#finishedMs = now;
        person.interpretations.delete(target);
        const closes = this.#options.loses && random.chance(0.5);
        this.#note(`${person.name} ${closes ? 'closes' : 'finishes'} ${target}`);
        this.#left.add(known);
        if (closes) known.close();
        else void known.finish();
      }
    }
    if (random.chance(0.004)) {
      const [target, interpretation] = this.#pick([...person.interpretations]);
      this.#note(`${person.name} adapts ${target}`);
      interpretation.updateSettings(this.#wishes(speaking, target));
    }
  }

  #wishes(speaking: Speaking, target: string) {
    const kind: SessionOptions = {
      source: speaking.source,
      target,
      audio: this.#random.chance(0.8),
      ...(this.#random.chance(0.3) && { hotwords: { booth: 'cabina' } }),
    };
    return { kind, originals: true, hasReaders: this.#random.chance(0.7) };
  }

  #want(speaking: Speaking, target: string): void {
    const { person } = speaking;
    this.#note(`${person.name} ${speaking.source}→${target}`);
    const { kind } = this.#wishes(speaking, target);
    person.interpretations.set(target, this.meeting.interpret(person.name, kind, true));
    if (!speaking.due.has(target)) speaking.due.set(target, []);
  }

  #say(speaking: Speaking, count: number): void {
    const words: string[] = [];
    while (words.length < count) {
      if (speaking.next.length === 0) speaking.next = this.#shuffled(vocabulary);
      words.push(speaking.next.shift() ?? '');
    }
    this.#note(`${speaking.person.name} says ${words.join(' ')}`);
    speaking.person.says(words);
    for (const target of speaking.person.interpretations.keys()) speaking.due.get(target)?.push(...words);
  }

  #fed(key: string, what: SentAudioKind, ms: number): void {
    if (!this.#open) this.problems.push(`${key}: ${what} was sent after the end`);
    const silenceMs = what === 'silence' ? (this.#silenceMs.get(key) ?? 0) + ms : 0;
    this.#silenceMs.set(key, silenceMs);
    if (silenceMs === MOST_SILENCE_MS + ms) this.problems.push(`${key}: more silence was sent than a pause is worth`);
  }

  #fail(): void {
    this.#failedMs = this.meeting.clock.now();
    const moment = this.#pick(moments);
    const open = this.meeting.simulator.stats().connections.filter(({ ended }) => !ended);
    const one = open.length > 0 && this.#random.chance(0.9) ? this.#pick(open).number : undefined;
    this.#note(`fault ${JSON.stringify(moment)} on ${one ?? 'all'}`);
    this.meeting.simulator.fail(moment, one);
  }

  #caption(speaker: string, target: string, caption: OutgoingCaption): void {
    const { utterance, kind, stable, final } = caption;
    this.#note(
      `    ${speaker} ${target} ${kind} ${utterance}${caption.sourceUtterance ? ` of ${caption.sourceUtterance}` : ''} ${stable}|${caption.tentative ?? ''}${final ? ' FINAL' : ''}${caption.corrected === undefined ? '' : ` corrected ${caption.corrected}`}`,
    );
    const before = this.#seen.get(utterance);
    const problem = (what: string): void => {
      this.problems.push(
        `${(this.meeting.clock.now() / 1000).toFixed(1)} ${speaker} ${target} ${kind} ${utterance}: ${what}`,
      );
    };
    if (before?.last.final) problem('said after its final');
    if (before && !stable.startsWith(before.last.stable)) problem(`"${before.last.stable}" became "${stable}"`);
    if (before && (before.speaker !== speaker || before.kind !== kind || before.target !== target))
      problem('is of two');
    if (caption.speaker.id !== speaker) problem('another speaker');
    this.#seen.set(utterance, { speaker, kind, target, last: caption });
  }

  /** What can only be told at the end. */
  async judge(): Promise<void> {
    const { problems, meeting } = this;
    for (const [utterance, { speaker, target, kind, last }] of this.#seen) {
      if (!last.final) problems.push(`${speaker} ${target} ${kind} ${utterance} has no final`);
      if (last.sourceUtterance === undefined) continue;
      const original = this.#seen.get(last.sourceUtterance);
      if (original && (original.speaker !== speaker || original.kind !== 'original'))
        problems.push(`${utterance} of ${last.sourceUtterance}, which is of ${original.speaker}`);
    }
    for (const { person, due } of this.#speakers) {
      for (const [target, said] of due) this.#judgeWords(person, target, said);
    }
    const opened = meeting.simulator.stats().connections.map(({ openedMs }) => openedMs);
    const most = this.#options.loses ? 8 : PLENTY;
    for (const [i, at] of opened.entries()) {
      if (at - (opened[i - most] ?? Number.NEGATIVE_INFINITY) < 60_000) problems.push(`too many connections at ${at}`);
    }
    const wrong = meeting.simulator
      .stats()
      .connections.flatMap(({ violations }) => violations)
      .filter(({ code }) => code !== 'Throttling' && code !== 'Throttling.AllocationQuota');
    for (const { code, message } of wrong) problems.push(`violation ${code} ${message}`);
    await meeting.passes(25_000);
    if (meeting.clock.pending > 0) problems.push(`${meeting.clock.pending} left on the clock`);
    const open = meeting.simulator.stats().connections.filter(({ ended }) => !ended);
    for (const { number } of open) problems.push(`connection ${number} stays open`);
  }

  #judgeWords({ name: speaker, said: all }: Person, target: string, said: readonly string[]): void {
    const { loses, paraphrases } = this.#options;
    const slack = paraphrases ? Math.max(1, said.length / 100) : 0;
    for (const kind of ['original', 'translation']) {
      const read = [...this.#seen.values()].filter(
        (one) => one.speaker === speaker && one.target === target && one.kind === kind,
      );
      const words = read.flatMap(({ last }) => wordsInText(last.corrected ?? last.stable));
      const { missing } = differences(words, said);
      const { extra } = differences(words, all);
      if (!loses && missing.length > slack)
        this.problems.push(`${speaker} ${target} ${kind} lacks ${missing.join(' ')}`);
      if (extra.length > (loses ? 10 : slack))
        this.problems.push(`${speaker} ${target} ${kind} has twice ${extra.join(' ')}`);
    }
    const heard = this.meeting.channel(target).heardOf(speaker);
    const { extra } = differences(heard, all);
    if (extra.length > 0) this.problems.push(`${speaker} ${target} was heard twice: ${extra.join(' ')}`);
  }

  /** Each speaker says the words in an order of their own. */
  #shuffled(words: readonly string[]): string[] {
    const placed = words.map((word) => ({ word, at: this.#random.next() }));
    return placed.sort((a, b) => a.at - b.at).map(({ word }) => word);
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[this.#random.between(0, choices.length - 1)];
    if (choice === undefined) throw new RangeError('there is nothing to choose from');
    return choice;
  }
}

function differences(actual: readonly string[], expected: readonly string[]): { missing: string[]; extra: string[] } {
  const [a, e] = [countsOf(actual), countsOf(expected)];
  const more = (x: Record<string, number>, y: Record<string, number>): string[] =>
    Object.entries(x).flatMap(([word, times]) =>
      Array.from({ length: Math.max(0, times - (y[word] ?? 0)) }, () => word),
    );
  return { missing: more(e, a), extra: more(a, e) };
}
