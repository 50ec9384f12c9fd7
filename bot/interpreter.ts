/**
 * The interpreter in one room. It follows what people hear and read, and owns everything that this takes: a Speaker for each
 * participant who is interpreted, with their Interpretations; the Channels of the languages that are heard, and Captions for each that
 * is read. Closing it closes them all; one that fails leaves the others alone.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Model } from '../config/models.ts';
import type { LanguageCode } from '../protocol/languages.ts';
import type { SpeakerView } from '../protocol/room-messages.ts';
import type { PictureMode } from '../protocol/rooms.ts';
import type { Clock } from '../time/clock.ts';
import { affordable, affordsPictures } from './budget.ts';
import { type AnyMessage, Captions } from './captions.ts';
import { Channels } from './channels.ts';
import { type Demand, demand, hasVoice, type Unavailable, type Wanted } from './demand.ts';
import type { PlayedSound } from './echo/played-sound.ts';
import { Interpretation, type InterpretationWishes } from './interpretation.ts';
import { Originals } from './originals.ts';
import type { Thumbnailer } from './participant/pictures/thumbnailer.ts';
import type { RoomConnection } from './participant/room-connection.ts';
import { SileroDetector, type SpeechDetector } from './participant/speech-detector.ts';
import { openLens } from './pictures/lens.ts';
import { Pictures } from './pictures/pictures.ts';
import type { PlayoutEvent } from './playout-queue.ts';
import { Speaker } from './speaker.ts';
import { type LeftToOthers, leftToOthers, withoutThose } from './standby.ts';
import { type Status, Statuses } from './statuses.ts';
import { Ledger } from './translation/ledger.ts';
import { permitsFor } from './translation/permits.ts';
import type { OpenSession } from './translation/session.ts';
import { SessionPool } from './translation/session-pool.ts';
import { UsageReports } from './usage-reports.ts';
import { Voices } from './voices.ts';

export interface InterpreterOptions {
  connection: RoomConnection;
  openSession: OpenSession;
  model: Model;
  languages: 'auto' | readonly LanguageCode[];
  /** How long an idle session is held, in milliseconds. */
  holdMs: number;
  /** What goes on from an earlier connection. */
  ledger?: Ledger;
  playout: PlayoutWishes;
  /** What sessions are shown of what there is to see, and what makes pictures of it. Default: nothing. */
  pictures?: { mode: PictureMode; thumbnailer: Thumbnailer } | undefined;
  /** Tells speech from other sound, one for each speaker. Default: Silero. */
  newDetector?: () => SpeechDetector;
  clock: Clock;
  log: Logger;
}

/** How what was translated is said: `interpretation` in the configuration. */
export interface PlayoutWishes {
  tracks: 'mixed' | 'perSpeaker';
  /** How long an utterance may wait before it is skipped. */
  maxLagMs: number;
  /** How many of the model's voices speak in one language. */
  voices: number;
}

