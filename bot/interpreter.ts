/**
 * The interpreter in one room. It follows what people hear and read, and owns everything that this takes: a Speaker for each
 * participant who is interpreted, with their Interpretations; a Channel for each language that is heard, and Captions for each that
 * is read. Closing it closes them all; one that fails leaves the others alone.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Model } from '../config/models.ts';
import type { LanguageCode } from '../protocol/languages.ts';
import type { InterpretationState, SpeakerView } from '../protocol/room-messages.ts';
import type { BudgetNotice } from '../protocol/usage.ts';
import { affordable, type Told, toldOf } from './budget.ts';
import { type AnyMessage, Captions } from './captions.ts';
import { Channel } from './channel.ts';
import type { Clock } from './clock.ts';
import { type Demand, demand, type Unavailable, type Wanted } from './demand.ts';
import { Interpretation, type InterpretationWishes } from './interpretation.ts';
import type { RoomConnection } from './participant/room-connection.ts';
import type { PlayoutEvent } from './playout-queue.ts';
import { Speaker } from './speaker.ts';
import { Ledger } from './translation/ledger.ts';
import { permitsFor } from './translation/permits.ts';
import type { OpenSession } from './translation/session.ts';
import { SessionPool } from './translation/session-pool.ts';
import { UsageReports } from './usage-reports.ts';

export interface InterpreterOptions {
  connection: RoomConnection;
  openSession: OpenSession;
  model: Model;
  languages: 'auto' | readonly LanguageCode[];
  /** How long an idle session is held, in milliseconds. */
  holdMs: number;
  /** What goes on from an earlier connection. */
  ledger?: Ledger;
  clock: Clock;
  log: Logger;
}

