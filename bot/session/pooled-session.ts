/**
 * One connection to the service: who has it now, how much of it is used up, and what it still says of those who had it
 * before, which nobody hears.
 */
import type { Model } from '../../config/models.ts';
import type { Clock } from '../../time/clock.ts';
import type {
  OpenSession,
  SessionEvents,
  SessionOptions,
  TranslationError,
  TranslationSession,
  Usage,
} from './translation-session.ts';

/** How much a session is used before another takes its place. */
export interface SessionAge {
  ms: number;
  /** Of input, pictures included. */
  tokens: number;
}

/** The vendor ends a session at about 120 minutes, and its context holds 49,152 tokens of input. */
export const MAX_SESSION_AGE: SessionAge = { ms: 110 * 60_000, tokens: 40_000 };
/** From there on another is made ready to take over. */
const NEARLY = 0.95;
const SAMPLES_PER_MS = 16;
const MAX_SEGMENTS = 500;

/** What whoever has a session hears of it. Times are milliseconds of what they themselves have sent. */
export interface LeaseHolder
  extends Pick<SessionEvents, 'source' | 'translation' | 'audio' | 'audioEnd' | 'contentFiltered' | 'usage'> {
  /** It ended under them. */
  lost(error: TranslationError | undefined): void;
}

export interface PooledSessionOptions {
  kind: SessionOptions;
  model: Pick<Model, 'rates'>;
  openSession: OpenSession;
  wear: SessionAge;
  clock: Clock;
  onReady(): void;
  onUsage(usage: Usage): void;
  /** Once. `worked`: something had come of it. */
  onEnded(error: TranslationError | undefined, worked: boolean): void;
}

export class PooledSession {
  readonly kind: SessionOptions;
  state: 'opening' | 'idle' | 'leased' | 'retired' = 'opening';
  /** The service has agreed to speak as well as to write. */
  speaks = false;
  /** Since when it is what it is. */
  sinceMs: number;
  readonly #options: PooledSessionOptions;
  readonly #session: TranslationSession;
  readonly #openedAtMs: number;
  #tenant: LeaseHolder | undefined;
  /** Who had it last: what the service bills late is theirs. */
  #payer: LeaseHolder | undefined;
  #worked = false;
  #sentSamples = 0;
  #sentBeforeLeaseMs = 0;
  #inputTokens = 0;
  /** Segments of this lease, and of those before it: what still comes of the last 500 of those is for nobody. */
  #segments = new Set<string>();
  readonly #past = new Set<string>();

  constructor(options: PooledSessionOptions) {
    this.#options = options;
    this.kind = options.kind;
    this.#openedAtMs = options.clock.now();
    this.sinceMs = this.#openedAtMs;
    this.#session = options.openSession(options.kind, this.#events());
  }

  get isWorn(): boolean {
    return this.#wear >= 1;
  }

  get isNearlyWorn(): boolean {
    return this.#wear >= NEARLY;
  }

  get heardMs(): number {
    return this.#sentSamples / SAMPLES_PER_MS;
  }

  lease(tenant: LeaseHolder): void {
    this.#enter('leased');
    this.#tenant = tenant;
    this.#payer = tenant;
    this.#sentBeforeLeaseMs = this.heardMs;
  }

  release(): void {
    this.#tenant = undefined;
    for (const segment of this.#segments) this.#forget(segment);
    this.#segments = new Set();
    if (this.state === 'leased') this.#enter('idle');
  }

  send(samples: Int16Array): void {
    this.#sentSamples += samples.length;
    this.#session.send(samples);
  }

  image(jpeg: Uint8Array): boolean {
    return this.#session.image(jpeg);
  }

  /** Nobody gets it any more; it ends in order. */
  retire(): void {
    if (this.state === 'retired') return;
    this.release();
    this.#enter('retired');
    void this.#session.finish();
  }

  close(): void {
    this.#tenant = undefined;
    this.#enter('retired');
    this.#session.close();
  }

  get #wear(): number {
    const { clock, model, wear } = this.#options;
    const heardTokens = (this.heardMs / 1000) * (model.rates?.audioInPerSecond ?? 0);
    return Math.max((clock.now() - this.#openedAtMs) / wear.ms, Math.max(this.#inputTokens, heardTokens) / wear.tokens);
  }

  #enter(state: PooledSession['state']): void {
    this.state = state;
    this.sinceMs = this.#options.clock.now();
  }

  #events(): SessionEvents {
    return {
      ready: ({ audio }) => {
        if (this.state !== 'opening') return;
        this.speaks = audio;
        this.#enter('idle');
        this.#options.onReady();
      },
      source: ({ startMs, endMs, ...text }) => {
        const before = this.#sentBeforeLeaseMs;
        if (endMs !== undefined && before > 0 && endMs <= before) this.#forget(text.segment);
        this.#tenantFor(text.segment)?.source({
          ...text,
          ...(startMs !== undefined && { startMs: Math.max(0, startMs - before) }),
          ...(endMs !== undefined && { endMs: endMs - before }),
        });
      },
      translation: (text) => {
        if (text.sourceSegment !== undefined && this.#past.has(text.sourceSegment)) this.#forget(text.segment);
        this.#tenantFor(text.segment)?.translation(text);
      },
      audio: (segment, samples) => this.#tenantFor(segment)?.audio(segment, samples),
      audioEnd: (segment) => this.#tenantFor(segment)?.audioEnd(segment),
      contentFiltered: (error) => this.#tenant?.contentFiltered(error),
      usage: (usage) => {
        const { inputAudio = 0, inputImage = 0, inputText = 0 } = usage;
        this.#inputTokens += inputAudio + inputImage + inputText;
        this.#payer?.usage(usage);
        this.#options.onUsage(usage);
      },
      closed: (error) => {
        const tenant = this.#tenant;
        this.#tenant = undefined;
        this.#options.onEnded(error, this.#worked);
        tenant?.lost(error);
      },
    };
  }

  #tenantFor(segment: string): LeaseHolder | undefined {
    this.#worked = true;
    if (this.#past.has(segment)) return undefined;
    if (this.#tenant) this.#segments.add(segment);
    else this.#forget(segment);
    return this.#tenant;
  }

  #forget(segment: string): void {
    this.#past.add(segment);
    const [oldest] = this.#past;
    if (this.#past.size > MAX_SEGMENTS && oldest !== undefined) this.#past.delete(oldest);
  }
}
