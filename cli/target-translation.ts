/**
 * Translates a recording into one language: sends the speech as fast as the service takes it, and tells what was said and translated
 * with the time in the recording. A session that is cut off is replaced, and what it had not answered is said again to the next one.
 *
 * Bounds: 60 s of unanswered speech are kept, then the oldest counts as lost; six attempts in a row bring nothing, then it is given up.
 */
import {
  type OpenSession,
  type SessionEvents,
  type SessionOptions,
  type SourceText,
  sumUsage,
  type TokenUsage,
  TranslationError,
  type TranslationSession,
} from '@mediasoup-booth/interpreter/livetranslate';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { type Clock, sleep } from '../time/clock.ts';
import { SpeechOnsets } from './speech-onsets.ts';
import type { TranslatedUtterance, TranslationRecord } from './translated-utterance.ts';

const SAMPLES_PER_MS = SPEECH_SAMPLE_RATE / 1000;
const CLOSING_SILENCE_MS = 2500;
const MAX_UNANSWERED_MS = 60_000;
/** A segment that got no translation within this much further speech gets none any more. */
const GIVEN_UP_AFTER_MS = 45_000;
/** What is said again begins this much before its first word, as far as nothing else was said there. */
const LEAD_MS = 300;
/** No more is sent while more than this waits at the service. */
const MAX_BACKLOG_MS = 2000;
const MAX_ATTEMPTS = 6;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/** The picture that belongs to a moment of the recording. */
export interface RecordingPictures {
  /** `id` is another for another picture, and where the same shall be sent again. Undefined: there is none. */
  at(positionMs: number): Promise<{ id: string; jpeg: Uint8Array } | undefined>;
  close?(): void;
}

export interface TargetTranslationOptions {
  openSession: OpenSession;
  sessionOptions: SessionOptions;
  events: SessionEvents;
  record: TranslationRecord;
  clock: Clock;
  /** How much faster than real time speech is sent. */
  pace: number;
  /** Called before each session is opened; resolves when it may be. */
  reserve(): Promise<void>;
  pictures?: RecordingPictures;
  /** Where in the recording the speech begins. */
  fromMs: number;
  /** Ends the pause before another session is tried. */
  signal: AbortSignal;
  /** Tells people that a session was cut off, and when the next one is tried. */
  onCut(error: TranslationError, retryInMs: number): void;
}

export interface TranslationOutcome {
  sentSeconds: number;
  /** Seconds of translated speech that were received. */
  receivedSeconds: number;
  usage: TokenUsage;
  /** How many pictures were sent. */
  picturesSent: number;
  /** How many final texts there were in the target language. */
  finalTexts: number;
  /** Speech that was never answered, because a session was lost or the service refused it. */
  lostSeconds: number;
}

interface Segment {
  startMs: number;
  endMs: number | undefined;
  source: string;
  isFinal: boolean;
  isAnswered: boolean;
}

interface Answer {
  /** How much of the recording was sent when it began. */
  readonly sentMs: number;
  sourceSegment: string | undefined;
  text: string | undefined;
  voice: { offset: number; length: number } | undefined;
  isVoiceComplete: boolean;
}

export class TargetTranslation {
  readonly #options: TargetTranslationOptions;
  readonly #usages: TokenUsage[] = [];
  readonly #onsets = new SpeechOnsets();
  /** Speech that is to be sent. */
  #pending: Int16Array[] = [];
  /** Speech that was sent and not answered yet, from `#doneMs` on. */
  #unanswered: Int16Array[] = [];
  #doneMs: number;
  #session: OpenedSession | undefined;
  #attempts = 0;
  #wasReady = false;
  #nextSendMs = 0;
  #sentSamples = 0;
  #receivedSamples = 0;
  #finalTexts = 0;
  #picturesSent = 0;
  #lostMs = 0;
  /** Why what comes cannot be kept any more, as on a full disk. */
  #recordFailure: { error: unknown } | undefined;

  constructor(options: TargetTranslationOptions) {
    this.#options = options;
    this.#doneMs = options.fromMs;
  }

