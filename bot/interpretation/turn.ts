/**
 * A speaker's turn in one language, from the first word to the last final: leases a session, sends it what is said at the pace
 * that the model takes, then silence until the service has ended what it heard, and begins again on another session when one is lost.
 *
 * Hard requirements: after speech at most 3 s of silence are sent (silence is billed); a session that says nothing at all is
 * given up; the turn ends whatever the service does, at most 60 s after the last word.
 */
import type { InterpretationState, SpeakerView } from '../../protocol/room-messages.ts';
import type { Clock } from '../../time/clock.ts';
import type { Lease, LeaseRequest, LeaseRequester, SessionPool } from '../session/session-pool.ts';
import type { SessionOptions, TokenUsage, TranslationError } from '../session/translation-session.ts';
import type { SpeechChunk } from './replay-buffer.ts';
import { UtteranceAssembler, type UtteranceAssemblerOutput } from './utterance-assembler.ts';

const RATE = 16_000;
const TICK_MS = 100;
/** What the gate kept from before the first word goes out at once. */
const BURST_MS = 600;
const MAX_SILENCE_MS = 3000;
/** Nothing is open, and for so long nothing was begun. */
const END_AFTER_QUIET_MS = 1000;
/** What is still open when the service has been quiet for so long, and had all the silence it gets, never ends. */
const OPEN_SEGMENT_TIMEOUT_MS = 3500;
/** A service that says nothing at all for so long of what it is sent does not listen. */
const UNRESPONSIVE_AFTER_MS = 8000;
const UNRESPONSIVE_WHILE_SPEAKING_MS = 10_000;
/** Noise opens the gate too, and gets no answer. */
const SHORTEST_SPEECH_MS = 1000;
/** Sessions that one passage may use up without a word coming back. */
const MAX_UNANSWERED_SESSIONS = 3;
const MAX_TAIL_MS = 60_000;

export interface TurnOutput extends UtteranceAssemblerOutput {
  /** For people; `message` where there is something to explain. */
  state(state: InterpretationState, message?: string): void;
  /** Milliseconds that the service was sent, and will bill. */
  fed(what: 'speech' | 'repeated' | 'silence', ms: number): void;
  usage(usage: TokenUsage): void;
}

