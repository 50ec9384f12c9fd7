/**
 * One speaker into one language: their turns, one after the other. A turn is interpreted by itself to its end; what is said
 * while an earlier one still comes out belongs to that one, or to a turn of its own where another session has to take over.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { SpeakerView } from '../../protocol/room-messages.ts';
import type { Clock } from '../../time/clock.ts';
import type { UnaddressedCaption } from '../captions/caption-channel.ts';
import type { RecognizedText } from '../demand/spoken-language-detector.ts';
import type { SessionPool } from '../session/session-pool.ts';
import type { SessionOptions } from '../session/translation-session.ts';
import { sessionKey } from '../session/translation-session.ts';
import type { PictureRecipient } from '../vision/vision.ts';
import { SourceUtteranceIndex } from './source-utterance-index.ts';
import { Turn, type TurnOutput } from './turn.ts';

const MAX_ECHOES = 128;
const FINISH_WITHIN_MS = 22_000;
/** Between two words, not within one. */
const PAUSE_SAMPLES = 0.3 * 16_000;

export interface InterpretationOutput extends Omit<TurnOutput, 'original' | 'translation' | 'understood'> {
  /** What they said, and no echo of what they hear. */
  understood(understood: RecognizedText): void;
  /** In the language that was spoken. */
  original(language: LanguageCode, caption: UnaddressedCaption): void;
  translation(caption: UnaddressedCaption): void;
  /** A picture went out. */
  showed(): void;
}

/** What may change while it runs; a session that is at work is changed for another at the next pause. */
export interface InterpretationSettings {
  kind: SessionOptions;
  /** It publishes what was said as well as what it means. */
  originals: boolean;
  /** Somebody reads what comes of it. */
  read: boolean;
}

export interface InterpretationOptions {
  speaker: SpeakerView;
  wishes: InterpretationSettings;
  /** The speaker's originals, which one of their interpretations publishes. */
  published: SourceUtteranceIndex;
  pool: SessionPool;
  catchUpRate: number;
  patience?: number | undefined;
  output: InterpretationOutput;
  nextUtterance: () => string;
  clock: Clock;
  /** Milliseconds since the room began. */
  roomNow: () => number;
  /** What was understood is what the channel that the speaker listens to has just said. */
  isEcho: (text: string) => boolean;
}

