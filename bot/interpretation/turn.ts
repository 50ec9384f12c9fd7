/**
 * One turn of a speaker in one target language, from the first word to the last final caption: leases a session, sends it the speech at the
 * rate that the model takes, then silence until the service has ended all segments; when a session is lost, replays the speech to another.
 *
 * A turn is what a speaker says between two pauses that end it; a segment is the unit into which the service cuts the speech and its
 * translation; an utterance is the unit that Booth captions and plays, a segment or a part of a long one.
 *
 * Hard requirements: after speech at most 3 s of silence are sent (silence is billed); a session that does not answer is abandoned; the turn
 * ends whatever the service does, at most 60 s after the last speech.
 */

import type { SpeakerView } from '@mediasoup-booth/protocol';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { Clock } from '../../time/clock.ts';
import type { Lease, LeaseRequest, LeaseRequester, SessionPool } from '../session/session-pool.ts';
import type { SessionOptions, TranslationError } from '../session/translation-session.ts';
import type { EmitInterpretationEvent, RetractAudio } from './interpretation-event.ts';
import type { SpeechChunk } from './replay-buffer.ts';
import { SERVICE_NAME, ServiceBacklog } from './service-backlog.ts';
import { UtteranceAssembler } from './utterance-assembler.ts';

const TICK_MS = 100;
/** Speech is sent up to this far ahead of its rate, so that the pre-roll from before the first word goes out at once. */
const BURST_MS = 600;
const MAX_SILENCE_MS = 3000;
/** The turn ends when no segment is open and the service has begun none for this long. */
const END_AFTER_QUIET_MS = 1000;
/** A segment that is still open after the service, with all the silence it gets, was quiet for this long will never end. */
const OPEN_SEGMENT_TIMEOUT_MS = 3500;
/** A session that sends no answer for this long after the end of speech is abandoned. */
const UNRESPONSIVE_AFTER_MS = 8000;
/** A session that sends no answer for this long while the speaker keeps speaking is abandoned. */
const UNRESPONSIVE_WHILE_SPEAKING_MS = 10_000;
/** Shorter speech may be noise that opened the voice gate: a session that does not answer it is released, not counted as a failed session. */
const MIN_SPEECH_MS = 1000;
/** After this many sessions in a row were lost without an answer, the speech is abandoned. */
const MAX_UNANSWERED_SESSIONS = 3;
/** A shorter wait for a connection is not reported to people. */
const MIN_REPORTED_WAIT_MS = 1000;
/** How long a turn may wait for answers after the last speech. */
const MAX_DRAIN_MS = 60_000;
const UNANSWERED = 'The last speech was not answered within a minute; what is missing of it is not translated.';

export interface TurnOptions {
  speaker: SpeakerView;
  sessionOptions: SessionOptions;
  /** Whether somebody subscribes to the captions; false: the interpretation is only listened to. */
  hasCaptionSubscribers: boolean;
  pool: Pick<SessionPool, 'requestLease'>;
  /** How fast speech that had to wait may be sent, as a multiple of the pace of speech. */
  catchUpRate: number;
  /** Multiplies the time that the service may take to answer before a session is abandoned. Default: 1. */
  timeoutMultiplier?: number | undefined;
  /** What messages call the service, at the beginning of a sentence. Default: "The translation service". */
  serviceName?: string | undefined;
  /** The id of the next utterance. */
  nextUtterance: () => string;
  clock: Clock;
  /** Milliseconds since the room began. */
  roomNowMs: () => number;
  emit: EmitInterpretationEvent;
  retractAudio: RetractAudio;
  /** Called once, when the turn has ended. */
  onEnded(): void;
}

/**
 * @example
 * const turn = new Turn(options);
 * turn.push({ samples, roomMs, isSpeech: true }); // for each chunk of speech, and of the pauses in it
 * turn.pause(); // the speaker has fallen silent: `onEnded` is called when all answers have come
 */
