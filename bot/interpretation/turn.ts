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
const MAX_PADDING_MS = 3000;
/** Nothing is open, and for so long nothing was begun. */
const SETTLED_AFTER_MS = 1000;
/** What is still open when the service has been quiet for so long, and had all the silence it gets, never ends. */
const QUIET_MS = 3500;
/** A service that says nothing at all for so long of what it is sent does not listen. */
const DEAF_AFTER_MS = 8000;
const DEAF_WHILE_SPEAKING_MS = 10_000;
/** Noise opens the gate too, and gets no answer. */
const SHORTEST_SPEECH_MS = 1000;
/** Sessions that one passage may use up without a word coming back. */
const MAX_FRUITLESS = 3;
const LONGEST_END_MS = 60_000;

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
  roomNow: () => number;
  output: TurnOutput;
  onOver(): void;
}

export class Turn {
  readonly #options: TurnOptions;
  readonly #passage: UtteranceAssembler;
  #claim: LeaseRequest | undefined;
  #lease: Lease | undefined;
  #cancelTick: () => void;
  #speaking = true;
  #over = false;
  #denied = false;
  /** When the next speech may be sent. */
  #dueMs = 0;
  /** When the last word was said, or sent where it had to wait. */
  #lastWordMs: number;
  #lastEventMs = Number.NEGATIVE_INFINITY;
  /** Speech sent since the service said something. */
  #unansweredMs = 0;
  #paddedMs = 0;
  /** The service has ended something since the last word. */
  #hasEnded = false;
  /** Sessions lost since the service said something. */
  #fruitless = 0;