  get outcome(): TranslationOutcome {
    return {
      sentSeconds: this.#sentSamples / SPEECH_SAMPLE_RATE,
      receivedSeconds: this.#receivedSamples / VOICE_SAMPLE_RATE,
      usage: sumUsage(this.#usages),
      picturesSent: this.#picturesSent,
      finalTexts: this.#finalTexts,
      lostSeconds: this.#lostMs / 1000,
    };
  }

  /**
   * Sends speech that follows what was sent before. Resolves when the service takes more.
   *
   * @throws {TranslationError}; what the record throws
   */
  async send(chunk: Int16Array): Promise<void> {
    this.#pending.push(chunk);
    await this.#sendPending();
  }

  /** Waits for the translation of all that was sent. @throws {TranslationError}; what the record throws */
  async finish(): Promise<void> {
    for (;;) {
      await this.#sendPending();
      const session = this.#session;
      if (!session) return;
      session.translation.send(new Int16Array(CLOSING_SILENCE_MS * SAMPLES_PER_MS));
      session.isFinishing = true;
      await session.translation.finish();
      session.translation.close();
      this.#requireRecord();
      if (!session.error) return this.#conclude(session);
      await this.#recover(session.error);
    }
  }

  close(): void {
    this.#session?.translation.close();
  }

  async #sendPending(): Promise<void> {
    while (this.#pending.length > 0) {
      this.#requireRecord();
      const session = await this.#readySession();
      await this.#wait(session);
      if (session.isEnded) continue;
      const chunk = this.#pending.shift();
      if (!chunk) return;
      session.translation.send(chunk);
      this.#onsets.add(chunk, session.startMs + session.sentMs);
      this.#sentSamples += chunk.length;
      session.sentMs += chunk.length / SAMPLES_PER_MS;
      this.#keep(chunk);
      await this.#showPicture(session);
    }
  }

  /** The session, which is opened where there is none. */
  async #readySession(): Promise<OpenedSession> {
    for (;;) {
      if (this.#session?.isEnded) await this.#recover(this.#session.error ?? unexpectedEnd());
      if (!this.#session) {
        await this.#options.reserve();
        this.#session = this.#open();
      }
      const session = this.#session;
      await session.isReady;
      if (!session.isEnded) return session;
    }
  }

  /** @throws the error, where another attempt cannot help; the signal's reason */
  async #recover(error: TranslationError): Promise<void> {
    const { clock, onCut, signal } = this.#options;
    this.#session = undefined;
    this.#pending = [...this.#unanswered, ...this.#pending];
    this.#unanswered = [];
    this.#attempts++;
    if (!error.retryable || !this.#wasReady || this.#attempts > MAX_ATTEMPTS) throw error;
    const retryInMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#attempts - 1));
    onCut(error, retryInMs);
    await sleep(clock, retryInMs, signal);
    signal.throwIfAborted();
  }

