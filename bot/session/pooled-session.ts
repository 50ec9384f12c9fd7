/**
 * One session that several speakers use one after another. A lease holder receives only what belongs to their own lease: what the
 * service still says about earlier speech is dropped. Usage that the service reports late is billed to the last lease holder.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { BoundedSet } from '../../collections/bounded-map.ts';
import type { Model } from '../../config/models.ts';
import type { Clock } from '../../time/clock.ts';
import type {
  OpenSession,
  SessionEvents,
  SessionOptions,
  TokenUsage,
  TranslationError,
  TranslationSession,
} from './translation-session.ts';

/** How long, and for how much input, a session is used before another replaces it. */
export interface SessionAge {
  ms: number;
  /** Input tokens, pictures included. */
  tokens: number;
}

/** The vendor ends a session after about 120 minutes, and its context holds 49,152 input tokens. */
export const MAX_SESSION_AGE: SessionAge = { ms: 110 * 60_000, tokens: 40_000 };
/** The share of the maximum age from which a replacement is made ready. */
const NEARLY_EXPIRED = 0.95;
const SAMPLES_PER_MS = SPEECH_SAMPLE_RATE / 1000;
const MAX_IGNORED_SEGMENTS = 500;

/** The events that the holder of a lease receives. Times are milliseconds of the audio that this holder has sent. */
export interface LeaseHolder
  extends Pick<
    SessionEvents,
    'source' | 'translation' | 'audio' | 'audioEnd' | 'contentFiltered' | 'usage' | 'backlog'
  > {
  /** The session ended during the lease. */
  lost(error: TranslationError | undefined): void;
}

export interface PooledSessionOptions {
  sessionOptions: SessionOptions;
  model: Pick<Model, 'rates'>;
  openSession: OpenSession;
  maxSessionAge: SessionAge;
  clock: Clock;
  onReady(): void;
  onUsage(usage: TokenUsage): void;
  /** Called once. `worked`: the session had produced a text or audio. */
  onEnded(error: TranslationError | undefined, worked: boolean): void;
}

export class PooledSession {
  readonly sessionOptions: SessionOptions;
  state: 'opening' | 'idle' | 'leased' | 'retired' = 'opening';
  /** Whether the service has agreed to speak as well as to write. */
  hasAudioOutput = false;
  /** When the state last changed. */
  sinceMs: number;
  readonly #options: PooledSessionOptions;
  readonly #session: TranslationSession;
  readonly #openedAtMs: number;
  #leaseHolder: LeaseHolder | undefined;
  /** The current lease holder, or the last one. */
  #billedTo: LeaseHolder | undefined;
  #worked = false;
  #sentSamples = 0;
  #sentBeforeLeaseMs = 0;
  #inputTokens = 0;
  #leaseSegments = new Set<string>();
  /** The latest segments of earlier leases: nobody receives what still comes of them. */
  readonly #ignoredSegments = new BoundedSet<string>(MAX_IGNORED_SEGMENTS);

  constructor(options: PooledSessionOptions) {
    this.#options = options;
    this.sessionOptions = options.sessionOptions;
    this.#openedAtMs = options.clock.now();
    this.sinceMs = this.#openedAtMs;
    this.#session = options.openSession(options.sessionOptions, this.#events());
  }

  /** Whether the session has reached its maximum age, so that further speech belongs on another one. */
  get isExpired(): boolean {
    return this.#ageShare >= 1;
  }

  /** A replacement should be opened. */
  get isNearlyExpired(): boolean {
    return this.#ageShare >= NEARLY_EXPIRED;
  }

  /** Milliseconds of audio sent in all leases together. */
  get sentMs(): number {
    return this.#sentSamples / SAMPLES_PER_MS;
  }

  lease(holder: LeaseHolder): void {
    this.#setState('leased');
    this.#leaseHolder = holder;
    this.#billedTo = holder;
    this.#sentBeforeLeaseMs = this.sentMs;
  }

  release(): void {
    this.#leaseHolder = undefined;
    for (const segment of this.#leaseSegments) this.#ignoredSegments.add(segment);
    this.#leaseSegments = new Set();
    if (this.state === 'leased') this.#setState('idle');
  }

  send(samples: Int16Array): void {
    this.#sentSamples += samples.length;
    this.#session.send(samples);
  }

  sendImage(jpeg: Uint8Array): boolean {
    return this.#session.sendImage(jpeg);
  }

  /** Takes the session out of use and lets the service finish what was said. */
  retire(): void {
    if (this.state === 'retired') return;
    this.release();
    this.#setState('retired');
    void this.#session.finish();
  }

  /** Ends the session at once. */
  close(): void {
    this.#leaseHolder = undefined;
    this.#setState('retired');
    this.#session.close();
  }

  /** The age as a share of the maximum age: 0 for a new session, 1 for an expired one. */
  get #ageShare(): number {
    const { clock, model, maxSessionAge } = this.#options;
    const sentTokens = (this.sentMs / 1000) * (model.rates?.audioInPerSecond ?? 0);
    const inputTokens = Math.max(this.#inputTokens, sentTokens);
    return Math.max((clock.now() - this.#openedAtMs) / maxSessionAge.ms, inputTokens / maxSessionAge.tokens);
  }

  #setState(state: PooledSession['state']): void {
    this.state = state;
    this.sinceMs = this.#options.clock.now();
  }

  #events(): SessionEvents {
    return {
      ready: ({ audio }) => {
        if (this.state !== 'opening') return;
        this.hasAudioOutput = audio;
        this.#setState('idle');
        this.#options.onReady();
      },
      source: ({ startMs, endMs, ...text }) => {
        const before = this.#sentBeforeLeaseMs;
        if (endMs !== undefined && before > 0 && endMs <= before) this.#ignoredSegments.add(text.segment);
        this.#holderOf(text.segment)?.source({
          ...text,
          ...(startMs !== undefined && { startMs: Math.max(0, startMs - before) }),
          ...(endMs !== undefined && { endMs: endMs - before }),
        });
      },
      translation: (text) => {
        if (text.sourceSegment !== undefined && this.#ignoredSegments.has(text.sourceSegment))
          this.#ignoredSegments.add(text.segment);
        this.#holderOf(text.segment)?.translation(text);
      },
      audio: (segment, samples) => this.#holderOf(segment)?.audio(segment, samples),
      audioEnd: (segment) => this.#holderOf(segment)?.audioEnd(segment),
      backlog: (waitingMs, speakersAhead) => this.#leaseHolder?.backlog?.(waitingMs, speakersAhead),
      contentFiltered: (error) => this.#leaseHolder?.contentFiltered(error),
      usage: (usage) => {
        const { inputAudio = 0, inputImage = 0, inputText = 0 } = usage;
        this.#inputTokens += inputAudio + inputImage + inputText;
        this.#billedTo?.usage(usage);
        this.#options.onUsage(usage);
      },
      closed: (error) => {
        const holder = this.#leaseHolder;
        this.#leaseHolder = undefined;
        this.#options.onEnded(error, this.#worked);
        holder?.lost(error);
      },
    };
  }

  /** The lease holder that receives the events of a segment; undefined: nobody does. */
  #holderOf(segment: string): LeaseHolder | undefined {
    this.#worked = true;
    if (this.#ignoredSegments.has(segment)) return undefined;
    if (this.#leaseHolder) this.#leaseSegments.add(segment);
    else this.#ignoredSegments.add(segment);
    return this.#leaseHolder;
  }
}