export class Interpretation {
  readonly #options: InterpretationOptions;
  #wishes: InterpretationSettings;
  /** The one that hears what is said now. */
  #turn: Turn | undefined;
  /** All whose end has not come yet. */
  readonly #turns = new Set<Turn>();
  #quietSamples = 0;
  /** What it does not publish. */
  readonly #unpublished = new SourceUtteranceIndex();
  /** What the translations that are open are said to translate. */
  readonly #related = new Map<string, string>();
  /** Originals that are an echo, and translations of them: captions that are garbage, and never said. The last 128. */
  readonly #echoes = new Set<string>();
  #finished: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(options: InterpretationOptions) {
    this.#options = options;
    this.#wishes = options.wishes;
    options.output.state('listening');
  }

  adapt(wishes: InterpretationSettings): void {
    this.#wishes = wishes;
  }

  /** What the speaker says: 16 kHz mono, the last sample said `agoMs` before now. */
  hear(samples: Int16Array, { agoMs = 0, voiced = true } = {}): void {
    if (this.#closed || this.#finished) return;
    // A turn begins with a word.
    if (!this.#turn && !voiced) return;
    const resumes = voiced && this.#quietSamples >= PAUSE_SAMPLES;
    if (!this.#turn || (resumes && !this.#goesOn(this.#turn))) this.#turn = this.#begin();
    this.#quietSamples = voiced ? 0 : this.#quietSamples + samples.length;
    this.#turn.hear({ samples, roomMs: this.#options.roomNow() - agoMs, voiced });
  }

  /** Who hears what is said now, and may be shown something. */
  get viewer(): PictureRecipient | undefined {
    const viewer = this.#turn?.viewer;
    if (!viewer) return undefined;
    const image = (jpeg: Uint8Array): boolean => {
      const taken = viewer.sendImage(jpeg);
      if (taken) this.#options.output.showed();
      return taken;
    };
    return { session: viewer.session, heardMs: viewer.sentMs, image };
  }

  /** The speaker has fallen silent. */
  pause(): void {
    this.#quietSamples = PAUSE_SAMPLES;
    this.#turn?.pause();
  }

  /** Nothing more is said: lets what was said come out, then closes. Settles after at most 22 s. */
  finish(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#finished) return this.#finished.promise;
    this.#finished = Promise.withResolvers<void>();
    const { promise, resolve } = this.#finished;
    const cancel = this.#options.clock.after(FINISH_WITHIN_MS, resolve);
    this.pause();
    if (this.#turns.size === 0) resolve();
    return promise.then(() => {
      cancel();
      this.close();
    });
  }

  /** Ends at once; what was shown is closed with finals. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const turn of [...this.#turns]) turn.close();
    this.#finished?.resolve();
  }

  #goesOn(turn: Turn): boolean {
    return !turn.isWorn && sessionKey(turn.kind) === sessionKey(this.#wishes.kind);
  }

  #begin(): Turn {
    this.#turn?.pause();
    const { speaker, pool, catchUpRate, patience, nextUtterance, clock, roomNow, output } = this.#options;
    const { kind, read } = this.#wishes;
    const turn = new Turn({
      speaker,
      kind,
      read,
      pool,
      catchUpRate,
      patience,
      nextUtterance,
      clock,
      roomNow,
      output: {
        ...output,
        original: this.#originals(kind.source),
        translation: (caption) => {
          if (caption.sourceUtterance !== undefined && this.#echoes.has(caption.sourceUtterance))
            this.#noteEcho(caption.utterance);
          output.translation(this.#relate(caption));
        },
        understood: ({ stable: text, language }) => {
          if (!this.#options.isEcho(text)) output.understood({ declared: kind.source, language, text });
        },
        voice: (utterance, samples) => {
          if (!this.#echoes.has(utterance.id)) output.voice(utterance, samples);
        },
      },
      onOver: () => this.#ended(turn),
    });
    this.#turns.add(turn);
    return turn;
  }

  /** What was begun is ended too, though another publishes the originals by now. */
  #originals(language: LanguageCode): (caption: UnaddressedCaption) => void {
    const open = new Set<string>();
    return (caption) => {
      const { utterance, final } = caption;
      if (this.#options.isEcho(caption.stable)) this.#noteEcho(utterance);
      const publishes = this.#publishes(utterance) || open.has(utterance);
      (publishes ? this.#options.published : this.#unpublished).note(utterance, caption);
      if (!publishes) return;
      if (final) open.delete(utterance);
      else open.add(utterance);
      this.#options.output.original(language, caption);
    };
  }

  #noteEcho(utterance: string): void {
    this.#echoes.add(utterance);
    const [oldest] = this.#echoes;
    if (this.#echoes.size > MAX_ECHOES && oldest !== undefined) this.#echoes.delete(oldest);
  }

  #publishes(utterance: string): boolean {
    return this.#wishes.originals && !this.#unpublished.has(utterance);
  }

  /** A translation is of an original that people can read, and of no other afterwards. */
  #relate(caption: UnaddressedCaption): UnaddressedCaption {
    const { sourceUtterance: heard, utterance, ...rest } = caption;
    const of = this.#related.get(utterance) ?? this.#publishedAs(heard, caption);
    if (of === undefined) return { ...rest, utterance };
    if (caption.final) this.#related.delete(utterance);
    else this.#related.set(utterance, of);
    return { ...rest, utterance, sourceUtterance: of };
  }

  #publishedAs(heard: string | undefined, { start }: UnaddressedCaption): string | undefined {
    if (heard === undefined) return undefined;
    const { published, roomNow } = this.#options;
    if (published.has(heard) || this.#publishes(heard)) {
      published.note(heard, { start });
      return heard;
    }
    return published.closest(this.#unpublished.note(heard, { start }), roomNow());
  }

  #ended(turn: Turn): void {
    this.#turns.delete(turn);
    // One that was denied is not begun anew in the middle of what is said.
    if (this.#turn === turn && !turn.isDenied) this.#turn = undefined;
    if (this.#turns.size === 0) this.#finished?.resolve();
  }
}
