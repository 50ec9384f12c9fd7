/**
 * A meeting in which everything happens that can happen, decided by a seed: people speak at the same time, come and go and
 * change what they hear and read, and the service fails in every way it knows. What may never happen is checked as it goes on.
 */

import type { CaptionMessage, ParticipantView } from '@mediasoup-booth/protocol';
import { countsOf, type Microphone, SimulatedMeeting } from '../../bench/support/simulated-meeting.ts';
import { listener, person } from '../../bench/support/views.ts';
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
  /** Also what costs words: refused content, answers without an end, refused connections, people who leave in mid-sentence. */
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

/**
 * What was said last has been answered: the interpretation that takes over what was said from one that ends would publish it a second
 * time.
 */
const ANSWERED_AFTER_MS = 4000;

/** Of two turns at most that come to their ends together. */
const MOST_SILENCE_MS = 2 * 3000;

interface Speaking {
  view: ParticipantView;
  microphone: Microphone;
  next: string[];
  speaksAgainMs: number;
  /** When they come back who left. */
  awayUntilMs: number | undefined;
  /** What was said while each language was wanted. */
  due: Map<string, string[]>;
}

type Audience = 'hears' | 'reads' | 'both';

interface Shown {
  speaker: string;
  kind: string;
  language: string;
  last: CaptionMessage;
}

export class Chaos {
  readonly problems: string[] = [];
  readonly log: string[];
  readonly #options: ChaosOptions;
  readonly #random: Random;
  #meeting: SimulatedMeeting | undefined;
  readonly #speakers: Speaking[] = [];
  /** By language, how it is wanted. */
  readonly #audiences = new Map<string, Audience>();
  readonly #seen = new Map<string, Shown>();
  /** Sent since the last speech. */
  readonly #silenceMs = new Map<string, number>();
  #lastWordMs = 0;
  #failedMs = Number.NEGATIVE_INFINITY;
  #finishedMs = Number.NEGATIVE_INFINITY;

  static async begin(options: ChaosOptions): Promise<Chaos> {
    const random = new Random(options.seed);
    const script = scriptFor(options, random);
    const chaos = new Chaos(options, random, script);
    await chaos.#gather(script);
    return chaos;
  }