export class Interpreter {
  readonly ledger: Ledger;
  readonly #reports: UsageReports;
  readonly #options: InterpreterOptions;
  readonly #pool: SessionPool;
  readonly #speakers = new Map<string, Speaker>();
  /** Speakers who left, while what they said comes out. */
  readonly #leaving = new Set<Speaker>();
  readonly #channels = new Map<LanguageCode, Channel>();
  readonly #captions = new Map<LanguageCode, Captions>();
  /** The last state of each interpretation, by speaker and language. */
  readonly #states = new Map<string, Told & { speaker: SpeakerView; language: LanguageCode }>();
  /** The last that was heard of the budget. */
  #budget: BudgetNotice | undefined;
  /** Utterances of a later interpreter in the same room have other names. */
  readonly #utterancePrefix = randomBytes(4).toString('hex');
  #utterances = 0;
  #listeners: Demand['listeners'] = new Map();
  #followScheduled = false;
  #closed = false;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    const { connection, openSession, model, holdMs, ledger = new Ledger(), clock, log } = options;
    this.ledger = ledger;
    this.#reports = new UsageReports(ledger, connection, clock);
    const permits = permitsFor(model, connection.permits);
    this.#pool = new SessionPool({ openSession, permits, model, holdMs, clock, random: Math.random, log });
    this.follow();
  }

  /** Somebody in the room changed something: call it as often as that happens. */
  follow(): void {
    if (this.#followScheduled || this.#closed) return;
    this.#followScheduled = true;
    queueMicrotask(() => {
      this.#followScheduled = false;
      if (!this.#closed) this.#apply();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const speaker of [...this.#speakers.values(), ...this.#leaving]) speaker.close();
    for (const channel of this.#channels.values()) channel.close();
    for (const captions of this.#captions.values()) captions.close();
    this.#pool.close();
    this.#reports.close();
    this.#options.log.info({ interpretations: this.ledger.entries() }, 'what the interpreter sent and used');
  }

  #apply(): void {
    const { connection, model, languages } = this.#options;
    const all = demand(connection.participants.values(), { model, languages });
    const { wanted, unavailable, overBudget, listeners } = affordable(all, connection.budget);
    this.#listeners = listeners;
    this.#followBudget();
    this.#dismissSpeakers(wanted);
    for (const [id, some] of Map.groupBy(wanted, ({ speaker }) => speaker)) this.#speaker(id, some)?.want(some);
    this.#openChannels(wanted);
    this.#pool.expect(wanted.map((one) => wishesOf(one).kind));
    for (const one of unavailable) this.#tellUnavailable(one);
    for (const one of overBudget) this.#tellOverBudget(one);
  }

  /** Whoever reads or hears an interpretation learns what becomes of it. */
  #followBudget(): void {
    if (this.#budget?.message === this.#options.connection.budget?.message) return;
    this.#budget = this.#options.connection.budget;
    for (const told of this.#states.values()) if (told.state !== 'overBudget') this.#sayState(told);
  }

  /** Before the first word: who listens has to find them first. */
  #openChannels(wanted: readonly Wanted[]): void {
    for (const { source, target, audio, originals } of wanted) {
      if (audio) this.#channel(target);
      this.#captionsIn(target);
      if (originals) this.#captionsIn(source);
    }
  }

  #dismissSpeakers(wanted: readonly Wanted[]): void {
    for (const [id, speaker] of this.#speakers) {
      if (wanted.some((one) => one.speaker === id && one.producerId === speaker.producerId)) continue;
      const participant = this.#options.connection.participants.get(id);
      const publishes = participant?.producers.some((producer) => producer.id === speaker.producerId);
      if (participant && publishes && participant.interpret) {
        speaker.want([]);
        continue;
      }
      if (participant && !participant.interpret) this.#dismiss(speaker);
      else this.#seeOff(speaker);
    }
  }

  #dismiss(speaker: Speaker): void {
    const { id } = speaker.view;
    if (this.#speakers.get(id) === speaker) this.#speakers.delete(id);
    speaker.close();
    for (const key of this.#states.keys()) if (key.startsWith(`${id} `)) this.#states.delete(key);
  }

  /** What they said before still comes out. */
  #seeOff(speaker: Speaker): void {
    this.#speakers.delete(speaker.view.id);
    this.#leaving.add(speaker);
    speaker
      .leave()
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'a speaker who left was cut short'))
      .finally(() => {
        this.#leaving.delete(speaker);
        this.#dismiss(speaker);
      });
  }

  #speaker(id: string, wanted: readonly Wanted[]): Speaker | undefined {
    const known = this.#speakers.get(id);
    const participant = this.#options.connection.participants.get(id);
    const producerId = wanted[0]?.producerId;
    if (known || !participant || producerId === undefined) return known;
    const { connection, clock, log } = this.#options;
    const speaker = new Speaker({
      view: { id, name: participant.name },
      producerId,
      connection,
      clock,
      interpret: (one) => this.#interpret({ id, name: participant.name }, one),
      adapt: (interpretation, one) => interpretation.adapt(wishesOf(one)),
      onIdle: () => this.#dismiss(speaker),
      onFailed: (error) => {
        log.warn({ err: error, speaker: id }, 'a microphone could not be received');
        this.#dismiss(speaker);
      },
    });
    this.#speakers.set(id, speaker);
    return speaker;
  }

  #interpret(speaker: SpeakerView, wanted: Wanted): Interpretation {
    const { target } = wanted;
    const { connection, model, clock, log } = this.#options;
    const entry = this.ledger.entry(speaker, target);
    return new Interpretation({
      speaker,
      wishes: wishesOf(wanted),
      pool: this.#pool,
      catchUpRate: model.catchUpRate,
      clock,
      nextUtterance: () => `${this.#utterancePrefix}-${++this.#utterances}`,
      roomNow: () => connection.now(),
      output: {
        original: (language, caption) => this.#say(language, caption),
        translation: (caption) => this.#say(target, caption),
        voice: (utterance, samples) => this.#channel(target).say(utterance, samples),
        voiceComplete: (utterance) => this.#channels.get(target)?.complete(utterance),
        withdrawVoice: (utterance) => this.#channels.get(target)?.withdraw(utterance) ?? true,
        cutVoiceShort: (utterance) => this.#channels.get(target)?.cutShort(utterance),
        fed: (what, ms) => entry.fed(what, ms),
        usage: (usage) => entry.used(usage),
        state: (state, message) => {
          if (message) log.warn({ speaker: speaker.id, target, state }, message);
          this.#tellState(speaker, target, state, message);
        },
      },
    });
  }

  #channel(language: LanguageCode): Channel {
    const known = this.#channels.get(language);
    if (known) return known;
    const { connection, clock, log } = this.#options;
    const channel = new Channel({
      language,
      opening: connection.publishChannel(language),
      clock,
      onPlayout: (event) => this.#tellPlayout(language, event),
      onFailed: (error) => log.error({ err: error, language }, 'the channel could not be published'),
    });
    this.#channels.set(language, channel);
    return channel;
  }

  #captionsIn(language: LanguageCode): Captions {
    const known = this.#captions.get(language);
    if (known) return known;
    const { connection, log } = this.#options;
    const captions = new Captions(language, connection.publishCaptions(language), (error) =>
      log.error({ err: error, language }, 'the caption channel could not be published'),
    );
    this.#captions.set(language, captions);
    return captions;
  }

  #say(language: LanguageCode, message: AnyMessage): void {
    if (!this.#closed) this.#captionsIn(language).say(message);
  }

  #tellPlayout(language: LanguageCode, { utterance, state }: PlayoutEvent): void {
    const { id, speaker } = utterance;
    this.#say(language, {
      type: 'playout',
      speaker,
      utterance: id,
      state,
      at: Math.round(this.#options.connection.now()),
    });
    if (state === 'started') this.#tellState(speaker, language, 'speaking');
    if (state === 'ended') this.#tellState(speaker, language, 'listening');
  }

  #tellState(speaker: SpeakerView, language: LanguageCode, state: InterpretationState, message?: string): void {
    const key = `${speaker.id} ${language}`;
    const before = this.#states.get(key);
    if (before?.state === state) return;
    const told = { speaker, language, state, message };
    this.#states.set(key, told);
    if (!before || toldOf(before, this.#budget).state !== toldOf(told, this.#budget).state) this.#sayState(told);
  }

  #sayState({ speaker, language, ...told }: Told & { speaker: SpeakerView; language: LanguageCode }): void {
    const { state, message } = toldOf(told, this.#budget);
    this.#say(language, {
      type: 'status',
      speaker,
      state,
      ...(message === undefined ? {} : { message }),
      queueMs: Math.round(this.#channels.get(language)?.queuedMs ?? 0),
      listeners: this.#listeners.get(language) ?? 0,
    });
  }

  /** There is a way to it, but nothing is sent. */
  #tellOverBudget({ speaker, target }: Wanted): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    this.#tellState({ id: speaker, name }, target, 'overBudget');
  }

  #tellUnavailable({ speaker, source, target }: Unavailable): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    const { model } = this.#options;
    const message =
      source === target
        ? `${model.id} does not understand ${source}`
        : `${model.id} does not translate ${source} to ${target}`;
    this.#tellState({ id: speaker, name }, target, 'unavailable', message);
  }
}

const wishesOf = ({ source, target, audio, originals, read }: Wanted): InterpretationWishes => ({
  kind: { source, target, audio },
  originals,
  read,
});
