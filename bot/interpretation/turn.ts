/**
 * A speaker's turn in one language, from the first word to the last final caption: leases a session, sends it the speech at the rate that
 * the model takes, then silence until the service has ended all it was sent; when a session is lost, replays the speech to another one.
 *
 * Hard requirements: after speech at most 3 s of silence are sent (silence is billed); a session that does not answer is abandoned; the turn
 * ends whatever the service does, at most 60 s after the last word.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { SpeakerView } from '../../protocol/room-messages.ts';
import type { Clock } from '../../time/clock.ts';
import type { Lease, LeaseRequest, LeaseRequester, SessionPool } from '../session/session-pool.ts';
import type { SessionOptions, TranslationError } from '../session/translation-session.ts';
import type { EmitInterpretationEvent, WithdrawVoice } from './interpretation-event.ts';
import type { SpeechChunk } from './replay-buffer.ts';
import { UtteranceAssembler } from './utterance-assembler.ts';

const TICK_MS = 100;
/** Speech is sent up to this far ahead of its rate, so that the pre-roll from before the first word goes out at once. */
const BURST_MS = 600;
const MAX_SILENCE_MS = 3000;
/** The turn ends when no segment is open and the service has begun none for this long. */
const END_AFTER_QUIET_MS = 1000;
/** A segment that is still open after the service, with all the silence it gets, was quiet for this long will never end. */
const OPEN_SEGMENT_TIMEOUT_MS = 3500;
/** A session that answers nothing for this long after the end of speech is abandoned. */
const UNRESPONSIVE_AFTER_MS = 8000;
/** The same while the speaker goes on. */
const UNRESPONSIVE_WHILE_SPEAKING_MS = 10_000;
/** Shorter speech may be noise that opened the voice gate: it gets no answer, and the session is not to blame. */
const MIN_SPEECH_MS = 1000;
/** Sessions that may be lost in a row without an answer before the speech is abandoned. */
const MAX_UNANSWERED_SESSIONS = 3;
/** How long after the last word a turn may last. */
const MAX_TAIL_MS = 60_000;

export interface TurnOptions {
  speaker: SpeakerView;
  kind: SessionOptions;
  /** Whether somebody reads the captions; else the turn is only listened to. */
  hasReaders: boolean;
  pool: Pick<SessionPool, 'requestLease'>;
  /** How fast speech that had to wait may be sent, as a multiple of the pace of speech. */
  catchUpRate: number;
  /** Multiplies how long the service may be quiet before a session is abandoned. Default: 1. */
  patience?: number | undefined;
  /** The id of the next utterance. */
  nextUtterance: () => string;
  clock: Clock;
  /** Milliseconds since the room began. */
  roomNowMs: () => number;
  emit: EmitInterpretationEvent;
  withdrawVoice: WithdrawVoice;
  /** Called once, when the turn has ended. */
  onEnded(): void;
}

/**
 * @example
 * const turn = new Turn(options);
 * turn.push({ samples, roomMs, voiced: true }); // for each chunk of speech, and of the pauses in it
 * turn.pause(); // the speaker has fallen silent: `onEnded` is called when all answers have come
 */
export class Turn {
  readonly #options: TurnOptions;
  readonly #assembler: UtteranceAssembler;
  #leaseRequest: LeaseRequest | undefined;
  #lease: Lease | undefined;
  #cancelTick: () => void;
  #speaking = true;
  #ended = false;
  #denied = false;
  /** When the next speech may be sent. */
  #nextSendMs = 0;
  /** When the last word was spoken or, where it had to wait, sent. */
  #lastWordMs: number;
  #lastAnswerMs = Number.NEGATIVE_INFINITY;
  /** Milliseconds of speech sent since the last answer of the service. */
  #unansweredMs = 0;
  /** Milliseconds of silence sent since the last word. */
  #silenceSentMs = 0;
  /** Whether the service has ended a segment since the last word. */
  #hasFinal = false;
  /** Sessions lost since the last answer. */
  #unansweredSessions = 0;

