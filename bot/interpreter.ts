/**
 * The interpreter of one room. Keeps what it runs in line with what people hear and read: a Speaker for each participant who is
 * interpreted, with their Interpretations, the Publications of what these emit, and the session pool. Owns them all: closing it closes
 * them; one that fails leaves the others alone.
 */
import { randomBytes } from 'node:crypto';
import type {
  HeardLanguage,
  InterpreterStats,
  LanguageCode,
  LanguageSettings,
  PictureMode,
  SpeakerView,
} from '@mediasoup-booth/protocol';
import type { Model } from '../config/models.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { AdmissionControl, RoomAdmission } from './demand/admission-control.ts';
import { affordable, affordsPictures, type ReportedState } from './demand/budget-restraint.ts';
import { demand, hasVoice, type UnavailableInterpretation, type WantedInterpretation } from './demand/demand.ts';
import { deferredToOthers, withoutDeferred } from './demand/interpreter-election.ts';
import { LanguageSuggestions } from './demand/language-suggestions.ts';
import type { FarEndReference } from './incoming/echo/far-end-reference.ts';
import { Speaker } from './incoming/speaker.ts';
import { SileroVoiceActivityDetector, type VoiceActivityDetector } from './incoming/voice-activity-detector.ts';
import { Interpretation, type InterpretationSettings } from './interpretation/interpretation.ts';
import type { InterpretationEvent } from './interpretation/interpretation-event.ts';
import { SourceUtteranceIndex } from './interpretation/source-utterance-index.ts';
import { VoiceAssignment } from './playout/voice-assignment.ts';
import { type PlayoutSettings, Publications } from './publications.ts';
import type { RoomConnection } from './room/room-connection.ts';
import { connectionLimiterFor } from './session/connection-limiter.ts';
import type { SessionAge } from './session/pooled-session.ts';
import { SessionPool } from './session/session-pool.ts';
import type { OpenSession } from './session/translation-session.ts';
import { StatsRecorder } from './stats/stats-recorder.ts';
import { StatsReporter } from './stats/stats-reporter.ts';
import { UsageRecorder } from './usage/usage-recorder.ts';
import { UsageReporter } from './usage/usage-reporter.ts';
import { openKeyFrameSource } from './vision/key-frame-source.ts';
import type { Thumbnailer } from './vision/thumbnailer.ts';
import { Vision } from './vision/vision.ts';

/** How sessions are shown pictures of shared screens and cameras. */
export interface VisionSettings {
  mode: PictureMode;
  thumbnailer: Thumbnailer;
}

export interface InterpreterOptions {
  connection: RoomConnection;
  openSession: OpenSession;
  model: Model;
  /** The languages to translate into; `auto`: all that people hear or read. */
  languages: 'auto' | readonly LanguageCode[];
  /** The voice and the terms of each language. Default: the model's voice, no terms. */
  languageSettings?: Readonly<Record<LanguageCode, LanguageSettings>>;
  /** How long an idle session is held, in milliseconds. */
  sessionIdleTimeoutMs: number;
  /** How many sessions it holds at the same time. Default: 64. */
  maxSessions?: number;
  /** When a session is replaced by another. Default: after 110 minutes or 40,000 tokens. */
  maxSessionAge?: SessionAge;
  /** Continues the counts of an earlier connection. Default: begins at nothing. */
  usage?: UsageRecorder;
  /** What is used is reported so often. Default: 5000 ms. */
  reportUsageEveryMs?: number;
  playout: PlayoutSettings;
  /** Default: sessions are shown no pictures. */
  vision?: VisionSettings | undefined;
  /** Makes a detector for each speaker. Default: Silero. */
  newDetector?: () => VoiceActivityDetector;
  clock: Clock;
  /** Returns a number from 0 (inclusive) to 1 (exclusive) that spreads the retries of sessions. Default: `Math.random`. */
  random?: () => number;
  /** Holds interpretations back while the thread is overloaded. Default: none are. */
  admissionControl?: AdmissionControl;
  /** Returns how late the event loop is, in milliseconds: see `measureEventLoopDelay`. Default: it is not reported. */
  eventLoopDelayMs?: () => number;
  log: Logger;
}