  /** At the service's pace, and not faster after a delay, as it would drop what comes in a burst. */
  async #wait(session: OpenedSession): Promise<void> {
    const { clock, pace } = this.#options;
    await sleep(clock, Math.max(0, this.#nextSendMs - clock.now()));
    while (session.backlogMs > MAX_BACKLOG_MS && !session.isEnded) await sleep(clock, 100);
    const chunkMs = (this.#pending[0]?.length ?? 0) / SAMPLES_PER_MS;
    this.#nextSendMs = Math.max(this.#nextSendMs, clock.now() - chunkMs) + chunkMs / pace;
  }

  #keep(chunk: Int16Array): void {
    this.#unanswered.push(chunk);
    let keptMs = this.#unanswered.reduce((sum, { length }) => sum + length, 0) / SAMPLES_PER_MS;
    for (; keptMs > MAX_UNANSWERED_MS; keptMs = keptMs - this.#dropOldest());
  }

  #dropOldest(): number {
    const ms = (this.#unanswered.shift()?.length ?? 0) / SAMPLES_PER_MS;
    this.#doneMs += ms;
    return ms;
  }

  async #showPicture(session: OpenedSession): Promise<void> {
    const positionMs = session.startMs + session.sentMs;
    const picture = await this.#options.pictures?.at(positionMs);
    if (!picture || picture.id === session.picture || !session.translation.sendImage(picture.jpeg)) return;
    session.picture = picture.id;
    this.#picturesSent++;
  }

  #open(): OpenedSession {
    const { openSession, sessionOptions } = this.#options;
    const isReady = Promise.withResolvers<void>();
    const segments = new Map<string, Segment>();
    const answers = new Map<string, Answer>();
    const { events } = this.#options;
    const answerOf = (name: string): Answer => {
      const known = answers.get(name);
      if (known) return known;
      const answer = {
        sentMs: session.startMs + session.sentMs,
        sourceSegment: undefined,
        text: undefined,
        voice: undefined,
        isVoiceComplete: false,
      };
      answers.set(name, answer);
      return answer;
    };
    let hasVoice = sessionOptions.audio && sessionOptions.source !== sessionOptions.target;
    const complete = (name: string) => this.#completed(session, name, hasVoice);
    const translation = openSession(sessionOptions, {
      ...events,
      ready: (agreed) => {
        hasVoice &&= agreed.audio;
        this.#wasReady = true;
        isReady.resolve();
        events.ready(agreed);
      },
      source: (text) => {
        events.source(text);
        this.#sourceChanged(session, text);
      },
      translation: (text) => {
        events.translation(text);
        const answer = answerOf(text.segment);
        answer.sourceSegment ??= text.sourceSegment;
        if (!text.final) return;
        answer.text = text.confirmed;
        complete(text.segment);
      },
      audio: (name, samples) => {
        events.audio(name, samples);
        this.#receivedSamples += samples.length;
        const offset = this.#recorded((record) => record.addVoice(samples)) ?? 0;
        const answer = answerOf(name);
        answer.voice = { offset: answer.voice?.offset ?? offset, length: (answer.voice?.length ?? 0) + samples.length };
      },
      audioEnd: (name) => {
        events.audioEnd(name);
        answerOf(name).isVoiceComplete = true;
        complete(name);
      },
      usage: (usage) => {
        events.usage(usage);
        this.#usages.push(usage);
      },
      backlog: (waitingMs) => {
        session.backlogMs = waitingMs;
      },
      closed: (error) => {
        events.closed(error);
        session.isEnded = true;
        if (error) session.error = error;
        isReady.resolve();
      },
    });
    const session: OpenedSession = {
      translation,
      segments,
      answers,
      isReady: isReady.promise,
      startMs: this.#doneMs,
      sentMs: 0,
      backlogMs: 0,
      isEnded: false,
      isFinishing: false,
      error: undefined,
      picture: undefined,
    };
    return session;
  }

