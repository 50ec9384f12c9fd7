/**
 * One speaker into one language. It holds a translation session while it is wanted, opens another when one is lost, and turns
 * what comes back into captions and sound.
 *
 * Hard requirement: a session's failure costs at most the sentence that it was in the middle of. What was shown of it is
 * closed with a final, what was to come of its sound is waited for no longer, and what is said while the next session opens is
 * kept (20 s).
 */
import type { LanguageCode } from '../protocol/languages.ts';
import type { InterpretationState, SpeakerView } from '../protocol/room-messages.ts';
import { AudioTimeline } from './audio-timeline.ts';
import { CaptionStream } from './caption-stream.ts';
import type { CaptionMessage } from './captions.ts';
import type { Clock } from './clock.ts';
import type { Utterance } from './playout-queue.ts';
import type {
  OpenSession,
  SegmentText,
  SessionEvents,
  TranslationError,
  TranslationSession,
} from './translation/session.ts';

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8000;
const KEPT_SAMPLES = 20 * 16_000;

export interface InterpretationOutput {
  original(caption: CaptionMessage): void;
  translation(caption: CaptionMessage): void;
  voice(utterance: Utterance, samples: Int16Array): void;
  voiceComplete(utterance: string): void;
  /** For people; `message` where there is something to explain. */
  state(state: InterpretationState, message?: string): void;
}

export interface InterpretationOptions {
  speaker: SpeakerView;
  source: LanguageCode;
  target: LanguageCode;
  audio: boolean;
  openSession: OpenSession;
  output: InterpretationOutput;
  nextUtterance: () => string;
  clock: Clock;
  /** Milliseconds since the room began. */
  roomNow: () => number;
}

export class Interpretation {
  /** Whether it publishes what was said as well as what it means. */
  publishesOriginals = false;
  readonly #options: InterpretationOptions;
  /** What was begun in captions of what was said, and has no final yet. */
  readonly #openOriginals = new Set<string>();
  #session: OpenedSession | undefined;
  #kept: Heard[] = [];
  #keptSamples = 0;
  #backoffMs = 0;
  #cancelBackoff: (() => void) | undefined;
  /** The service said that it will never do this. */
  #refused = false;
  #closed = false;

  constructor(options: InterpretationOptions) {
    this.#options = options;
    this.#open();
  }