const englishNames = new Intl.DisplayNames(['en'], { type: 'language' });
const nameOf = (code: LanguageCode): string => englishNames.of(code) ?? code;

/** As people know it. */
const engineName = ({ id, kind }: Model): string => (kind === 'offline' ? 'The offline engine' : id);

const TRIED_AGAIN = 'Booth tries again by itself.';
const CAPTIONS_FOR_NOW =
  'The interpreter’s computer is busy with others: captions only, until it has time for the voice, too.';
const WAITS_FOR_CAPACITY =
  'The interpreter’s computer is busy with others. This is interpreted as soon as it has time.';

/** Tells interpretations of one room apart. */
const keyOf = ({ speaker, target }: WantedInterpretation): string => `${speaker} ${target}`;

/**
 * @example
 * const interpreter = new Interpreter({ connection, openSession, model, languages: 'auto', sessionIdleTimeoutMs: 30_000, playout, clock, log });
 * interpreter.reconcile(); // whenever something changed in the room
 * interpreter.close();
 */
export class Interpreter {
  readonly usage: UsageRecorder;
  readonly #usageReporter: UsageReporter;
  readonly #statsRecorder = new StatsRecorder();
  readonly #statsReporter: StatsReporter;
  readonly #options: InterpreterOptions;
  readonly #pool: SessionPool;
  readonly #speakers = new Map<string, Speaker>();
  /** Speakers who have left, while the answers to what they said still come. */
  readonly #drainingSpeakers = new Set<Speaker>();
  readonly #publications: Publications;
  readonly #vision: Vision | undefined;
  readonly #voiceAssignment: VoiceAssignment;
  readonly #suggestions: LanguageSuggestions;
  /** The language of the interpretation that publishes the originals of each speaker. */
  #originalsFrom: ReadonlyMap<string, LanguageCode> = new Map();
  /** The published source utterances of each speaker. */
  readonly #sourceUtterances = new Map<string, SourceUtteranceIndex>();
  /** What was logged to impair the interpretations of each speaker, by language. */
  readonly #impairments = new Map<string, Map<LanguageCode, string>>();
  /** Distinguishes the utterances of this interpreter from those of a later one in the same room. */
  readonly #utterancePrefix = randomBytes(4).toString('hex');
  #utteranceCount = 0;
  /** Milliseconds of echo silenced for speakers who have left. */
  #departedEchoMs = 0;
  readonly #admission: RoomAdmission | undefined;
  /** Interpretations that people want to hear, and that the overloaded thread only writes. */
  #withoutVoice: ReadonlySet<string> = new Set();
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
      maxSessions,
      maxSessionAge,
      random = Math.random,
      usage = new UsageRecorder(),
      reportUsageEveryMs,
      clock,
      log,
    } = options;
    this.usage = usage;
    this.#usageReporter = new UsageReporter(usage, connection, clock, reportUsageEveryMs);
    this.#statsReporter = new StatsReporter(() => this.#stats(), connection, clock);
    this.#voiceAssignment = new VoiceAssignment(model, playout.voices);
    this.#suggestions = new LanguageSuggestions({ connection, sources: model.sources, log });
    const picturesShown = (speaker: SpeakerView, language: LanguageCode) =>
      this.#vision && usage.entry(speaker, language).totals.pictures;
    this.#publications = new Publications({
      connection,
      playout,
      picturesShown,
      delays: this.#statsRecorder,
      onChanged: () => this.reconcile(),
      clock,
      log,
    });
    const connectionLimiter = connectionLimiterFor(model, connection.connectionLimiter);
    const onDenialChanged = (): void => this.reconcile();
    this.#pool = new SessionPool({
      openSession,
      connectionLimiter,
      model,
      sessionIdleTimeoutMs,
      maxSessions,
      ...(maxSessionAge && { maxSessionAge }),
      clock,
      random,
      onDenialChanged,
      onOpened: () => this.#statsRecorder.sessionOpened(),
      onError: (error) => this.#statsRecorder.sessionFailed(error.class),
      log,
    });
    this.#vision = this.#createVision();
    this.#admission = options.admissionControl?.enter(() => this.reconcile());
    this.reconcile();
  }

  /** Milliseconds of the interpreter's own channels that came back through microphones and were silenced. */
  get echoMs(): number {
    return [...this.#speakers.values(), ...this.#drainingSpeakers].reduce(
      (sum, { echoMs }) => sum + echoMs,
      this.#departedEchoMs,
    );
  }

  /** Brings what runs in line with what people want now; several calls in one turn of the event loop are one. */
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
    this.#admission?.leave();
    for (const speaker of [...this.#speakers.values(), ...this.#drainingSpeakers]) speaker.close();
    this.#vision?.close();
    const channels = this.#publications.channels.counts;
    const { earVoiceSummaries } = this.#publications;
    this.#publications.close();
    this.#pool.close();
    this.#usageReporter.close();
    this.#statsReporter.close();
    const { log, vision } = this.#options;
    log.info(
      {
        interpretations: this.usage.entries().map(({ speaker, ...entry }) => ({ speaker: speaker.id, ...entry })),
        channels,
        earVoice: earVoiceSummaries,
        echoMs: this.echoMs,
        ...(vision && { pictures: vision.thumbnailer.counts }),
      },
      'interpreter closed',
    );
  }

  #reconcileNow(): void {
    const { connection, model, languages, languageSettings } = this.#options;
    const { participants, self, budget } = connection;
    const deferred = deferredToOthers(participants.values(), self, this.#publications.languages);
    const originalsFrom = this.#originalsFrom;
    const offer = { model, languages, languageSettings, originalsFrom };
    const all = withoutDeferred(demand(participants.values(), offer), deferred);
    const { wanted: affordableNow, unavailable, overBudget, listeners } = affordable(all, budget);
    const { wanted, waiting } = this.#admit(affordableNow);
    this.#originalsFrom = new Map(wanted.flatMap((one) => (one.originals ? [[one.speaker, one.target]] : [])));
    this.#publications.deferToOthers(deferred.targets);
    this.#publications.updateListeners(listeners, budget);
    this.#vision?.reconcile();
    this.#removeUnwantedSpeakers(wanted, new Set(waiting.map(({ speaker }) => speaker)));
    const draining = new Set([...this.#drainingSpeakers].map(({ view }) => view.id));
    this.#publications.retainSpeakers((id) => participants.has(id) || draining.has(id));
    for (const [id, ofSpeaker] of Map.groupBy(wanted, ({ speaker }) => speaker))
      this.#speakerFor(id, ofSpeaker)?.reconcile(ofSpeaker);
    this.#publications.open(wanted);
    this.#pool.prepare(wanted.map((one) => this.#settingsFor(one).sessionOptions));
    for (const one of unavailable) this.#reportUnavailable(one);
    for (const one of overBudget) this.#reportOverBudget(one);
    for (const one of waiting) this.#reportWaiting(one);
    for (const one of wanted) this.#reportImpediment(one);
  }

  /** Divides what is wanted by what the thread can take on now. */
  #admit(wanted: readonly WantedInterpretation[]): Record<'wanted' | 'waiting', WantedInterpretation[]> {
    const admission = this.#admission;
    if (!admission) return { wanted: [...wanted], waiting: [] };
    admission.retain(new Set(wanted.map(keyOf)));
    const { all = [], captions = [], waiting = [] } = Object.groupBy(wanted, (one) => admission.admit(keyOf(one)));
    this.#withoutVoice = new Set(captions.filter(({ audio }) => audio).map(keyOf));
    return { wanted: [...all, ...captions.map((one) => ({ ...one, audio: false }))], waiting };
  }

  #stats(): InterpreterStats {
    return this.#statsRecorder.snapshot({
      speakers: [...this.#speakers.values(), ...this.#drainingSpeakers].map(({ stats }) => stats),
      channels: this.#publications.channels.counts,
      openSessions: this.#pool.size,
      unreadable: this.#publications.unreadable,
      eventLoopDelayMs: this.#options.eventLoopDelayMs?.(),
      heldBack: this.#admission?.heldBack,
    });
  }

  #createVision(): Vision | undefined {
    const { connection, vision, clock, log } = this.#options;
    if (!vision) return undefined;
    const { mode, thumbnailer } = vision;
    const onUnavailable = (error: unknown) => log.warn({ err: error }, 'video could not be received');
    return new Vision({
      mode,
      participants: connection.participants,
      openKeyFrameSource: (target) => openKeyFrameSource(target, { connection, thumbnailer, clock, onUnavailable }),
      imageSinksOf: (speaker) => this.#speakers.get(speaker)?.imageSinks ?? [],
      isAffordable: () => affordsPictures(connection.budget),
      clock,
      onFailed: (error) => log.debug({ err: error }, 'picture could not be taken'),
    });
  }

  /** @param waiting those whom the thread has no room for: they are not even received */
  #removeUnwantedSpeakers(wanted: readonly WantedInterpretation[], waiting: ReadonlySet<string>): void {
    for (const [id, speaker] of this.#speakers) {
      if (wanted.some((one) => one.speaker === id && one.producerId === speaker.producerId)) continue;
      const participant = this.#options.connection.participants.get(id);
      const publishes = participant?.producers.some((producer) => producer.id === speaker.producerId);
      if (participant && publishes && participant.interpret && !waiting.has(id)) {
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
    this.#departedEchoMs += speaker.echoMs;
    this.#statsRecorder.speakerRemoved(speaker.stats);
    // If the speaker has come back in the meantime, their state stays.
    if (this.#speakers.has(id)) return;
    this.#publications.removeSpeaker(id);
    this.#voiceAssignment.release(id);
    this.#suggestions.remove(id);
    this.#sourceUtterances.delete(id);
    this.#impairments.delete(id);
  }

  /** Takes no more speech of a speaker who has left, and removes them when the answers to what they said have come. */
  #drainSpeaker(speaker: Speaker): void {
    this.#speakers.delete(speaker.view.id);
    this.#drainingSpeakers.add(speaker);
    speaker
      .finish()
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'speaker who left was cut short'))
      .finally(() => {
        this.#drainingSpeakers.delete(speaker);
        this.#removeSpeaker(speaker);
        // Who is still there and has to wait is told so again.
        this.reconcile();
      });
  }

  #speakerFor(id: string, wanted: readonly WantedInterpretation[]): Speaker | undefined {
    const known = this.#speakers.get(id);
    const participant = this.#options.connection.participants.get(id);
    const producerId = wanted[0]?.producerId;
    if (known || !participant || producerId === undefined) return known;
    const { connection, newDetector, clock, log } = this.#options;
    const view = this.#viewOf(id, participant.name);
    const speaker = new Speaker({
      view,
      producerId,
      connection,
      detector: newDetector?.() ?? new SileroVoiceActivityDetector(),
      clock,
      farEndReferences: () => this.#farEndReferencesFor(id),
      createInterpretation: (one) => this.#createInterpretation(view, one),
      onTooQuiet: (isTooQuiet) => this.#reportTooQuiet(id, isTooQuiet),
      onSpeakingChanged: (isSpeaking) => this.#vision?.setSpeaking(id, isSpeaking),
      updateInterpretation: (interpretation, one) => interpretation.updateSettings(this.#settingsFor(one)),
      onIdle: () => this.#removeSpeaker(speaker),
      onReceiving: () => this.reconcile(),
      onFailed: (error, retryInMs) => {
        log.warn({ err: error, speaker: id, retryInMs }, 'microphone could not be received');
        this.reconcile();
      },
    });
    this.#speakers.set(id, speaker);
    return speaker;
  }

  /** The speaker by the name that they have at the moment; when they have left, by the last one. */
  #viewOf(id: string, name: string): SpeakerView {
    const { connection } = this.#options;
    return {
      id,
      get name() {
        name = connection.participants.get(id)?.name ?? name;
        return name;
      },
    };
  }

  /** Has the speaker and the hosts told that the speaker is hardly heard, or is heard again. */
  #reportTooQuiet(speaker: string, isTooQuiet: boolean): void {
    const { connection, log } = this.#options;
    log.info({ speaker, isTooQuiet }, 'speaker volume changed');
    connection
      .setTooQuiet(speaker, isTooQuiet)
      .catch((error: unknown) => log.debug({ err: error, speaker }, 'volume notice could not be sent'));
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
    const { connection, model, clock } = this.#options;
    const { target } = wanted;
    // Lists the interpretation in the usage, although nothing was sent yet.
    this.usage.entry(speaker, target);
    return new Interpretation({
      speaker,
      settings: this.#settingsFor(wanted),
      sourceUtterances: this.#sourceUtterancesOf(speaker.id),
      pool: this.#pool,
      catchUpRate: model.catchUpRate,
      timeoutMultiplier: model.timeoutMultiplier,
      serviceName: model.kind === 'offline' ? engineName(model) : undefined,
      clock,
      nextUtterance: () => `${this.#utterancePrefix}-${++this.#utteranceCount}`,
      roomNowMs: () => connection.now(),
      isEcho: (text) => this.#isEcho(speaker.id, text),
      emit: (event) => this.#onInterpretationEvent(speaker, wanted, event),
      retractAudio: (utterance) => this.#publications.channels.get(target, speaker.id)?.retract(utterance) ?? true,
    });
  }

  #onInterpretationEvent(speaker: SpeakerView, wanted: WantedInterpretation, event: InterpretationEvent): void {
    const { target } = wanted;
    const { channels } = this.#publications;
    switch (event.type) {
      case 'caption':
        this.#publications.send(event.language, event.caption);
        break;
      case 'voice':
        this.#publications.pushVoice(target, event.utterance, event.samples);
        break;
      case 'voiceComplete':
        channels.get(target, speaker.id)?.complete(event.utterance);
        break;
      case 'voiceCutShort':
        channels.get(target, speaker.id)?.cutShort(event.utterance);
        break;
      case 'audioSent':
        this.usage.entry(speaker, target).addAudio(event.content, event.ms);
        break;
      case 'pictureSent':
        this.usage.entry(speaker, target).addPictures(1);
        break;
      case 'usage':
        this.usage.entry(speaker, target).addTokens(event.usage);
        break;
      case 'recognized':
        this.#suggestions.push(speaker.id, target, event.recognized);
        break;
      case 'state':
        this.#setState(speaker, wanted, event);
        break;
      default:
        event satisfies never;
    }
  }

  #setState(
    speaker: SpeakerView,
    { source, target }: WantedInterpretation,
    { state, message, reason }: ReportedState,
  ): void {
    const { model } = this.#options;
    const writesOnly = source !== target && !hasVoice(model, target);
    const note: ReportedState = writesOnly
      ? {
          state,
          message: `${engineName(model)} writes "${target}" and does not say it: captions only.`,
          reason: 'captionsOnly',
        }
      : { state };
    const isNews = this.#publications.setStatus(
      speaker,
      target,
      message === undefined ? note : { state, message, reason },
    );
    if (isNews) this.#logImpairment(speaker, target, { state, message, reason });
  }

  /** Logs once what impairs an interpretation, however often its message changes, and once that nothing does any more. */
  #logImpairment(speaker: SpeakerView, target: LanguageCode, { state, message, reason }: ReportedState): void {
    const { log } = this.#options;
    const facts = { speaker: speaker.id, target };
    const causes = this.#impairments.get(speaker.id) ?? new Map<LanguageCode, string>();
    this.#impairments.set(speaker.id, causes);
    const cause = message === undefined ? undefined : `${state} ${reason ?? message}`;
    if (cause === causes.get(target)) return;
    if (cause === undefined) {
      causes.delete(target);
      log.warn(facts, 'interpretation goes on');
    } else {
      causes.set(target, cause);
      log.warn({ ...facts, state, reason: message }, 'interpretation impaired');
    }
  }

  #sourceUtterancesOf(speaker: string): SourceUtteranceIndex {
    const index = this.#sourceUtterances.get(speaker) ?? new SourceUtteranceIndex();
    this.#sourceUtterances.set(speaker, index);
    return index;
  }

  /** Reports what prevents an interpretation, before the first word is spoken, and that nothing does any more. */
  #reportImpediment(wanted: WantedInterpretation): void {
    const speaker = this.#speakers.get(wanted.speaker);
    if (!speaker) return;
    const { view } = speaker;
    const { target } = wanted;
    const impediment = this.#impedimentOf(wanted, speaker);
    if (!this.#publications.setImpediment(view, target, impediment)) return;
    const { log } = this.#options;
    const facts = { speaker: view.id, target };
    if (impediment)
      log.warn({ ...facts, state: impediment.state, reason: impediment.message }, 'interpretation impaired');
    else log.warn(facts, 'interpretation goes on');
  }

  #impedimentOf(wanted: WantedInterpretation, speaker: Speaker): ReportedState | undefined {
    const { audio, target } = wanted;
    const denial = this.#pool.denial(this.#settingsFor(wanted).sessionOptions);
    if (denial) return { state: 'unavailable', message: `${denial.message} ${TRIED_AGAIN}`, reason: 'serviceRefused' };
    if (speaker.receiveFailed)
      return {
        state: 'reconnecting',
        message: `The microphone of ${speaker.view.name} does not reach the interpreter. ${TRIED_AGAIN}`,
        reason: 'microphoneLost',
      };
    if (audio && this.#publications.channels.isSilent(target))
      return {
        state: 'reconnecting',
        message: `The audio channel in ${nameOf(target)} could not be opened: captions only. ${TRIED_AGAIN}`,
        reason: 'captionsOnly',
      };
    if (this.#withoutVoice.has(keyOf(wanted)))
      return { state: 'listening', message: CAPTIONS_FOR_NOW, reason: 'captionsOnly' };
    return undefined;
  }

  /** The model could provide it, but the budget is used up and nothing is sent to the service. */
  #reportOverBudget({ speaker, target }: WantedInterpretation): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    this.#publications.setStatus({ id: speaker, name }, target, { state: 'overBudget' });
  }

  #reportWaiting({ speaker, target }: WantedInterpretation): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    // It is of no importance now what else hinders it.
    this.#publications.setImpediment({ id: speaker, name }, target, undefined);
    const isNews = this.#publications.setStatus({ id: speaker, name }, target, {
      state: 'waiting',
      message: WAITS_FOR_CAPACITY,
      reason: 'busy',
    });
    if (isNews) this.#options.log.warn({ speaker, target }, 'interpretation waits: the thread is overloaded');
  }

  #reportUnavailable({ speaker, source, target }: UnavailableInterpretation): void {
    const name = this.#options.connection.participants.get(speaker)?.name ?? '';
    const { model } = this.#options;
    const message =
      source === target
        ? `${engineName(model)} does not understand ${nameOf(source)}.`
        : `${engineName(model)} does not translate ${nameOf(source)} into ${nameOf(target)}.`;
    this.#publications.setStatus({ id: speaker, name }, target, {
      state: 'unavailable',
      message,
      reason: 'notTranslated',
    });
  }

  #settingsFor(wanted: WantedInterpretation): InterpretationSettings {
    const { speaker, source, target, audio, originals, hasCaptionSubscribers } = wanted;
    const { voice: configuredVoice, hotwords } = this.#options.languageSettings?.[target] ?? {};
    const voice = audio ? (configuredVoice ?? this.#voiceAssignment.voiceFor(speaker, target)) : undefined;
    const sessionOptions = {
      source,
      target,
      audio,
      ...(voice !== undefined && { voice }),
      ...(hotwords && { hotwords }),
    };
    return { sessionOptions, originals, hasCaptionSubscribers };
  }
}