  constructor(options: TurnOptions) {
    const { speaker, kind, nextUtterance, clock, emit, withdrawVoice } = options;
    const { source, target } = kind;
    this.#options = options;
    this.#assembler = new UtteranceAssembler({
      speaker,
      source,
      target,
      nextUtterance,
      nowMs: () => clock.now(),
      emit,
      withdrawVoice,
    });
    this.#lastWordMs = clock.now();
    this.#requestLease();
    this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
  }

  /** The turn takes no more speech: what is said next belongs to a new turn. */
  get isExpired(): boolean {
    return this.#ended || (this.#lease?.isExpired ?? false);
  }

  /** The turn ended because the service opens no session of its kind. */
  get isDenied(): boolean {
    return this.#denied;
  }

  get kind(): SessionOptions {
    return this.#options.kind;
  }

  /** Milliseconds of speech that came before any session could take it and were given up. */
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
    if (chunk.voiced) this.#lastWordMs = this.#options.clock.now();
    this.#assembler.push(chunk);
    if (this.#lease) this.#sendWaiting();
    else this.#assembler.limitUnsent();
  }

  /** The voice gate has closed: the speaker has fallen silent. */
  pause(): void {
    this.#speaking = false;
  }

  /** The session that is sent the speech, if there is one: it may be shown pictures. */
  get pictureRecipient(): Pick<Lease, 'session' | 'sentMs' | 'sendImage'> | undefined {
    return this.#lease;
  }

  /** Ends the turn at once; open captions end with what was shown. */
  close(): void {
    this.#end('discard');
  }

  readonly #leaseRequester: LeaseRequester = {
    granted: (lease) => this.#onGranted(lease),
    waiting: (waitMs, reason) => this.#onWaiting(waitMs, reason),
    denied: (error) => {
      this.#denied = true;
      this.#options.emit({ type: 'state', state: 'unavailable', message: error.message });
      this.#end('discard');
    },
    lost: (error) => this.#onSessionLost(error),
    source: (text) => {
      this.#onAnswer(text.final);
      this.#assembler.source(text);
      this.#options.emit({ type: 'state', state: text.final ? 'listening' : 'translating' });
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
  };

  #requestLease(): void {
    const { pool, kind, hasReaders } = this.#options;
    this.#leaseRequest = pool.requestLease(kind, this.#leaseRequester, { hasReaders });
  }

  #onGranted(lease: Lease): void {
    this.#leaseRequest = undefined;
    this.#lease = lease;
    this.#lastAnswerMs = this.#options.clock.now();
    this.#unansweredMs = 0;
    this.#silenceSentMs = 0;
    this.#assembler.startSession(lease);
    this.#options.emit({ type: 'state', state: 'listening' });
    this.#sendWaiting();
  }

  #onWaiting(waitMs: number | undefined, reason: TranslationError | undefined): void {
    const { emit } = this.#options;
    if (reason) emit({ type: 'state', state: 'reconnecting', message: reconnectMessage(reason) });
    else if (waitMs !== undefined && waitMs >= 1000) {
      const message = `The translation service allows few connections in a minute: the next is due in ${Math.ceil(waitMs / 1000)} s. What is said meanwhile is kept.`;
      emit({ type: 'state', state: 'waiting', message });
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
    this.#options.emit({ type: 'state', state: 'listening', message: error.message });
  }

  #onSessionLost(error: TranslationError | undefined): void {
    this.#lease = undefined;
    if (this.#ended) return;
    if (error?.class === 'content') this.#onContentFiltered(error);
    else if (error) this.#options.emit({ type: 'state', state: 'reconnecting', message: reconnectMessage(error) });
    this.#replayOnNewSession();
  }

  #replayOnNewSession(): void {
    this.#assembler.restart();
    const isDone = !this.#speaking && this.#assembler.isAllSent;
    if (isDone) this.#end('release');
    else if (++this.#unansweredSessions >= MAX_UNANSWERED_SESSIONS)
      this.#abandonSpeech(
        'Three sessions in a row were lost before they said a word: what was said to them is given up.',
      );
    else this.#requestLease();
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
    while (this.#lease && this.#nextSendMs - now < BURST_MS) {
      const chunk = this.#assembler.next();
      if (!chunk) return;
      const ms = (chunk.samples.length / SPEECH_SAMPLE_RATE) * 1000;
      this.#nextSendMs = Math.max(this.#nextSendMs, now) + ms / catchUpRate;
      this.#lease.send(chunk.samples);
      emit({ type: 'audioSent', content: chunk.replayed ? 'replayed' : 'speech', ms });
      if (chunk.voiced) this.#onSpeechSent(ms);
    }
  }

  #onSpeechSent(ms: number): void {
    this.#lastWordMs = this.#options.clock.now();
    this.#unansweredMs += ms;
    this.#silenceSentMs = 0;
    this.#hasFinal = false;
  }

  #checkLeaseWait(): void {
    if (this.#speaking || this.#options.clock.now() - this.#lastWordMs < MAX_TAIL_MS) return;
    this.#abandonSpeech('There was no session to be had for a minute: what was said last is given up.');
  }

  #checkResponsiveness(): void {
    const quietMs = this.#scaleByPatience(this.#options.clock.now() - this.#lastAnswerMs);
    const isUnresponsive = quietMs >= UNRESPONSIVE_WHILE_SPEAKING_MS;
    if (isUnresponsive && this.#unansweredMs >= UNRESPONSIVE_WHILE_SPEAKING_MS / 2) this.#abandonSession();
  }

  /** All speech was sent: sends silence until the service has ended all segments, and ends the turn. */
  #checkEnd(): void {
    const sinceWordMs = this.#options.clock.now() - this.#lastWordMs;
    const quietMs = Math.min(sinceWordMs, this.#options.clock.now() - this.#lastAnswerMs);
    const { hasOpenSegments } = this.#assembler;
    const isAnswered = this.#lastAnswerMs > this.#lastWordMs;
    if (!hasOpenSegments && this.#hasFinal && quietMs >= END_AFTER_QUIET_MS) this.#end('release');
    else if (this.#silenceSentMs < MAX_SILENCE_MS) this.#sendSilence();
    else if (sinceWordMs >= MAX_TAIL_MS) this.#end('discard');
    else if (isAnswered && this.#scaleByPatience(quietMs) >= OPEN_SEGMENT_TIMEOUT_MS)
      this.#end(hasOpenSegments ? 'discard' : 'release');
    else if (!hasOpenSegments && this.#unansweredMs < MIN_SPEECH_MS) this.#end('release');
    else if (!isAnswered && this.#scaleByPatience(quietMs) >= UNRESPONSIVE_AFTER_MS) this.#abandonSession();
  }

  /** Shortens a wait, before it is compared with a limit, for a service that may take its time. */
  #scaleByPatience(ms: number): number {
    return ms / (this.#options.patience ?? 1);
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
    const message = 'The translation service does not answer. What was said is sent again.';
    this.#options.emit({ type: 'state', state: 'reconnecting', message });
    this.#replayOnNewSession();
  }

  /** Ends the turn without the answers to its speech; what is said next begins a new one. */
  #abandonSpeech(message: string): void {
    this.#options.emit({ type: 'state', state: 'listening', message });
    this.#end('discard');
  }

  #end(leave: 'release' | 'discard'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTick();
    this.#leaseRequest?.cancel();
    this.#lease?.[leave]();
    this.#lease = undefined;
    this.#assembler.finish();
    this.#options.onEnded();
  }
}

/** Says what happened without advice: people who read it in a meeting need not do anything. */
const reconnectMessage = ({ what }: TranslationError): string => `${what} Booth connects again by itself.`;