  /** What the speaker says: 16 kHz mono, the last sample said `agoMs` before now. */
  hear(samples: Int16Array, agoMs = 0): void {
    if (this.#closed || this.#refused) return;
    const heard = { samples, roomMs: this.#options.roomNow() - agoMs };
    if (!this.#session && !this.#cancelBackoff) this.#open();
    if (this.#session) this.#session.send(heard);
    else this.#keep(heard);
  }

  /** Nothing more is said: lets what was said come out, then closes. Settles after at most 22 s. */
  async finish(): Promise<void> {
    await this.#session?.finish();
    this.close();
  }

  /** Ends at once; what was shown is closed with finals. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelBackoff?.();
    this.#session?.close();
    this.#session = undefined;
  }

  #open(): void {
    this.#cancelBackoff = undefined;
    const session = new OpenedSession(this.#options, {
      original: (caption) => this.#tellOriginal(caption),
      translation: (caption) => this.#options.output.translation(caption),
      works: () => {
        this.#backoffMs = 0;
      },
      ended: (error) => this.#lost(session, error),
    });
    this.#session = session;
    this.#options.output.state('listening');
    for (const heard of this.#kept.splice(0)) session.send(heard);
    this.#keptSamples = 0;
  }

  #lost(session: OpenedSession, error: TranslationError | undefined): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    // It was let go in silence: the next word opens another.
    if (!error) return;
    if (!error.retryable && error.class !== 'content') {
      this.#refused = true;
      this.#options.output.state('unavailable', error.message);
      return;
    }
    this.#options.output.state('reconnecting', error.message);
    this.#backoffMs = Math.min(LONGEST_BACKOFF_MS, this.#backoffMs === 0 ? FIRST_BACKOFF_MS : this.#backoffMs * 2);
    this.#cancelBackoff = this.#options.clock.after(this.#backoffMs, () => this.#open());
  }

  #keep(heard: Heard): void {
    this.#kept.push(heard);
    this.#keptSamples += heard.samples.length;
    while (this.#keptSamples > KEPT_SAMPLES) this.#keptSamples -= this.#kept.shift()?.samples.length ?? 0;
  }

  /** What was begun is ended too, though another publishes the originals by now. */
  #tellOriginal(caption: CaptionMessage): void {
    if (!this.publishesOriginals && !this.#openOriginals.has(caption.utterance)) return;
    if (caption.final) this.#openOriginals.delete(caption.utterance);
    else this.#openOriginals.add(caption.utterance);
    this.#options.output.original(caption);
  }
}

interface Heard {
  samples: Int16Array;
  /** When its last sample was said. */
  roomMs: number;
}

interface SessionOutcome {
  original(caption: CaptionMessage): void;
  translation(caption: CaptionMessage): void;
  /** Something came back. */
  works(): void;
  ended(error: TranslationError | undefined): void;
}

/** One session, with the captions that are open in it and the clock of the sound that it was sent. */
class OpenedSession {
  readonly #options: InterpretationOptions;
  readonly #outcome: SessionOutcome;
  readonly #timeline = new AudioTimeline();
  readonly #originals: CaptionStream;
  readonly #translations: CaptionStream;
  /** Utterances of which more sound is to come. */
  readonly #voices = new Set<string>();
  readonly #session: TranslationSession;

  constructor(options: InterpretationOptions, outcome: SessionOutcome) {
    this.#options = options;
    this.#outcome = outcome;
    const { speaker, source, target, audio, nextUtterance } = options;
    const { original, translation } = outcome;
    this.#originals = new CaptionStream({ kind: 'original', speaker, nextUtterance, say: original });
    this.#translations = new CaptionStream({ kind: 'translation', speaker, nextUtterance, say: translation });
    this.#session = options.openSession({ source, target, audio }, this.#events());
  }

  send({ samples, roomMs }: Heard): void {
    this.#timeline.sent(samples.length, roomMs);
    this.#session.send(samples);
  }

  finish(): Promise<void> {
    return this.#session.finish();
  }

  close(): void {
    this.#session.close();
    this.#finishAll();
  }

  #events(): SessionEvents {
    const { speaker, output } = this.#options;
    return {
      source: (text) => {
        this.#outcome.works();
        this.#originals.update(text, this.#timing(text.startMs, text.endMs));
        this.#tellState(text);
      },
      translation: (text) => {
        this.#outcome.works();
        const of = text.of === undefined ? undefined : this.#originals.utteranceOf(text.of);
        this.#translations.update(text, this.#timing(), of);
      },
      audio: (segment, samples) => {
        const id = this.#translations.utteranceOf(segment);
        this.#voices.add(id);
        output.voice({ id, speaker }, samples);
      },
      audioEnd: (segment) => this.#completeVoice(this.#translations.utteranceOf(segment)),
      usage: () => {},
      ready() {},
      refused() {},
      closed: (error) => {
        this.#finishAll();
        this.#outcome.ended(error);
      },
    };
  }

  #tellState({ final }: SegmentText): void {
    this.#options.output.state(final ? 'listening' : 'translating');
  }

  #timing(startMs?: number, endMs?: number): { start: number; end: number } {
    return {
      start: startMs === undefined ? this.#timeline.stretchStart : this.#timeline.roomTime(startMs),
      end: this.#timeline.roomTime(endMs),
    };
  }

  #completeVoice(utterance: string): void {
    this.#voices.delete(utterance);
    this.#options.output.voiceComplete(utterance);
  }

  #finishAll(): void {
    for (const utterance of [...this.#voices]) this.#completeVoice(utterance);
    const end = this.#timeline.roomTime();
    this.#originals.finishAll(end);
    this.#translations.finishAll(end);
  }
}
