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
  languageSettings?: Readonly<Record<LanguageCode, LanguageSettings>>;
  /** How long an idle session is held, in milliseconds. */
  sessionIdleTimeoutMs: number;
  /** What goes on from an earlier connection. */
  usage?: UsageRecorder;
  playout: PlayoutSettings;
  /** Default: nothing is looked at. */
  vision?: VisionSettings | undefined;
  /** Tells speech from other sound, one for each speaker. Default: Silero. */
  newDetector?: () => VoiceActivityDetector;
  clock: Clock;
  log: Logger;
}

const englishNames = new Intl.DisplayNames(['en'], { type: 'language' });
const nameOf = (code: LanguageCode): string => englishNames.of(code) ?? code;

export class Interpreter {
  readonly usage: UsageRecorder;
  readonly #usageReporter: UsageReporter;
  readonly #options: InterpreterOptions;
  readonly #pool: SessionPool;
  readonly #speakers = new Map<string, Speaker>();
  /** Speakers who left, while what they said comes out. */
  readonly #drainingSpeakers = new Set<Speaker>();
  readonly #publications: Publications;
  readonly #vision: Vision | undefined;
  readonly #voiceAssignment: VoiceAssignment;
  readonly #suggestions: LanguageSuggestions;
  /** By speaker. */
  readonly #sourceUtterances = new Map<string, SourceUtteranceIndex>();
  /** Utterances of a later interpreter in the same room have other names. */
  readonly #utterancePrefix = randomBytes(4).toString('hex');
  #utteranceCount = 0;
  /** Of speakers who are gone. */
  #echoMs = 0;
  #reconcileScheduled = false;
  #closed = false;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    const {
      connection,
      openSession,
      model,
      playout,
      sessionIdleTimeoutMs,
      usage: ledger = new UsageRecorder(),
      clock,
      log,
    } = options;
    this.usage = ledger;
    this.#usageReporter = new UsageReporter(ledger, connection, clock);
    this.#voiceAssignment = new VoiceAssignment(model, playout.voices);
    this.#suggestions = new LanguageSuggestions({ connection, sources: model.sources, log });
    const picturesShown = (speaker: SpeakerView, language: LanguageCode) =>
      this.#vision && ledger.entry(speaker, language).totals.pictures;
    this.#publications = new Publications({ connection, playout, picturesShown, clock, log });
    const connectionLimiter = connectionLimiterFor(model, connection.connectionLimiter);
    const onDenied = (): void => this.reconcile();
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
    this.#vision = this.#createVision();
    this.reconcile();
  }

  /** How much of its channels came back through microphones, and was silenced. */
  get echoMs(): number {
    return [...this.#speakers.values(), ...this.#drainingSpeakers].reduce(
      (sum, { echoMs }) => sum + echoMs,
      this.#echoMs,
    );
  }

  /** Somebody in the room changed something: call it as often as that happens. */
  reconcile(): void {
    if (this.#reconcileScheduled || this.#closed) return;
    this.#reconcileScheduled = true;
    queueMicrotask(() => {
      this.#reconcileScheduled = false;
      if (!this.#closed) this.#reconcileNow();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const speaker of [...this.#speakers.values(), ...this.#drainingSpeakers]) speaker.close();
    this.#vision?.close();
    const channels = this.#publications.channels.counts;
    const { earVoiceSummaries: earVoice } = this.#publications;
    this.#publications.close();
    this.#pool.close();
    this.#usageReporter.close();
    const { log, vision: pictures } = this.#options;
    log.info(
      {
        interpretations: this.usage.entries(),
        channels,
        earVoice,
        echoMs: this.echoMs,
        ...(pictures && { pictures: pictures.thumbnailer.counts }),
      },
      'what the interpreter sent, used and said',
    );
  }

  #reconcileNow(): void {
    const { connection, model, languages, languageSettings: wishes } = this.#options;
    const left = deferredToOthers(connection.participants.values(), connection.self, this.#publications.languages);
    const all = withoutDeferred(
      demand(connection.participants.values(), { model, languages, languageSettings: wishes }),
      left,
    );
    const { wanted, unavailable, overBudget, listeners } = affordable(all, connection.budget);
    // What another interpreter provides is not published twice.
    this.#publications.deferToOthers(left.targets);
    this.#publications.updateListeners(listeners, connection.budget);
    this.#vision?.reconcile();
    this.#removeUnwantedSpeakers(wanted);
    const leaving = new Set([...this.#drainingSpeakers].map(({ view }) => view.id));
    this.#publications.retainSpeakers((id) => connection.participants.has(id) || leaving.has(id));
    for (const [id, some] of Map.groupBy(wanted, ({ speaker }) => speaker)) this.#speakerFor(id, some)?.reconcile(some);
    this.#publications.open(wanted);
    this.#pool.prepare(wanted.map((one) => this.#settingsFor(one).kind));
    for (const one of unavailable) this.#reportUnavailable(one);
    for (const one of overBudget) this.#reportOverBudget(one);
    for (const one of wanted) this.#reportDenied(one);
  }

  #createVision(): Vision | undefined {
    const { connection, vision: pictures, clock, log } = this.#options;
    if (!pictures) return undefined;
    const { mode, thumbnailer } = pictures;
    const onUnavailable = (error: unknown) => log.warn({ err: error }, 'a video could not be looked at');
    return new Vision({
      mode,
      participants: connection.participants,
      openKeyFrameSource: (target) => openKeyFrameSource(target, { connection, thumbnailer, clock, onUnavailable }),
      recipientsOf: (speaker) => this.#speakers.get(speaker)?.pictureRecipients ?? [],
      isAffordable: () => affordsPictures(connection.budget),
      clock,
      onFailed: (error) => log.debug({ err: error }, 'a picture could not be taken'),
    });
  }

  #removeUnwantedSpeakers(wanted: readonly WantedInterpretation[]): void {
    for (const [id, speaker] of this.#speakers) {
      if (wanted.some((one) => one.speaker === id && one.producerId === speaker.producerId)) continue;
      const participant = this.#options.connection.participants.get(id);
      const publishes = participant?.producers.some((producer) => producer.id === speaker.producerId);
      if (participant && publishes && participant.interpret) {
        speaker.reconcile([]);
        continue;
      }
      if (participant && !participant.interpret) this.#removeSpeaker(speaker);
      else this.#drainSpeaker(speaker);
    }
  }

  #removeSpeaker(speaker: Speaker): void {
    const { id } = speaker.view;
    if (this.#speakers.get(id) === speaker) this.#speakers.delete(id);
    speaker.close();
    this.#echoMs += speaker.echoMs;
    // Whoever came back meanwhile goes on.
    if (this.#speakers.has(id)) return;
    this.#publications.removeSpeaker(id);
    this.#voiceAssignment.release(id);
    this.#suggestions.remove(id);
    this.#sourceUtterances.delete(id);
  }

  /** What they said before still comes out. */
  #drainSpeaker(speaker: Speaker): void {
    this.#speakers.delete(speaker.view.id);
    this.#drainingSpeakers.add(speaker);
    speaker
      .finish()
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'a speaker who left was cut short'))
      .finally(() => {
        this.#drainingSpeakers.delete(speaker);
        this.#removeSpeaker(speaker);
      });
  }

  #speakerFor(id: string, wanted: readonly WantedInterpretation[]): Speaker | undefined {
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
      farEndReferences: () => this.#farEndReferencesFor(id),
      createInterpretation: (one) => this.#createInterpretation({ id, name: participant.name }, one),
      onSpeakingChanged: (isSpeaking) => this.#vision?.setSpeaking(id, isSpeaking),
      updateInterpretation: (interpretation, one) => interpretation.updateSettings(this.#settingsFor(one)),
      onIdle: () => this.#removeSpeaker(speaker),
      onFailed: (error) => {
        log.warn({ err: error, speaker: id }, 'a microphone could not be received');
        this.#removeSpeaker(speaker);
      },
    });
    this.#speakers.set(id, speaker);
    return speaker;
  }

  #farEndReferencesFor(id: string): FarEndReference[] {
    const hears = this.#heardLanguageOf(id);
    return hears === 'original' ? [] : this.#publications.channels.farEndReferences(hears);
  }

  #isEcho(id: string, text: string): boolean {
    const hears = this.#heardLanguageOf(id);
    return hears !== 'original' && this.#publications.repeatsChannel(hears, text);
  }

  #heardLanguageOf(id: string): HeardLanguage {
    return this.#options.connection.participants.get(id)?.hears ?? 'original';
  }

  #createInterpretation(speaker: SpeakerView, wanted: WantedInterpretation): Interpretation {
    const { source, target } = wanted;
    const { connection, model, clock, log } = this.#options;
    const { channels } = this.#publications;
    const entry = this.usage.entry(speaker, target);
    const writesOnly = source !== target && !hasVoice(model, target);
    const note = writesOnly ? `${model.id} writes "${target}" and does not say it: captions only.` : undefined;
    return new Interpretation({
      speaker,
      settings: this.#settingsFor(wanted),
      sourceUtterances: this.#sourceUtterancesOf(speaker.id),
      pool: this.#pool,
      catchUpRate: model.catchUpRate,
      patience: model.patience,
      clock,
      nextUtterance: () => `${this.#utterancePrefix}-${++this.#utteranceCount}`,
      roomNowMs: () => connection.now(),
      isEcho: (text) => this.#isEcho(speaker.id, text),
      output: {
        original: (language, caption) => this.#publications.send(language, caption),
        translation: (caption) => this.#publications.send(target, caption),
        voice: (utterance, samples) => this.#publications.pushVoice(target, utterance, samples),
        voiceComplete: (utterance) => channels.get(target, speaker.id)?.complete(utterance),
        withdrawVoice: (utterance) => channels.get(target, speaker.id)?.withdraw(utterance) ?? true,
        cutVoiceShort: (utterance) => channels.get(target, speaker.id)?.cutShort(utterance),
        fed: (what, ms) => entry.addAudio(what, ms),
        usage: (usage) => entry.addTokens(usage),
        understood: (understood) => this.#suggestions.push(speaker.id, target, understood),
        showed: () => entry.addPictures(1),
        state: (state, message) => {
          const isNews = this.#publications.setStatus(speaker, target, state, message ?? note);
          if (isNews && message) log.warn({ speaker: speaker.id, target, state }, message);
        },
      },
    });
  }

  #sourceUtterancesOf(speaker: string): SourceUtteranceIndex {
    const originals = this.#sourceUtterances.get(speaker) ?? new SourceUtteranceIndex();
    this.#sourceUtterances.set(speaker, originals);
    return originals;
  }

  /** The service has refused for good: who waits for the first word learns it before. */
  #reportDenied(wanted: WantedInterpretation): void {
    const error = this.#pool.denial(this.#settingsFor(wanted).kind);
    const speaker = this.#speakers.get(wanted.speaker)?.view;
    if (!error || !speaker) return;
    const isNews = this.#publications.setStatus(speaker, wanted.target, 'unavailable', error.message);
    if (isNews) this.#options.log.warn({ speaker: speaker.id, target: wanted.target }, error.message);
  }

  /** There is a way to it, but nothing is sent. */
  #reportOverBudget({ speaker, target }: WantedInterpretation): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    this.#publications.setStatus({ id: speaker, name }, target, 'overBudget');
  }

  #reportUnavailable({ speaker, source, target }: UnavailableInterpretation): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    const { model } = this.#options;
    const message =
      source === target
        ? `${model.id} does not understand ${nameOf(source)}.`
        : `${model.id} does not translate ${nameOf(source)} into ${nameOf(target)}.`;
    this.#publications.setStatus({ id: speaker, name }, target, 'unavailable', message);
  }

  #settingsFor({ speaker, source, target, audio, originals, read }: WantedInterpretation): InterpretationSettings {
    const { voice: wished, hotwords } = this.#options.languageSettings?.[target] ?? {};
    const voice = audio ? (wished ?? this.#voiceAssignment.voiceFor(speaker, target)) : undefined;
    const kind = { source, target, audio, ...(voice !== undefined && { voice }), ...(hotwords && { hotwords }) };
    return { kind, originals, read };
  }
}
