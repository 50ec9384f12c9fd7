/**
 * The interpreter in one room. It follows what people hear and read, and owns everything that this takes: a Speaker for each
 * participant who is interpreted, with their Interpretations, the Publications of what comes of them, and the session pool. Closing
 * it closes them all; one that fails leaves the others alone.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Model } from '../config/models.ts';
import type { HeardLanguage, LanguageCode } from '../protocol/languages.ts';
import type { LanguageSettings } from '../protocol/rest.ts';
import type { SpeakerView } from '../protocol/room-messages.ts';
import type { PictureMode } from '../protocol/rooms.ts';
import type { Clock } from '../time/clock.ts';
import { affordable, affordsPictures } from './demand/budget-restraint.ts';
import { demand, hasVoice, type UnavailableInterpretation, type WantedInterpretation } from './demand/demand.ts';
import { deferredToOthers, withoutDeferred } from './demand/interpreter-election.ts';
import { LanguageSuggestions } from './demand/language-suggestions.ts';
import type { FarEndReference } from './incoming/echo/far-end-reference.ts';
import { Speaker } from './incoming/speaker.ts';
import { SileroVoiceActivityDetector, type VoiceActivityDetector } from './incoming/voice-activity-detector.ts';
import { Interpretation, type InterpretationSettings } from './interpretation/interpretation.ts';
import { SourceUtteranceIndex } from './interpretation/source-utterance-index.ts';
import { VoiceAssignment } from './playout/voice-assignment.ts';
import { type PlayoutSettings, Publications } from './publications.ts';
import type { RoomConnection } from './room/room-connection.ts';
import { connectionLimiterFor } from './session/connection-limiter.ts';
import { SessionPool } from './session/session-pool.ts';
import type { OpenSession } from './session/translation-session.ts';
import { UsageRecorder } from './usage/usage-recorder.ts';
import { UsageReporter } from './usage/usage-reporter.ts';
import { openKeyFrameSource } from './vision/key-frame-source.ts';
import type { Thumbnailer } from './vision/thumbnailer.ts';
import { Vision } from './vision/vision.ts';

/** What sessions are shown of what there is to see, and what makes pictures of it. */
export interface VisionSettings {
  mode: PictureMode;
  thumbnailer: Thumbnailer;
}

export interface InterpreterOptions {
  connection: RoomConnection;
  openSession: OpenSession;
  model: Model;
  languages: 'auto' | readonly LanguageCode[];
  /** How each is said and written. Default: as the model does. */
  wishes?: Readonly<Record<LanguageCode, LanguageSettings>>;
  /** How long an idle session is held, in milliseconds. */
  sessionIdleTimeoutMs: number;
  /** What goes on from an earlier connection. */
  ledger?: UsageRecorder;
  playout: PlayoutSettings;
  /** Default: nothing is looked at. */
  pictures?: VisionSettings | undefined;
  /** Tells speech from other sound, one for each speaker. Default: Silero. */
  newDetector?: () => VoiceActivityDetector;
  clock: Clock;
  log: Logger;
}

const englishNames = new Intl.DisplayNames(['en'], { type: 'language' });
const nameOf = (code: LanguageCode): string => englishNames.of(code) ?? code;