  #sourceChanged(
    session: OpenedSession,
    { segment: name, confirmed, tentative, final, startMs, endMs }: SourceText,
  ): void {
    const { sessionOptions } = this.#options;
    const segment = session.segments.get(name) ?? {
      // Without a time of the service, what is heard was said just now.
      startMs: session.startMs + session.sentMs,
      endMs: undefined,
      source: '',
      isFinal: false,
      isAnswered: false,
    };
    session.segments.set(name, segment);
    segment.source = (confirmed + tentative).trim();
    if (startMs !== undefined) segment.startMs = session.startMs + startMs;
    if (endMs !== undefined) segment.endMs = session.startMs + endMs;
    if (!final || segment.isFinal) return;
    segment.isFinal = true;
    segment.source = confirmed.trim();
    segment.endMs ??= session.startMs + session.sentMs;
    if (segment.source === '') segment.isAnswered = true;
    const isTranscript = sessionOptions.source === sessionOptions.target && !segment.isAnswered;
    if (isTranscript) segment.isAnswered = true;
    this.#acknowledge(session);
    if (!isTranscript) return;
    this.#finalTexts++;
    this.#add({
      startMs: this.#onsets.onsetAfter(segment.startMs),
      endMs: segment.endMs,
      source: segment.source,
      translation: segment.source,
    });
  }

  /** A translation is complete when its text is final and its voice has ended. */
  #completed(session: OpenedSession, name: string, hasVoice: boolean): void {
    const answer = session.answers.get(name);
    if (!answer || answer.text === undefined || (hasVoice && !answer.isVoiceComplete)) return;
    session.answers.delete(name);
    const text = answer.text.trim();
    const segment = segmentOf(session, answer);
    if (segment) segment.isAnswered = true;
    this.#acknowledge(session);
    if (text === '') return;
    this.#finalTexts++;
    const startMs = segment ? this.#onsets.onsetAfter(segment.startMs) : answer.sentMs;
    this.#add({
      startMs,
      endMs: Math.max(startMs, segment?.endMs ?? answer.sentMs),
      source: segment?.source ?? '',
      translation: text,
      ...(answer.voice && { voice: answer.voice }),
    });
  }

  #add(utterance: TranslatedUtterance): void {
    this.#recorded((record) => record.add(utterance, this.#doneMs));
  }

  /** Nothing is thrown out of an event of the session: who sends the speech learns of it, and nothing more is kept. */
  #recorded<T>(action: (record: TranslationRecord) => T): T | undefined {
    if (this.#recordFailure) return undefined;
    try {
      return action(this.#options.record);
    } catch (error) {
      this.#recordFailure = { error };
      return undefined;
    }
  }

  #requireRecord(): void {
    if (this.#recordFailure) throw this.#recordFailure.error;
  }

  /** What lies before the first segment that is not answered is done, and is not said again. */
  #acknowledge(session: OpenedSession): void {
    this.#giveUpOld(session);
    const open = [...session.segments.values()].filter(({ isAnswered }) => !isAnswered);
    const answered = [...session.segments.values()].filter(({ isAnswered }) => isAnswered);
    const openMs = Math.min(...open.map(({ startMs }) => Math.min(startMs, this.#onsets.onsetAfter(startMs))));
    const answeredMs = answered.map(({ startMs, endMs }) => endMs ?? startMs).filter((ms) => ms <= openMs);
    const leadMs = open.length > 0 ? openMs - LEAD_MS : 0;
    const doneMs = Math.max(this.#doneMs, leadMs, ...answeredMs);
    if (doneMs > this.#doneMs) this.#attempts = 0;
    while (this.#unanswered[0] && this.#doneMs + this.#unanswered[0].length / SAMPLES_PER_MS <= doneMs)
      this.#dropOldest();
    for (const [name, { isAnswered, endMs }] of session.segments)
      if (isAnswered && endMs !== undefined && endMs < this.#doneMs - GIVEN_UP_AFTER_MS) session.segments.delete(name);
  }

  #giveUpOld(session: OpenedSession): void {
    const nowMs = session.startMs + session.sentMs;
    for (const segment of session.segments.values()) {
      if (segment.isAnswered || !segment.isFinal || nowMs - (segment.endMs ?? nowMs) < GIVEN_UP_AFTER_MS) continue;
      segment.isAnswered = true;
      this.#lostMs += (segment.endMs ?? segment.startMs) - segment.startMs;
    }
  }

  /** What the service has not answered by now, it does not answer; a voice whose end it did not tell has ended. */
  #conclude(session: OpenedSession): void {
    for (const name of [...session.answers.keys()]) this.#completed(session, name, false);
    this.#requireRecord();
    for (const { isAnswered, startMs, endMs } of session.segments.values())
      if (!isAnswered) this.#lostMs += Math.max(0, (endMs ?? startMs) - startMs);
  }
}

interface OpenedSession {
  readonly translation: TranslationSession;
  readonly segments: Map<string, Segment>;
  readonly answers: Map<string, Answer>;
  readonly isReady: Promise<void>;
  /** Where in the recording its speech begins. */
  readonly startMs: number;
  sentMs: number;
  backlogMs: number;
  isEnded: boolean;
  isFinishing: boolean;
  error: TranslationError | undefined;
  /** The id of the picture that it was shown last. */
  picture: string | undefined;
}

/** The segment that was translated: the one that is named, else the oldest without a translation. */
function segmentOf({ segments }: OpenedSession, { sourceSegment }: Answer): Segment | undefined {
  if (sourceSegment !== undefined) return segments.get(sourceSegment);
  return [...segments.values()].find(({ isAnswered }) => !isAnswered);
}

const unexpectedEnd = (): TranslationError =>
  new TranslationError('transient', 'ended', 'The translation service ended the session.');