export interface TurnOptions {
  speaker: SpeakerView;
  kind: SessionOptions;
  /** Somebody reads what comes of it. */
  read: boolean;
  pool: SessionPool;
  /** How fast speech that waited may be sent, against the pace of speech. */
  catchUpRate: number;
  /** Stretches how long the service may be quiet before it is given up. Default: 1. */
  patience?: number | undefined;
  nextUtterance: () => string;
  clock: Clock;
  roomNowMs: () => number;
  output: TurnOutput;
  onEnded(): void;
}

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
  /** When the last word was said, or sent where it had to wait. */
  #lastWordMs: number;
  #lastEventMs = Number.NEGATIVE_INFINITY;
  /** Speech sent since the service said something. */
  #unansweredMs = 0;
  #silenceSentMs = 0;
  /** The service has ended something since the last word. */
  #hasFinal = false;
  /** Sessions lost since the service said something. */
  #unansweredSessions = 0;

  constructor(options: TurnOptions) {
    const { speaker, kind, nextUtterance, output, clock } = options;
    this.#options = options;
    const transcriptOnly = kind.source === kind.target;
    this.#assembler = new UtteranceAssembler({
      speaker,
      transcriptOnly,
      nextUtterance,
      nowMs: () => clock.now(),
      output,
    });
    this.#lastWordMs = clock.now();
    this.#leaseRequest = options.pool.requestLease(kind, this.#leaseRequester, { hasReaders: options.read });
    this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
  }

  /** What is said next belongs to a turn of its own. */
  get isExpired(): boolean {
    return this.#ended || (this.#lease?.isExpired ?? false);
  }

  /** It is over because no session of its kind will come. */
  get isDenied(): boolean {
    return this.#denied;
  }

  get kind(): SessionOptions {
    return this.#options.kind;
  }

  push(heard: SpeechChunk): void {
    if (this.#ended) return;
    this.#speaking = true;
    if (heard.voiced) this.#lastWordMs = this.#options.clock.now();
    this.#assembler.push(heard);
    if (this.#lease) this.#sendWaiting();
    else this.#assembler.limitUnsent();
  }

  /** The gate has closed. */
  pause(): void {
    this.#speaking = false;
  }

  /** The session that hears it, where there is one: it may be shown something. */
  get pictureRecipient(): Pick<Lease, 'session' | 'sentMs' | 'sendImage'> | undefined {
    return this.#lease;
  }

  /** Ends at once, with what was shown. */
  close(): void {
    this.#end('discard');
  }

  readonly #leaseRequester: LeaseRequester = {
    granted: (lease) => this.#onGranted(lease),
    waiting: (waitMs, reason) => this.#onWaiting(waitMs, reason),
    denied: (error) => {
      this.#denied = true;
      this.#options.output.state('unavailable', error.message);
      this.#end('discard');
    },
    lost: (error) => this.#onSessionLost(error),
    source: (text) => {
      this.#onAnswer(text.final);
      this.#assembler.source(text);
      this.#options.output.state(text.final ? 'listening' : 'translating');
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
    usage: (usage) => this.#options.output.usage(usage),
  };

  #onGranted(lease: Lease): void {
    this.#leaseRequest = undefined;
    this.#lease = lease;
    this.#lastEventMs = this.#options.clock.now();
    this.#unansweredMs = 0;
    this.#silenceSentMs = 0;
    this.#assembler.startSession(lease);
    this.#options.output.state('listening');
    this.#sendWaiting();
  }

  #onWaiting(waitMs: number | undefined, reason: TranslationError | undefined): void {
    const { output } = this.#options;
    if (reason) output.state('reconnecting', reconnectMessage(reason));
    else if (waitMs !== undefined && waitMs >= 1000)
      output.state(
        'waiting',
        `The translation service allows few connections in a minute: the next is due in ${Math.ceil(waitMs / 1000)} s. What is said meanwhile is kept.`,
      );
  }

  #onAnswer(final: boolean): void {
    this.#lastEventMs = this.#options.clock.now();
    this.#unansweredMs = 0;
    this.#unansweredSessions = 0;
    this.#hasFinal ||= final;
  }

  #onContentFiltered(error: TranslationError): void {
    this.#assembler.contentFiltered();
    this.#options.output.state('listening', error.message);
  }

  #onSessionLost(error: TranslationError | undefined): void {
    this.#lease = undefined;
    if (this.#ended) return;
    if (error?.class === 'content') this.#onContentFiltered(error);
    else if (error) this.#options.output.state('reconnecting', reconnectMessage(error));
    this.#replayOnNewSession();
  }

  /** What is not settled goes to another session. */
  #replayOnNewSession(): void {
    this.#assembler.restart();
    const done = !this.#speaking && this.#assembler.isAllSent;
    if (done) this.#end('release');
    else if (++this.#unansweredSessions >= MAX_UNANSWERED_SESSIONS)
      this.#abandonSpeech(
        'Three sessions in a row were lost before they said a word: what was said to them is given up.',
      );
    else
      this.#leaseRequest = this.#options.pool.requestLease(this.#options.kind, this.#leaseRequester, {
        hasReaders: this.#options.read,
      });
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
    const { clock, catchUpRate, output } = this.#options;
    const now = clock.now();
    while (this.#lease && this.#nextSendMs - now < BURST_MS) {
      const heard = this.#assembler.next();
      if (!heard) return;
      const ms = (heard.samples.length / RATE) * 1000;
      this.#nextSendMs = Math.max(this.#nextSendMs, now) + ms / catchUpRate;
      this.#lease.send(heard.samples);
      output.fed(heard.again ? 'repeated' : 'speech', ms);
      if (heard.voiced) this.#onSpeechSent(ms);
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
    const quietMs = this.#scaleByPatience(this.#options.clock.now() - this.#lastEventMs);
    if (quietMs >= UNRESPONSIVE_WHILE_SPEAKING_MS && this.#unansweredMs >= UNRESPONSIVE_WHILE_SPEAKING_MS / 2)
      this.#abandonSession();
  }

  /** Everything was said, and sent: silence, until the service has ended it all. */
  #checkEnd(): void {
    const sinceWordMs = this.#options.clock.now() - this.#lastWordMs;
    const quietMs = Math.min(sinceWordMs, this.#options.clock.now() - this.#lastEventMs);
    const { hasOpenSegments: isOpen } = this.#assembler;
    const answered = this.#lastEventMs > this.#lastWordMs;
    if (!isOpen && this.#hasFinal && quietMs >= END_AFTER_QUIET_MS) this.#end('release');
    else if (this.#silenceSentMs < MAX_SILENCE_MS) this.#sendSilence();
    else if (sinceWordMs >= MAX_TAIL_MS) this.#end('discard');
    else if (answered && this.#scaleByPatience(quietMs) >= OPEN_SEGMENT_TIMEOUT_MS)
      this.#end(isOpen ? 'discard' : 'release');
    else if (!isOpen && this.#unansweredMs < SHORTEST_SPEECH_MS) this.#end('release');
    else if (!answered && this.#scaleByPatience(quietMs) >= UNRESPONSIVE_AFTER_MS) this.#abandonSession();
  }

  /** How long a wait is for a service that may take its time. */
  #scaleByPatience(ms: number): number {
    return ms / (this.#options.patience ?? 1);
  }

  #sendSilence(): void {
    const samples = (RATE * TICK_MS) / 1000;
    this.#lease?.send(new Int16Array(samples));
    this.#assembler.silenceSent(samples, this.#options.roomNowMs());
    this.#silenceSentMs += TICK_MS;
    this.#options.output.fed('silence', TICK_MS);
  }

  #abandonSession(): void {
    this.#lease?.discard();
    this.#lease = undefined;
    this.#options.output.state('reconnecting', 'The translation service does not answer. What was said is sent again.');
    this.#replayOnNewSession();
  }

  /** What is said next is heard again. */
  #abandonSpeech(why: string): void {
    this.#options.output.state('listening', why);
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

/** Those who read it in a meeting need not do anything. */
const reconnectMessage = ({ what }: TranslationError): string => `${what} Booth connects again by itself.`;