  constructor(options: TurnOptions) {
    const { speaker, kind, nextUtterance, output, clock } = options;
    this.#options = options;
    const transcriptOnly = kind.source === kind.target;
    this.#passage = new UtteranceAssembler({
      speaker,
      transcriptOnly,
      nextUtterance,
      nowMs: () => clock.now(),
      output,
    });
    this.#lastWordMs = clock.now();
    this.#claim = options.pool.requestLease(kind, this.#claimant, { hasReaders: options.read });
    this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
  }

  /** What is said next belongs to a turn of its own. */
  get isWorn(): boolean {
    return this.#over || (this.#lease?.isExpired ?? false);
  }

  /** It is over because no session of its kind will come. */
  get isDenied(): boolean {
    return this.#denied;
  }

  get kind(): SessionOptions {
    return this.#options.kind;
  }

  hear(heard: SpeechChunk): void {
    if (this.#over) return;
    this.#speaking = true;
    if (heard.voiced) this.#lastWordMs = this.#options.clock.now();
    this.#passage.hear(heard);
    if (this.#lease) this.#pump();
    else this.#passage.waits();
  }

  /** The gate has closed. */
  pause(): void {
    this.#speaking = false;
  }

  /** The session that hears it, where there is one: it may be shown something. */
  get viewer(): Pick<Lease, 'session' | 'sentMs' | 'sendImage'> | undefined {
    return this.#lease;
  }

  /** Ends at once, with what was shown. */
  close(): void {
    this.#end('discard');
  }

  readonly #claimant: LeaseRequester = {
    granted: (lease) => this.#granted(lease),
    waiting: (waitMs, reason) => this.#waits(waitMs, reason),
    denied: (error) => {
      this.#denied = true;
      this.#options.output.state('unavailable', error.message);
      this.#end('discard');
    },
    lost: (error) => this.#lost(error),
    source: (text) => {
      this.#answered(text.final);
      this.#passage.source(text);
      this.#options.output.state(text.final ? 'listening' : 'translating');
    },
    translation: (text) => {
      this.#answered(text.final);
      this.#passage.translation(text);
    },
    audio: (segment, samples) => {
      this.#answered(false);
      this.#passage.audio(segment, samples);
    },
    audioEnd: (segment) => {
      this.#answered(false);
      this.#passage.audioEnd(segment);
    },
    contentFiltered: (error) => {
      this.#answered(true);
      this.#refused(error);
    },
    usage: (usage) => this.#options.output.usage(usage),
  };

  #granted(lease: Lease): void {
    this.#claim = undefined;
    this.#lease = lease;
    this.#lastEventMs = this.#options.clock.now();
    this.#unansweredMs = 0;
    this.#paddedMs = 0;
    this.#passage.begins(lease);
    this.#options.output.state('listening');
    this.#pump();
  }

  #waits(waitMs: number | undefined, reason: TranslationError | undefined): void {
    const { output } = this.#options;
    if (reason) output.state('reconnecting', triedAgain(reason));
    else if (waitMs !== undefined && waitMs >= 1000)
      output.state(
        'waiting',
        `The translation service allows few connections in a minute: the next is due in ${Math.ceil(waitMs / 1000)} s. What is said meanwhile is kept.`,
      );
  }

  #answered(final: boolean): void {
    this.#lastEventMs = this.#options.clock.now();
    this.#unansweredMs = 0;
    this.#fruitless = 0;
    this.#hasEnded ||= final;
  }

  #refused(error: TranslationError): void {
    this.#passage.refused();
    this.#options.output.state('listening', error.message);
  }

  #lost(error: TranslationError | undefined): void {
    this.#lease = undefined;
    if (this.#over) return;
    if (error?.class === 'content') this.#refused(error);
    else if (error) this.#options.output.state('reconnecting', triedAgain(error));
    this.#again();
  }

  /** What is not settled goes to another session. */
  #again(): void {
    this.#passage.restart();
    const done = !this.#speaking && this.#passage.isSent;
    if (done) this.#end('release');
    else if (++this.#fruitless >= MAX_FRUITLESS)
      this.#giveUp('Three sessions in a row were lost before they said a word: what was said to them is given up.');
    else
      this.#claim = this.#options.pool.requestLease(this.#options.kind, this.#claimant, {
        hasReaders: this.#options.read,
      });
  }

  #tick(): void {
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick());
    if (!this.#lease) {
      this.#watchWait();
      return;
    }
    this.#pump();
    if (this.#speaking || !this.#passage.isSent) this.#watchSpeech();
    else this.#watchEnd();
  }

  #pump(): void {
    const { clock, catchUpRate, output } = this.#options;
    const now = clock.now();
    while (this.#lease && this.#dueMs - now < BURST_MS) {
      const heard = this.#passage.next();
      if (!heard) return;
      const ms = (heard.samples.length / RATE) * 1000;
      this.#dueMs = Math.max(this.#dueMs, now) + ms / catchUpRate;
      this.#lease.send(heard.samples);
      output.fed(heard.again ? 'repeated' : 'speech', ms);
      if (heard.voiced) this.#said(ms);
    }
  }

  #said(ms: number): void {
    this.#lastWordMs = this.#options.clock.now();
    this.#unansweredMs += ms;
    this.#paddedMs = 0;
    this.#hasEnded = false;
  }

  #watchWait(): void {
    if (this.#speaking || this.#options.clock.now() - this.#lastWordMs < LONGEST_END_MS) return;
    this.#giveUp('There was no session to be had for a minute: what was said last is given up.');
  }

  #watchSpeech(): void {
    const quietMs = this.#patiently(this.#options.clock.now() - this.#lastEventMs);
    if (quietMs >= DEAF_WHILE_SPEAKING_MS && this.#unansweredMs >= DEAF_WHILE_SPEAKING_MS / 2) this.#giveUpSession();
  }

  /** Everything was said, and sent: silence, until the service has ended it all. */
  #watchEnd(): void {
    const sinceWordMs = this.#options.clock.now() - this.#lastWordMs;
    const quietMs = Math.min(sinceWordMs, this.#options.clock.now() - this.#lastEventMs);
    const { isOpen } = this.#passage;
    const answered = this.#lastEventMs > this.#lastWordMs;
    if (!isOpen && this.#hasEnded && quietMs >= SETTLED_AFTER_MS) this.#end('release');
    else if (this.#paddedMs < MAX_PADDING_MS) this.#pad();
    else if (sinceWordMs >= LONGEST_END_MS) this.#end('discard');
    else if (answered && this.#patiently(quietMs) >= QUIET_MS) this.#end(isOpen ? 'discard' : 'release');
    else if (!isOpen && this.#unansweredMs < SHORTEST_SPEECH_MS) this.#end('release');
    else if (!answered && this.#patiently(quietMs) >= DEAF_AFTER_MS) this.#giveUpSession();
  }

  /** How long a wait is for a service that may take its time. */
  #patiently(ms: number): number {
    return ms / (this.#options.patience ?? 1);
  }

  #pad(): void {
    const samples = (RATE * TICK_MS) / 1000;
    this.#lease?.send(new Int16Array(samples));
    this.#passage.padded(samples, this.#options.roomNow());
    this.#paddedMs += TICK_MS;
    this.#options.output.fed('silence', TICK_MS);
  }

  #giveUpSession(): void {
    this.#lease?.discard();
    this.#lease = undefined;
    this.#options.output.state('reconnecting', 'The translation service does not answer. What was said is sent again.');
    this.#again();
  }

  /** What is said next is heard again. */
  #giveUp(why: string): void {
    this.#options.output.state('listening', why);
    this.#end('discard');
  }

  #end(leave: 'release' | 'discard'): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelTick();
    this.#claim?.cancel();
    this.#lease?.[leave]();
    this.#lease = undefined;
    this.#passage.finish();
    this.#options.onOver();
  }
}

/** Those who read it in a meeting need not do anything. */
const triedAgain = ({ what }: TranslationError): string => `${what} Booth connects again by itself.`;