export class Turn {
  readonly #options: TurnOptions;
  readonly #assembler: UtteranceAssembler;
  readonly #backlog: ServiceBacklog;
  /** Why there is no session, while there is none. */
  #lastFailure: TranslationError | undefined;
  #leaseRequest: LeaseRequest | undefined;
  #lease: Lease | undefined;
  #cancelTick: () => void;
  #speaking = true;
  #ended = false;
  #denied = false;
  /** When the next speech may be sent. */
  #nextSendMs = 0;
  /** When the last speech came in or, where it had to wait, was sent. */
  #lastSpeechMs: number;
  #lastAnswerMs = Number.NEGATIVE_INFINITY;
  /** Milliseconds of speech sent since the last answer of the service. */
  #unansweredMs = 0;
  /** Milliseconds of silence sent since the last speech. */
  #silenceSentMs = 0;
  /** Whether the service has ended a segment since the last speech. */
  #hasFinal = false;
  /** Sessions lost since the last answer. */
  #unansweredSessions = 0;

  constructor(options: TurnOptions) {
    const { speaker, sessionOptions, nextUtterance, clock, emit, retractAudio } = options;
    const { source, target } = sessionOptions;
    this.#options = options;
    this.#backlog = new ServiceBacklog(options.serviceName);
    this.#assembler = new UtteranceAssembler({
      speaker,
      source,
      target,
      nextUtterance,
      nowMs: () => clock.now(),
      emit,
      retractAudio,
    });
    this.#lastSpeechMs = clock.now();
    this.#requestLease();
    this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
  }

  /** The turn takes no more speech: the next speech belongs to a new turn. */
  get isExpired(): boolean {
    return this.#ended || (this.#lease?.isExpired ?? false);
  }

  /** The turn ended because the service denies sessions with these options at the moment. */
  get isDenied(): boolean {
    return this.#denied;
  }

  get sessionOptions(): SessionOptions {
    return this.#options.sessionOptions;
  }

  /** Milliseconds of speech that were dropped because no session took them in time. */
  get droppedMs(): number {
    return this.#assembler.droppedMs;
  }

  /** Milliseconds of speech that wait to be sent. */
  get waitingMs(): number {
    return this.#ended ? 0 : this.#assembler.waitingMs;
  }

  /** Takes speech, and the pauses in it, as they come. */
  push(chunk: SpeechChunk): void {
    if (this.#ended) return;
    this.#speaking = true;
    if (chunk.isSpeech) this.#lastSpeechMs = this.#options.clock.now();
    this.#assembler.push(chunk);
    if (this.#lease) this.#sendWaiting();
    else this.#assembler.limitUnsent();
    this.#reportBacklog();
  }

  /** The voice gate has closed: the speaker has fallen silent. */
  pause(): void {
    this.#speaking = false;
  }

  /** The session that is sent the speech, if there is one, as a sink for pictures. */
  get imageSink(): Pick<Lease, 'session' | 'sentMs' | 'sendImage'> | undefined {
    return this.#lease;
  }

  /** Ends the turn at once; open captions end with what was shown. */
  close(): void {
    this.#end('discard');
  }

  readonly #leaseRequester: LeaseRequester = {
    granted: (lease) => this.#onGranted(lease),
    waiting: (waitMs, reason) => this.#onWaiting(waitMs, reason),
    // The owner of the pool reports it, as it outlasts this turn.
    denied: () => {
      this.#denied = true;
      this.#end('discard');
    },
    lost: (error) => this.#onSessionLost(error),
    source: (text) => {
      this.#onAnswer(text.final);
      this.#assembler.source(text);
      if (!this.#backlog.isTold) this.#options.emit({ type: 'state', state: text.final ? 'listening' : 'translating' });
    },
    translation: (text) => {
      this.#onAnswer(text.final);
      this.#assembler.translation(text);
    },
    audio: (segment, samples) => {
      this.#onAnswer(false);
      this.#assembler.audio(segment, samples);
    },
    audioEnd: (segment) => {
      this.#onAnswer(false);
      this.#assembler.audioEnd(segment);
    },
    contentFiltered: (error) => {
      this.#onAnswer(true);
      this.#onContentFiltered(error);
    },
    usage: (usage) => this.#options.emit({ type: 'usage', usage }),
    backlog: (waitingMs, speakersAhead) => {
      this.#backlog.report({ waitingMs, speakersAhead }, this.#options.clock.now());
      this.#reportBacklog();
    },
  };

  #requestLease(): void {
    const { pool, sessionOptions, hasCaptionSubscribers } = this.#options;
    this.#leaseRequest = pool.requestLease(sessionOptions, this.#leaseRequester, { hasCaptionSubscribers });
  }

  #onGranted(lease: Lease): void {
    this.#leaseRequest = undefined;
    this.#lease = lease;
    this.#lastFailure = undefined;
    this.#lastAnswerMs = this.#options.clock.now();
    this.#unansweredMs = 0;
    this.#silenceSentMs = 0;
    this.#backlog.restart();
    this.#assembler.startSession(lease);
    this.#options.emit({ type: 'state', state: 'listening' });
    this.#sendWaiting();
  }

  #onWaiting(waitMs: number | undefined, reason: TranslationError | undefined): void {
    const { emit } = this.#options;
    if (reason) this.#reconnecting(reason);
    else if (waitMs !== undefined && waitMs >= MIN_REPORTED_WAIT_MS) {
      const next = `${this.#options.serviceName ?? SERVICE_NAME} allows few connections per minute: next connection in ${Math.ceil(waitMs / 1000)} s; speech is buffered meanwhile.`;
      const failure = this.#lastFailure;
      if (failure)
        emit({
          type: 'state',
          state: 'reconnecting',
          message: `${failure.summary} ${next}`,
          reason: 'serviceFailed',
        });
      else emit({ type: 'state', state: 'waiting', message: next, reason: 'connectionLimit' });
    }
  }

  #onAnswer(final: boolean): void {
    this.#lastAnswerMs = this.#options.clock.now();
    this.#unansweredMs = 0;
    this.#unansweredSessions = 0;
    this.#hasFinal ||= final;
  }

  #onContentFiltered(error: TranslationError): void {
    this.#assembler.contentFiltered();
    this.#options.emit({ type: 'state', state: 'listening', message: error.message, reason: 'speechLost' });
  }

  #onSessionLost(error: TranslationError | undefined): void {
    this.#lease = undefined;
    if (this.#ended) return;
    if (error?.class === 'content') this.#onContentFiltered(error);
    else if (error) this.#reconnecting(error);
    this.#replayOnNewSession();
  }

  #reconnecting(failure: TranslationError): void {
    this.#lastFailure = failure;
    this.#options.emit({
      type: 'state',
      state: 'reconnecting',
      message: reconnectMessage(failure),
      reason: 'serviceFailed',
    });
  }

  #replayOnNewSession(): void {
    this.#assembler.restart();
    const isDone = !this.#speaking && this.#assembler.isAllSent;
    if (isDone) this.#end('release');
    else if (++this.#unansweredSessions >= MAX_UNANSWERED_SESSIONS)
      this.#abandonSpeech('Three sessions in a row failed before they answered; that speech is not translated.');
    else this.#requestLease();
  }

  #reportBacklog(): void {
    const notice = this.#backlog.notice(this.#assembler.waitingMs, this.#assembler.droppedMs);
    if (!notice) return;
    const { message, reason } = notice;
    const { emit } = this.#options;
    if (message === undefined) emit({ type: 'state', state: 'listening' });
    else emit({ type: 'state', state: 'waiting', message, reason });
  }

  #tick(): void {
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick());
    if (!this.#lease) {
      this.#checkLeaseWait();
      return;
    }
    this.#sendWaiting();
    if (this.#speaking || !this.#assembler.isAllSent) this.#checkResponsiveness();
    else this.#checkEnd();
  }

  #sendWaiting(): void {
    const { clock, catchUpRate, emit } = this.#options;
    const now = clock.now();
    while (this.#lease && !this.#backlog.isFull && this.#nextSendMs - now < BURST_MS) {
      const chunk = this.#assembler.next();
      if (!chunk) return;
      const ms = (chunk.samples.length / SPEECH_SAMPLE_RATE) * 1000;
      this.#nextSendMs = Math.max(this.#nextSendMs, now) + ms / catchUpRate;
      this.#lease.send(chunk.samples);
      this.#backlog.sent(ms);
      emit({ type: 'audioSent', content: chunk.replayed ? 'replayed' : 'speech', ms });
      if (chunk.isSpeech) this.#onSpeechSent(ms);
    }
  }

  #onSpeechSent(ms: number): void {
    this.#lastSpeechMs = this.#options.clock.now();
    this.#unansweredMs += ms;
    this.#silenceSentMs = 0;
    this.#hasFinal = false;
  }

  #checkLeaseWait(): void {
    if (this.#speaking || this.#options.clock.now() - this.#lastSpeechMs < MAX_DRAIN_MS) return;
    this.#abandonSpeech(
      'No session with the translation service was available for a minute; the last speech was not translated.',
    );
  }

  #checkResponsiveness(): void {
    const quietMs = this.#options.clock.now() - this.#lastSignOfLifeMs;
    const isUnresponsive = quietMs >= UNRESPONSIVE_WHILE_SPEAKING_MS * this.#timeoutMultiplier;
    if (isUnresponsive && this.#unansweredMs >= UNRESPONSIVE_WHILE_SPEAKING_MS / 2) this.#abandonSession();
  }

  /** All speech was sent: sends silence until the service has ended all segments, and ends the turn. */
  #checkEnd(): void {
    const sinceSpeechMs = this.#options.clock.now() - this.#lastSpeechMs;
    const quietMs = Math.min(sinceSpeechMs, this.#options.clock.now() - this.#lastSignOfLifeMs);
    const { hasOpenSegments } = this.#assembler;
    const isAnswered = this.#lastAnswerMs > this.#lastSpeechMs;
    const isBehind = this.#backlog.waitingMs > 0 && quietMs < UNRESPONSIVE_AFTER_MS * this.#timeoutMultiplier;
    if (!hasOpenSegments && !isBehind && this.#hasFinal && quietMs >= END_AFTER_QUIET_MS) this.#end('release');
    else if (this.#silenceSentMs < MAX_SILENCE_MS) this.#sendSilence();
    else if (sinceSpeechMs >= MAX_DRAIN_MS) this.#abandonSpeech(UNANSWERED);
    else if (isBehind) return;
    else if (isAnswered && quietMs >= OPEN_SEGMENT_TIMEOUT_MS * this.#timeoutMultiplier)
      this.#end(hasOpenSegments ? 'discard' : 'release');
    else if (!hasOpenSegments && this.#unansweredMs < MIN_SPEECH_MS) this.#end('release');
    else if (!isAnswered && quietMs >= UNRESPONSIVE_AFTER_MS * this.#timeoutMultiplier) this.#abandonSession();
  }

  /** When the service last answered, or reported that it works on the speech. */
  get #lastSignOfLifeMs(): number {
    return Math.max(this.#lastAnswerMs, this.#backlog.reportedAtMs);
  }

  get #timeoutMultiplier(): number {
    return this.#options.timeoutMultiplier ?? 1;
  }

  #sendSilence(): void {
    const samples = (SPEECH_SAMPLE_RATE * TICK_MS) / 1000;
    this.#lease?.send(new Int16Array(samples));
    this.#assembler.silenceSent(samples, this.#options.roomNowMs());
    this.#silenceSentMs += TICK_MS;
    this.#options.emit({ type: 'audioSent', content: 'silence', ms: TICK_MS });
  }

  /** Discards a session that does not answer, and replays the speech to another. */
  #abandonSession(): void {
    this.#lease?.discard();
    this.#lease = undefined;
    const { serviceName = SERVICE_NAME, emit } = this.#options;
    const message = `${serviceName} does not answer; the speech is sent again over a new connection.`;
    emit({ type: 'state', state: 'reconnecting', message, reason: 'serviceFailed' });
    this.#replayOnNewSession();
  }

  /** Ends the turn without the answers to its speech; the next speech starts a new turn. */
  #abandonSpeech(message: string): void {
    this.#options.emit({ type: 'state', state: 'listening', message, reason: 'speechLost' });
    this.#end('discard');
  }

  #end(leaseDisposition: 'release' | 'discard'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTick();
    this.#leaseRequest?.cancel();
    this.#lease?.[leaseDisposition]();
    this.#lease = undefined;
    this.#assembler.finish();
    this.#options.onEnded();
  }
}

/** Says what happened without advice: people who read it in a meeting need not do anything. */
const reconnectMessage = ({ summary }: TranslationError): string => `${summary} Booth connects again by itself.`;