export class Interpreter {
  readonly ledger: UsageRecorder;
  readonly #reports: UsageReporter;
  readonly #options: InterpreterOptions;
  readonly #pool: SessionPool;
  readonly #speakers = new Map<string, Speaker>();
  /** Speakers who left, while what they said comes out. */
  readonly #leaving = new Set<Speaker>();
  readonly #publications: Publications;
  readonly #pictures: Vision | undefined;
  readonly #voices: VoiceAssignment;
  readonly #suggestions: LanguageSuggestions;
  /** By speaker. */
  readonly #originals = new Map<string, SourceUtteranceIndex>();
  /** Utterances of a later interpreter in the same room have other names. */
  readonly #utterancePrefix = randomBytes(4).toString('hex');
  #utterances = 0;
  /** Of speakers who are gone. */
  #echoMs = 0;
  #followScheduled = false;
  #closed = false;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    const {
      connection,
      openSession,
      model,
      playout,
      sessionIdleTimeoutMs,
      ledger = new UsageRecorder(),
      clock,
      log,
    } = options;
    this.ledger = ledger;
    this.#reports = new UsageReporter(ledger, connection, clock);
    this.#voices = new VoiceAssignment(model, playout.voices);
    this.#suggestions = new LanguageSuggestions({ connection, sources: model.sources, log });
    const picturesShown = (speaker: SpeakerView, language: LanguageCode) =>
      this.#pictures && ledger.entry(speaker, language).totals.pictures;
    this.#publications = new Publications({ connection, playout, picturesShown, clock, log });
    const connectionLimiter = connectionLimiterFor(model, connection.connectionLimiter);
    const onDenied = (): void => this.follow();
    this.#pool = new SessionPool({
      openSession,
      connectionLimiter,
      model,
      sessionIdleTimeoutMs,
      clock,
      random: Math.random,
      onDenied,
      log,
    });
    this.#pictures = this.#look();
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
    const channels = this.#publications.channels.counts;
    const { earVoice } = this.#publications;
    this.#publications.close();
    this.#pool.close();
    this.#reports.close();
    const { log, pictures } = this.#options;
    log.info(
      {
        interpretations: this.ledger.entries(),
        channels,
        earVoice,
        echoMs: this.echoMs,
        ...(pictures && { pictures: pictures.thumbnailer.counts }),
      },
      'what the interpreter sent, used and said',
    );
  }

  #apply(): void {
    const { connection, model, languages, wishes } = this.#options;
    const left = deferredToOthers(connection.participants.values(), connection.self, this.#publications.languages);
    const all = withoutDeferred(demand(connection.participants.values(), { model, languages, wishes }), left);
    const { wanted, unavailable, overBudget, listeners } = affordable(all, connection.budget);
    // What another interpreter provides is not published twice.
    this.#publications.leave(left.targets);
    this.#publications.follow(listeners, connection.budget);
    this.#pictures?.follow();
    this.#dismissSpeakers(wanted);
    const leaving = new Set([...this.#leaving].map(({ view }) => view.id));
    this.#publications.keep((id) => connection.participants.has(id) || leaving.has(id));
    for (const [id, some] of Map.groupBy(wanted, ({ speaker }) => speaker)) this.#speaker(id, some)?.want(some);
    this.#publications.open(wanted);
    this.#pool.prepare(wanted.map((one) => this.#wishes(one).kind));
    for (const one of unavailable) this.#tellUnavailable(one);
    for (const one of overBudget) this.#tellOverBudget(one);
    for (const one of wanted) this.#tellDenied(one);
  }

  #look(): Vision | undefined {
    const { connection, pictures, clock, log } = this.#options;
    if (!pictures) return undefined;
    const { mode, thumbnailer } = pictures;
    const onBlind = (error: unknown) => log.warn({ err: error }, 'a video could not be looked at');
    return new Vision({
      mode,
      participants: connection.participants,
      openLens: (sight) => openKeyFrameSource(sight, { connection, thumbnailer, clock, onBlind }),
      viewersOf: (speaker) => this.#speakers.get(speaker)?.viewers ?? [],
      isAfforded: () => affordsPictures(connection.budget),
      clock,
      onFailed: (error) => log.debug({ err: error }, 'a picture could not be taken'),
    });
  }

  #dismissSpeakers(wanted: readonly WantedInterpretation[]): void {
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
    this.#publications.forget(id);
    this.#voices.leave(id);
    this.#suggestions.forget(id);
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

  #speaker(id: string, wanted: readonly WantedInterpretation[]): Speaker | undefined {
    const known = this.#speakers.get(id);
    const participant = this.#options.connection.participants.get(id);
    const producerId = wanted[0]?.producerId;
    if (known || !participant || producerId === undefined) return known;
    const { connection, newDetector, clock, log } = this.#options;
    const speaker = new Speaker({
      view: { id, name: participant.name },
      producerId,
      connection,
      detector: newDetector?.() ?? new SileroVoiceActivityDetector(),
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

  #heardBy(id: string): FarEndReference[] {
    const hears = this.#hears(id);
    return hears === 'original' ? [] : this.#publications.channels.played(hears);
  }

  #repeatsWhatTheyHear(id: string, text: string): boolean {
    const hears = this.#hears(id);
    return hears !== 'original' && this.#publications.repeatsChannel(hears, text);
  }

  #hears(id: string): HeardLanguage {
    return this.#options.connection.participants.get(id)?.hears ?? 'original';
  }

  #interpret(speaker: SpeakerView, wanted: WantedInterpretation): Interpretation {
    const { source, target } = wanted;
    const { connection, model, clock, log } = this.#options;
    const { channels } = this.#publications;
    const entry = this.ledger.entry(speaker, target);
    const writesOnly = source !== target && !hasVoice(model, target);
    const note = writesOnly ? `${model.id} writes "${target}" and does not say it: captions only.` : undefined;
    return new Interpretation({
      speaker,
      wishes: this.#wishes(wanted),
      published: this.#originalsOf(speaker.id),
      pool: this.#pool,
      catchUpRate: model.catchUpRate,
      patience: model.patience,
      clock,
      nextUtterance: () => `${this.#utterancePrefix}-${++this.#utterances}`,
      roomNow: () => connection.now(),
      isEcho: (text) => this.#repeatsWhatTheyHear(speaker.id, text),
      output: {
        original: (language, caption) => this.#publications.say(language, caption),
        translation: (caption) => this.#publications.say(target, caption),
        voice: (utterance, samples) => this.#publications.voice(target, utterance, samples),
        voiceComplete: (utterance) => channels.get(target, speaker.id)?.complete(utterance),
        withdrawVoice: (utterance) => channels.get(target, speaker.id)?.withdraw(utterance) ?? true,
        cutVoiceShort: (utterance) => channels.get(target, speaker.id)?.cutShort(utterance),
        fed: (what, ms) => entry.addAudio(what, ms),
        usage: (usage) => entry.addTokens(usage),
        understood: (understood) => this.#suggestions.understood(speaker.id, target, understood),
        showed: () => entry.addPictures(1),
        state: (state, message) => {
          const isNews = this.#publications.tell(speaker, target, state, message ?? note);
          if (isNews && message) log.warn({ speaker: speaker.id, target, state }, message);
        },
      },
    });
  }

  #originalsOf(speaker: string): SourceUtteranceIndex {
    const originals = this.#originals.get(speaker) ?? new SourceUtteranceIndex();
    this.#originals.set(speaker, originals);
    return originals;
  }

  /** The service has refused for good: who waits for the first word learns it before. */
  #tellDenied(wanted: WantedInterpretation): void {
    const error = this.#pool.denial(this.#wishes(wanted).kind);
    const speaker = this.#speakers.get(wanted.speaker)?.view;
    if (!error || !speaker) return;
    const isNews = this.#publications.tell(speaker, wanted.target, 'unavailable', error.message);
    if (isNews) this.#options.log.warn({ speaker: speaker.id, target: wanted.target }, error.message);
  }

  /** There is a way to it, but nothing is sent. */
  #tellOverBudget({ speaker, target }: WantedInterpretation): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    this.#publications.tell({ id: speaker, name }, target, 'overBudget');
  }

  #tellUnavailable({ speaker, source, target }: UnavailableInterpretation): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    const { model } = this.#options;
    const message =
      source === target
        ? `${model.id} does not understand ${nameOf(source)}.`
        : `${model.id} does not translate ${nameOf(source)} into ${nameOf(target)}.`;
    this.#publications.tell({ id: speaker, name }, target, 'unavailable', message);
  }

  #wishes({ speaker, source, target, audio, originals, read }: WantedInterpretation): InterpretationSettings {
    const { voice: wished, hotwords } = this.#options.wishes?.[target] ?? {};
    const voice = audio ? (wished ?? this.#voices.of(speaker, target)) : undefined;
    const kind = { source, target, audio, ...(voice !== undefined && { voice }), ...(hotwords && { hotwords }) };
    return { kind, originals, read };
  }
}
