/**
 * One speaker into one language: their turns, one after the other. A turn is interpreted by itself to its end; what is said
 * while an earlier one still comes out belongs to that one, or to a turn of its own where another session has to take over.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { SpeakerView } from '../../protocol/room-messages.ts';
import type { Clock } from '../../time/clock.ts';
import type { OutgoingCaption } from '../captions/caption-channel.ts';
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
  original(language: LanguageCode, caption: OutgoingCaption): void;
  translation(caption: OutgoingCaption): void;
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
  settings: InterpretationSettings;
  /** The speaker's originals, which one of their interpretations publishes. */
  sourceUtterances: SourceUtteranceIndex;
  pool: SessionPool;
  catchUpRate: number;
  patience?: number | undefined;
  output: InterpretationOutput;
  nextUtterance: () => string;
  clock: Clock;
  /** Milliseconds since the room began. */
  roomNowMs: () => number;
  /** What was understood is what the channel that the speaker listens to has just said. */
  isEcho: (text: string) => boolean;
}

export class Interpretation {
  readonly #options: InterpretationOptions;
  #settings: InterpretationSettings;
  /** The one that hears what is said now. */
  #currentTurn: Turn | undefined;
  /** All whose end has not come yet. */
  readonly #turns = new Set<Turn>();
  #quietSamples = 0;
  /** What it does not publish. */
  readonly #unpublishedUtterances = new SourceUtteranceIndex();
  /** What the translations that are open are said to translate. */
  readonly #sourceUtteranceOf = new Map<string, string>();
  /** Originals that are an echo, and translations of them: captions that are garbage, and never said. The last 128. */
  readonly #echoUtterances = new Set<string>();
  #finishing: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(options: InterpretationOptions) {
    this.#options = options;
    this.#settings = options.settings;
    options.output.state('listening');
  }

  updateSettings(wishes: InterpretationSettings): void {
    this.#settings = wishes;
  }

  /** What the speaker says: 16 kHz mono, the last sample said `agoMs` before now. */
  push(samples: Int16Array, { agoMs = 0, voiced = true } = {}): void {
    if (this.#closed || this.#finishing) return;
    // A turn begins with a word.
    if (!this.#currentTurn && !voiced) return;
    const resumes = voiced && this.#quietSamples >= PAUSE_SAMPLES;
    if (!this.#currentTurn || (resumes && !this.#canContinue(this.#currentTurn))) this.#currentTurn = this.#startTurn();
    this.#quietSamples = voiced ? 0 : this.#quietSamples + samples.length;
    this.#currentTurn.push({ samples, roomMs: this.#options.roomNowMs() - agoMs, voiced });
  }

  /** Who hears what is said now, and may be shown something. */
  get pictureRecipient(): PictureRecipient | undefined {
    const viewer = this.#currentTurn?.pictureRecipient;
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
    this.#currentTurn?.pause();
  }

  /** Nothing more is said: lets what was said come out, then closes. Settles after at most 22 s. */
  finish(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#finishing) return this.#finishing.promise;
    this.#finishing = Promise.withResolvers<void>();
    const { promise, resolve } = this.#finishing;
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
    this.#finishing?.resolve();
  }

  #canContinue(turn: Turn): boolean {
    return !turn.isExpired && sessionKey(turn.kind) === sessionKey(this.#settings.kind);
  }

  #startTurn(): Turn {
    this.#currentTurn?.pause();
    const { speaker, pool, catchUpRate, patience, nextUtterance, clock, roomNowMs: roomNow, output } = this.#options;
    const { kind, read } = this.#settings;
    const turn = new Turn({
      speaker,
      kind,
      read,
      pool,
      catchUpRate,
      patience,
      nextUtterance,
      clock,
      roomNowMs: roomNow,
      output: {
        ...output,
        original: this.#originals(kind.source),
        translation: (caption) => {
          if (caption.sourceUtterance !== undefined && this.#echoUtterances.has(caption.sourceUtterance))
            this.#noteEcho(caption.utterance);
          output.translation(this.#linkToSource(caption));
        },
        understood: ({ stable: text, language }) => {
          if (!this.#options.isEcho(text)) output.understood({ declared: kind.source, language, text });
        },
        voice: (utterance, samples) => {
          if (!this.#echoUtterances.has(utterance.id)) output.voice(utterance, samples);
        },
      },
      onEnded: () => this.#onTurnEnded(turn),
    });
    this.#turns.add(turn);
    return turn;
  }

  /** What was begun is ended too, though another publishes the originals by now. */
  #originals(language: LanguageCode): (caption: OutgoingCaption) => void {
    const open = new Set<string>();
    return (caption) => {
      const { utterance, final } = caption;
      if (this.#options.isEcho(caption.stable)) this.#noteEcho(utterance);
      const publishes = this.#publishes(utterance) || open.has(utterance);
      (publishes ? this.#options.sourceUtterances : this.#unpublishedUtterances).record(utterance, caption);
      if (!publishes) return;
      if (final) open.delete(utterance);
      else open.add(utterance);
      this.#options.output.original(language, caption);
    };
  }

  #noteEcho(utterance: string): void {
    this.#echoUtterances.add(utterance);
    const [oldest] = this.#echoUtterances;
    if (this.#echoUtterances.size > MAX_ECHOES && oldest !== undefined) this.#echoUtterances.delete(oldest);
  }

  #publishes(utterance: string): boolean {
    return this.#settings.originals && !this.#unpublishedUtterances.has(utterance);
  }

  /** A translation is of an original that people can read, and of no other afterwards. */
  #linkToSource(caption: OutgoingCaption): OutgoingCaption {
    const { sourceUtterance: heard, utterance, ...rest } = caption;
    const of = this.#sourceUtteranceOf.get(utterance) ?? this.#publishedSource(heard, caption);
    if (of === undefined) return { ...rest, utterance };
    if (caption.final) this.#sourceUtteranceOf.delete(utterance);
    else this.#sourceUtteranceOf.set(utterance, of);
    return { ...rest, utterance, sourceUtterance: of };
  }

  #publishedSource(heard: string | undefined, { start }: OutgoingCaption): string | undefined {
    if (heard === undefined) return undefined;
    const { sourceUtterances: published, roomNowMs: roomNow } = this.#options;
    if (published.has(heard) || this.#publishes(heard)) {
      published.record(heard, { start });
      return heard;
    }
    return published.closest(this.#unpublishedUtterances.record(heard, { start }), roomNow());
  }

  #onTurnEnded(turn: Turn): void {
    this.#turns.delete(turn);
    // One that was denied is not begun anew in the middle of what is said.
    if (this.#currentTurn === turn && !turn.isDenied) this.#currentTurn = undefined;
    if (this.#turns.size === 0) this.#finishing?.resolve();
  }
}