export class Interpreter {
  readonly ledger: Ledger;
  readonly #reports: UsageReports;
  readonly #options: InterpreterOptions;
  readonly #pool: SessionPool;
  readonly #speakers = new Map<string, Speaker>();
  /** Speakers who left, while what they said comes out. */
  readonly #leaving = new Set<Speaker>();
  readonly #channels: Channels;
  readonly #pictures: Pictures | undefined;
  readonly #voices: Voices;
  readonly #captions = new Map<LanguageCode, Captions>();
  readonly #statuses: Statuses;
  /** By speaker. */
  readonly #originals = new Map<string, Originals>();
  /** Utterances of a later interpreter in the same room have other names. */
  readonly #utterancePrefix = randomBytes(4).toString('hex');
  #utterances = 0;
  /** Of speakers who are gone. */
  #echoMs = 0;
  #listeners: Demand['listeners'] = new Map();
  #left: LeftToOthers = { targets: new Set(), originals: new Set() };
  #followScheduled = false;
  #closed = false;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    const { connection, openSession, model, playout, holdMs, ledger = new Ledger(), clock, log } = options;
    this.ledger = ledger;
    this.#reports = new UsageReports(ledger, connection, clock);
    this.#voices = new Voices(model, playout.voices);
    this.#channels = new Channels({
      connection,
      tracks: playout.tracks,
      limitMs: playout.maxLagMs,
      clock,
      onPlayout: (language, event) => this.#tellPlayout(language, event),
      onFailed: (language, error) => log.error({ err: error, language }, 'the channel could not be published'),
    });
    const permits = permitsFor(model, connection.permits);
    const onDenied = (): void => this.follow();
    this.#pool = new SessionPool({ openSession, permits, model, holdMs, clock, random: Math.random, onDenied, log });
    this.#pictures = this.#look();
    this.#statuses = new Statuses(clock, (language, status) => this.#sayStatus(language, status));
    this.follow();
  }

  /** How much of its channels came back through microphones, and was silenced. */
  get echoMs(): number {
    return [...this.#speakers.values(), ...this.#leaving].reduce((sum, { echoMs }) => sum + echoMs, this.#echoMs);
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
    this.#pictures?.close();
    const channels = this.#channels.counts;
    this.#channels.close();
    for (const captions of this.#captions.values()) captions.close();
    this.#statuses.close();
    this.#pool.close();
    this.#reports.close();
    this.#options.log.info(
      { interpretations: this.ledger.entries(), channels, echoMs: this.echoMs },
      'what the interpreter sent, used and said',
    );
  }

  #apply(): void {
    const { connection, model, languages } = this.#options;
    this.#standBy();
    const all = withoutThose(demand(connection.participants.values(), { model, languages }), this.#left);
    const { wanted, unavailable, overBudget, listeners } = affordable(all, connection.budget);
    for (const [language, count] of listeners)
      if (count > (this.#listeners.get(language) ?? 0)) this.#statuses.repeat(language);
    this.#listeners = listeners;
    this.#pictures?.follow();
    this.#statuses.follow(connection.budget);
    this.#dismissSpeakers(wanted);
    for (const [id, some] of Map.groupBy(wanted, ({ speaker }) => speaker)) this.#speaker(id, some)?.want(some);
    this.#openChannels(wanted);
    this.#pool.expect(wanted.map((one) => this.#wishes(one).kind));
    for (const one of unavailable) this.#tellUnavailable(one);
    for (const one of overBudget) this.#tellOverBudget(one);
    for (const one of wanted) this.#tellDenied(one);
  }

  #look(): Pictures | undefined {
    const { connection, pictures, clock, log } = this.#options;
    if (!pictures) return undefined;
    const { mode, thumbnailer } = pictures;
    const onBlind = (error: unknown) => log.warn({ err: error }, 'a video could not be looked at');
    return new Pictures({
      mode,
      participants: connection.participants,
      openLens: (sight) => openLens(sight, { connection, thumbnailer, clock, onBlind }),
      viewersOf: (speaker) => this.#speakers.get(speaker)?.viewers ?? [],
      isAfforded: () => affordsPictures(connection.budget),
      clock,
      onFailed: (error) => log.debug({ err: error }, 'a picture could not be taken'),
    });
  }

  /** What another interpreter provides is not published twice. */
  #standBy(): void {
    const { connection, log } = this.#options;
    const left = leftToOthers(connection.participants.values(), connection.self, new Set(this.#captions.keys()));
    for (const language of left.targets) {
      if (this.#left.targets.has(language)) continue;
      log.info({ language }, 'another interpreter provides this language: standing by');
      this.#captions.get(language)?.close();
      this.#captions.delete(language);
      this.#channels.closeAll(language);
    }
    for (const language of this.#left.targets)
      if (!left.targets.has(language)) log.info({ language }, 'no other interpreter provides this language any more');
    this.#left = left;
  }

  /** Before the first word: who listens has to find them first. */
  #openChannels(wanted: readonly Wanted[]): void {
    for (const { speaker, source, target, audio, originals } of wanted) {
      if (audio) this.#channels.open(target, speaker);
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
    this.#echoMs += speaker.echoMs;
    // Whoever came back meanwhile goes on.
    if (this.#speakers.has(id)) return;
    this.#channels.leave(id);
    this.#voices.leave(id);
    this.#statuses.forget(id);
    this.#originals.delete(id);
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
    const { connection, newDetector, clock, log } = this.#options;
    const speaker = new Speaker({
      view: { id, name: participant.name },
      producerId,
      connection,
      detector: newDetector?.() ?? new SileroDetector(),
      clock,
      listensTo: () => this.#heardBy(id),
      interpret: (one) => this.#interpret({ id, name: participant.name }, one),
      onSpeaking: (speaks) => this.#pictures?.speaks(id, speaks),
      adapt: (interpretation, one) => interpretation.adapt(this.#wishes(one)),
      onIdle: () => this.#dismiss(speaker),
      onFailed: (error) => {
        log.warn({ err: error, speaker: id }, 'a microphone could not be received');
        this.#dismiss(speaker);
      },
    });
    this.#speakers.set(id, speaker);
    return speaker;
  }

  #heardBy(id: string): PlayedSound[] {
    const hears = this.#options.connection.participants.get(id)?.hears ?? 'original';
    return hears === 'original' ? [] : this.#channels.played(hears);
  }

  #interpret(speaker: SpeakerView, wanted: Wanted): Interpretation {
    const { source, target } = wanted;
    const { connection, model, clock, log } = this.#options;
    const entry = this.ledger.entry(speaker, target);
    const writesOnly = source !== target && !hasVoice(model, target);
    const note = writesOnly ? `${model.id} writes "${target}" and does not say it: captions only.` : undefined;
    return new Interpretation({
      speaker,
      wishes: this.#wishes(wanted),
      published: this.#originalsOf(speaker.id),
      pool: this.#pool,
      catchUpRate: model.catchUpRate,
      clock,
      nextUtterance: () => `${this.#utterancePrefix}-${++this.#utterances}`,
      roomNow: () => connection.now(),
      output: {
        original: (language, caption) => this.#say(language, caption),
        translation: (caption) => this.#say(target, caption),
        voice: (utterance, samples) => {
          if (!this.#left.targets.has(target)) this.#channels.open(target, speaker.id).say(utterance, samples);
        },
        voiceComplete: (utterance) => this.#channels.get(target, speaker.id)?.complete(utterance),
        withdrawVoice: (utterance) => this.#channels.get(target, speaker.id)?.withdraw(utterance) ?? true,
        cutVoiceShort: (utterance) => this.#channels.get(target, speaker.id)?.cutShort(utterance),
        fed: (what, ms) => entry.fed(what, ms),
        usage: (usage) => entry.used(usage),
        showed: () => entry.showed(1),
        state: (state, message) => {
          const isNews = this.#statuses.tell(speaker, target, state, message ?? note);
          if (isNews && message) log.warn({ speaker: speaker.id, target, state }, message);
        },
      },
    });
  }

  #originalsOf(speaker: string): Originals {
    const originals = this.#originals.get(speaker) ?? new Originals();
    this.#originals.set(speaker, originals);
    return originals;
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
    if (!this.#closed && !this.#left.targets.has(language)) this.#captionsIn(language).say(message);
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
    if (state === 'started') this.#statuses.tell(speaker, language, 'speaking');
    if (state === 'ended') this.#statuses.tell(speaker, language, 'listening');
  }

  #sayStatus(language: LanguageCode, { speaker, state, message }: Status): void {
    this.#say(language, {
      type: 'status',
      speaker,
      state,
      ...(message === undefined ? {} : { message }),
      queueMs: Math.round(this.#channels.queuedMs(language)),
      listeners: this.#listeners.get(language) ?? 0,
      ...(this.#pictures && { pictures: this.ledger.entry(speaker, language).all.pictures }),
    });
  }

  /** The service has refused for good: who waits for the first word learns it before. */
  #tellDenied(wanted: Wanted): void {
    const error = this.#pool.denial(this.#wishes(wanted).kind);
    const speaker = this.#speakers.get(wanted.speaker)?.view;
    if (!error || !speaker) return;
    const isNews = this.#statuses.tell(speaker, wanted.target, 'unavailable', error.message);
    if (isNews) this.#options.log.warn({ speaker: speaker.id, target: wanted.target }, error.message);
  }

  /** There is a way to it, but nothing is sent. */
  #tellOverBudget({ speaker, target }: Wanted): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    this.#statuses.tell({ id: speaker, name }, target, 'overBudget');
  }

  #tellUnavailable({ speaker, source, target }: Unavailable): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    const { model } = this.#options;
    const message =
      source === target
        ? `${model.id} does not understand ${source}`
        : `${model.id} does not translate ${source} to ${target}`;
    this.#statuses.tell({ id: speaker, name }, target, 'unavailable', message);
  }

  #wishes({ speaker, source, target, audio, originals, read }: Wanted): InterpretationWishes {
    const voice = audio ? this.#voices.of(speaker, target) : undefined;
    return { kind: { source, target, audio, ...(voice !== undefined && { voice }) }, originals, read };
  }
}