  private constructor(options: ChaosOptions, random: Random, script: ScriptInput) {
    this.#options = options;
    this.#random = random;
    this.log = [JSON.stringify(script)];
    for (const target of TARGETS) if (random.chance(0.6)) this.#audiences.set(target, this.#audience());
    if (this.#audiences.size === 0) this.#audiences.set('es', this.#audience());
  }

  get meeting(): SimulatedMeeting {
    if (!this.#meeting) throw new Error('it has not begun');
    return this.#meeting;
  }

  async #gather(script: ScriptInput): Promise<void> {
    const { model, seed, loses } = this.#options;
    const random = this.#random;
    const views = Array.from({ length: SPEAKERS }, (_, i) => person(`p${i}`, { speaks: SOURCES[i] ?? 'en' }));
    const readers = [listener('reads-originals', { reads: ['original'] }), ...this.#listeners()];
    this.#meeting = await SimulatedMeeting.start([...views, ...readers], {
      model,
      script,
      seed,
      connectionsPerMinute: loses ? 8 : PLENTY,
      tokensPerMinute: loses ? 100_000 : 1_000_000,
      ...(random.chance(0.4) && { maxSessionAgeMs: random.between(15_000, 60_000) }),
      onCaption: (caption) => this.#caption(caption),
      onSent: (speaker, language, what, ms) => this.#sent(`${speaker} ${language}`, what, ms),
    });
    for (const view of views) {
      this.#speakers.push({
        view,
        microphone: this.meeting.speaker(view.id),
        next: [],
        speaksAgainMs: random.between(0, 5000),
        awayUntilMs: undefined,
        due: new Map(),
      });
    }
  }

  async run(): Promise<void> {
    const { ms, loses } = this.#options;
    const { meeting } = this;
    const end = loses && this.#random.chance(0.5) ? this.#random.between(ms / 2, ms) : ms;
    while (meeting.clock.now() < end) {
      await meeting.passTime(100);
      for (const speaking of this.#speakers) this.#mayHappenTo(speaking);
      this.#mayHappenToAudiences();
      const calm = !loses && meeting.clock.now() - this.#finishedMs < CALM_MS;
      if (meeting.clock.now() < ms * 0.8 && !calm && this.#random.chance(0.006)) this.#fail();
    }
    if (end === ms) await this.#recover();
    meeting.close();
    await this.#expectSilenceAfterwards();
  }

  async #recover(): Promise<void> {
    const { meeting } = this;
    await meeting.until(() => this.#speakers.every(({ microphone }) => !microphone.isSpeaking));
    for (const speaking of this.#speakers) this.#comesBack(speaking);
    await meeting.passTime(40_000);
    for (const speaking of this.#speakers) this.#say(speaking, 5);
    await meeting.passTime(30_000);
    // A starved account may still be behind.
    if (!this.#options.loses) this.#expectListening();
  }

  #expectListening(): void {
    for (const language of this.#audiences.keys()) {
      const statuses = this.meeting.room.messages(language).filter((message) => message.type === 'status');
      for (const { view } of this.#speakers) {
        const state = statuses.findLast(({ speaker }) => speaker.id === view.id)?.state;
        if (state !== 'listening' && state !== 'speaking')
          this.problems.push(`${view.id} ${language} ends as ${state}`);
      }
    }
  }

  async #expectSilenceAfterwards(): Promise<void> {
    const { room, clock } = this.meeting;
    const texts = () => room.captions.reduce((sum, { messages }) => sum + messages.length, 0);
    const packets = () => room.channels.reduce((sum, channel) => sum + channel.packets, 0);
    const before = [texts(), packets()];
    await this.meeting.passTime(25_000);
    const [textsSince, packetsSince] = [texts() - (before[0] ?? 0), packets() - (before[1] ?? 0)];
    if (textsSince + packetsSince > 0)
      this.problems.push(`${textsSince} texts and ${packetsSince} packets after the end`);
    if (clock.pending > 0) this.problems.push(`${clock.pending} left on the clock`);
  }

  #note(what: string): void {
    this.log.push(`${(this.meeting.clock.now() / 1000).toFixed(1)} ${what}`);
  }

  #mayHappenTo(speaking: Speaking): void {
    const random = this.#random;
    const { microphone, view } = speaking;
    const now = this.meeting.clock.now();
    if (speaking.awayUntilMs !== undefined) {
      if (now >= speaking.awayUntilMs) this.#comesBack(speaking);
      return;
    }
    if (microphone.isSpeaking) {
      speaking.speaksAgainMs = now + this.#pick([0, 400, 900, 2000, 5000]) + random.between(0, 1500);
    } else if (now >= speaking.speaksAgainMs) {
      this.#say(speaking, this.#pick([1, 3, 6, 10, random.between(10, 40)]));
    }
    if (!this.#options.loses || !random.chance(0.002)) return;
    speaking.awayUntilMs = now + random.between(0, 20_000);
    microphone.fallsSilent();
    if (random.chance(0.5)) {
      this.#note(`${view.id} leaves`);
      this.meeting.leaves(view.id);
    } else {
      this.#note(`${view.id} does not want to be interpreted`);
      this.meeting.has({ ...view, interpret: false });
    }
  }

  #comesBack(speaking: Speaking): void {
    if (speaking.awayUntilMs === undefined) return;
    speaking.awayUntilMs = undefined;
    this.#note(`${speaking.view.id} is back`);
    this.meeting.has(speaking.view);
  }

  /** Where nothing may be lost, a language comes and goes only between sentences. */
  #mayHappenToAudiences(): void {
    const random = this.#random;
    const { loses } = this.#options;
    const now = this.meeting.clock.now();
    const isQuiet = this.#speakers.every(
      ({ microphone, speaksAgainMs }) => !microphone.isSpeaking && now < speaksAgainMs - 300,
    );
    if (this.#speakers.some(({ microphone }) => microphone.isSpeaking)) this.#lastWordMs = now;
    const isAnswered = now - this.#lastWordMs > ANSWERED_AFTER_MS && now - this.#failedMs > CALM_MS;
    if ((loses || isQuiet) && random.chance(loses ? 0.012 : 0.06)) {
      const target = this.#pick(TARGETS);
      if (!this.#audiences.has(target)) {
        this.#audiences.set(target, this.#audience());
        this.#note(`somebody wants ${target}`);
      } else if (this.#audiences.size > 1 && (loses || isAnswered)) {
        this.#finishedMs = now;
        this.#audiences.delete(target);
        this.#note(`nobody wants ${target}`);
      }
      this.#audiencesChanged();
    }
    if (random.chance(0.012)) {
      const target = this.#pick([...this.#audiences.keys()]);
      this.#audiences.set(target, this.#audience());
      this.#note(`${target}: ${this.#audiences.get(target)}`);
      this.#audiencesChanged();
    }
  }

  #audience(): Audience {
    return this.#pick(['both', 'both', 'hears', 'reads']);
  }

  #listeners(): ParticipantView[] {
    return [...this.#audiences].map(([language, how]) =>
      listener(`audience-${language}`, {
        ...(how !== 'reads' && { hears: language }),
        ...(how !== 'hears' && { reads: [language] }),
      }),
    );
  }

  #audiencesChanged(): void {
    const { room, interpreter } = this.meeting;
    for (const target of TARGETS) room.participants.delete(`audience-${target}`);
    for (const view of this.#listeners()) room.participants.set(view.id, view);
    interpreter.reconcile();
  }

  #say(speaking: Speaking, count: number): void {
    const words: string[] = [];
    while (words.length < count) {
      if (speaking.next.length === 0) speaking.next = this.#shuffled(vocabulary);
      words.push(speaking.next.shift() ?? '');
    }
    this.#note(`${speaking.view.id} says ${words.join(' ')}`);
    speaking.microphone.says(words);
    for (const target of this.#audiences.keys()) {
      const due = speaking.due.get(target) ?? [];
      speaking.due.set(target, due);
      due.push(...words);
    }
  }

  #sent(key: string, what: SentAudioKind, ms: number): void {
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

  #caption(caption: CaptionMessage): void {
    const { utterance, kind, stable, final, language } = caption;
    const speaker = caption.speaker.id;
    const ofOriginal = caption.sourceUtterance ? ` of ${caption.sourceUtterance}` : '';
    const end = `${final ? ' FINAL' : ''}${caption.corrected === undefined ? '' : ` corrected ${caption.corrected}`}`;
    const what = `${speaker} ${language} ${kind} ${utterance}`;
    this.#note(`    ${what}${ofOriginal} ${stable}|${caption.tentative ?? ''}${end}`);
    const before = this.#seen.get(utterance);
    const problem = (wrong: string): void => {
      this.problems.push(`${(this.meeting.clock.now() / 1000).toFixed(1)} ${what}: ${wrong}`);
    };
    if (before?.last.final) problem('said after its final');
    if (before && !stable.startsWith(before.last.stable)) problem(`"${before.last.stable}" became "${stable}"`);
    if (before && (before.speaker !== speaker || before.kind !== kind || before.language !== language))
      problem('is of two');
    this.#seen.set(utterance, { speaker, kind, language, last: caption });
  }

  /** What can only be told at the end. */
  async judge(): Promise<void> {
    const { problems, meeting } = this;
    for (const [utterance, { speaker, language, kind, last }] of this.#seen) {
      if (!last.final) problems.push(`${speaker} ${language} ${kind} ${utterance} has no final`);
      if (last.sourceUtterance === undefined) continue;
      const original = this.#seen.get(last.sourceUtterance);
      if (original && (original.speaker !== speaker || original.kind !== 'original'))
        problems.push(`${utterance} of ${last.sourceUtterance}, which is of ${original.speaker}`);
    }
    for (const { view, microphone, due } of this.#speakers) {
      this.#judgeWords(view.id, 'original', { due: microphone.said, said: microphone.said });
      for (const [target, words] of due) {
        this.#judgeWords(view.id, target, { due: words, said: microphone.said });
        const { extra } = differences(await meeting.playedWords(target, view.id), microphone.said);
        if (extra.length > 0) problems.push(`${view.id} ${target} was heard twice: ${extra.join(' ')}`);
      }
    }
    const { connections } = meeting.simulator.stats();
    const opened = connections.map(({ openedMs }) => openedMs);
    const most = this.#options.loses ? 8 : PLENTY;
    for (const [i, at] of opened.entries()) {
      if (at - (opened[i - most] ?? Number.NEGATIVE_INFINITY) < 60_000) problems.push(`too many connections at ${at}`);
    }
    const wrong = connections
      .flatMap(({ violations }) => violations)
      .filter(({ code }) => code !== 'Throttling' && code !== 'Throttling.AllocationQuota');
    for (const { code, message } of wrong) problems.push(`violation ${code} ${message}`);
    const open = connections.filter(({ ended }) => !ended);
    for (const { number } of open) problems.push(`connection ${number} stays open`);
  }

  /** @param target a language, or `original`: what was said */
  #judgeWords(
    speaker: string,
    target: string,
    { due, said }: { due: readonly string[]; said: readonly string[] },
  ): void {
    const { loses, paraphrases } = this.#options;
    const slack = paraphrases ? Math.max(1, due.length / 100) : 0;
    const read = [...this.#seen.values()].filter(
      (one) =>
        one.speaker === speaker &&
        (target === 'original' ? one.kind === target : one.language === target && one.kind === 'translation'),
    );
    const words = read.flatMap(({ last }) => wordsInText(last.corrected ?? last.stable));
    const { missing } = differences(words, due);
    const { extra } = differences(words, said);
    if (!loses && missing.length > slack) this.problems.push(`${speaker} ${target} lacks ${missing.join(' ')}`);
    if (extra.length > (loses ? 10 : slack)) this.problems.push(`${speaker} ${target} has twice ${extra.join(' ')}`);
  }

  /** Each speaker says the words in an order of their own. */
  #shuffled(words: readonly string[]): string[] {
    const placed = words.map((word) => ({ word, at: this.#random.next() }));
    return placed.sort((a, b) => a.at - b.at).map(({ word }) => word);
  }

  #pick<T>(choices: readonly T[]): T {
    return pick(this.#random, choices);
  }
}

function scriptFor({ model, loses, paraphrases }: ChaosOptions, random: Random): ScriptInput {
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
      status: pick(random, [429, 401, 403]),
      code: 'no',
    });
  const throttled = loses && random.chance(0.25);
  return {
    faults,
    paraphrases,
    account: throttled
      ? { connectionsPerMinute: random.between(3, 6), tokensPerMinute: 20_000 }
      : { connectionsPerMinute: loses ? 8 : PLENTY, tokensPerMinute: 1_000_000 },
    answer: {
      latencyMs: pick(random, loses ? [50, 300, 1500, 4000] : [50, 300, 1000]),
      msPerWord: pick(random, [150, 300, 500]),
      pace: pick(random, loses ? [1, 4, 100] : [2, 4, 100]),
      // One that translates first and names nothing: nobody could tell of what.
      ...(loses && { translates: pick(random, ['meanwhile', 'after'] as const) }),
      revises: loses ? 0 : 0.3,
    },
  };
}

function pick<T>(random: Random, choices: readonly T[]): T {
  const choice = choices[random.between(0, choices.length - 1)];
  if (choice === undefined) throw new RangeError('there is nothing to choose from');
  return choice;
}

function differences(actual: readonly string[], expected: readonly string[]): { missing: string[]; extra: string[] } {
  const [a, e] = [countsOf(actual), countsOf(expected)];
  const more = (x: Record<string, number>, y: Record<string, number>): string[] =>
    Object.entries(x).flatMap(([word, times]) =>
      Array.from({ length: Math.max(0, times - (y[word] ?? 0)) }, () => word),
    );
  return { missing: more(e, a), extra: more(a, e) };
}
