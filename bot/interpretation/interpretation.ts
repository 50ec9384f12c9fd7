/**
 * Interprets one speaker into one language, turn by turn. Speech that comes while an earlier turn is still answered belongs to that
 * turn, or to a turn of its own where another session has to take over. Filters what the turns emit: echoes are not spoken, and
 * original captions appear once for each speaker, whichever of their interpretations publishes them.
 */

import type { LanguageCode, SpeakerView } from '@mediasoup-booth/protocol';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { BoundedMap, BoundedSet } from '../../collections/bounded-map.ts';
import type { Clock } from '../../time/clock.ts';
import type { OutgoingCaption } from '../captions/caption-channel.ts';
import type { SessionPool } from '../session/session-pool.ts';
import { type SessionOptions, sessionKey } from '../session/translation-session.ts';
import type { ImageSink } from '../vision/vision.ts';
import type { EmitInterpretationEvent, InterpretationEvent, RetractAudio } from './interpretation-event.ts';
import { SourceUtteranceIndex } from './source-utterance-index.ts';
import { Turn } from './turn.ts';

const MAX_UTTERANCES = 128;
const MAX_FINISH_MS = 22_000;
/** A pause of this length is between two words, not within one. */
const PAUSE_SAMPLES = 0.3 * SPEECH_SAMPLE_RATE;

/** The options that may change while an interpretation runs; a session in use is replaced at the next pause. */
export interface InterpretationSettings {
  sessionOptions: SessionOptions;
  /** Whether it publishes original captions as well as translations. */
  originals: boolean;
  /** Whether somebody subscribes to its captions; false: it is only listened to. */
  hasCaptionSubscribers: boolean;
}

export interface InterpretationOptions {
  speaker: SpeakerView;
  settings: InterpretationSettings;
  /** The speaker's published source utterances, shared by all interpretations of the speaker. */
  sourceUtterances: SourceUtteranceIndex;
  pool: Pick<SessionPool, 'requestLease'>;
  /** How fast speech that had to wait may be sent, as a multiple of the pace of speech. */
  catchUpRate: number;
  /** Multiplies the time that the service may take to answer before a session is abandoned. Default: 1. */
  timeoutMultiplier?: number | undefined;
  /** What messages call the service, at the beginning of a sentence. Default: "The translation service". */
  serviceName?: string | undefined;
  emit: EmitInterpretationEvent;
  retractAudio: RetractAudio;
  /** The id of the next utterance. */
  nextUtterance: () => string;
  clock: Clock;
  /** Milliseconds since the room began. */
  roomNowMs: () => number;
  /** Whether an original text is what the channel that the speaker listens to has just said. */
  isEcho: (text: string) => boolean;
}

/**
 * @example
 * const interpretation = new Interpretation(options);
 * interpretation.push(samples, { isSpeech: true });
 * interpretation.pause(); // the speaker has fallen silent
 * await interpretation.finish(); // the speaker has left
 */
export class Interpretation {
  readonly #options: InterpretationOptions;
  #settings: InterpretationSettings;
  /** The turn that takes what is said now. */
  #currentTurn: Turn | undefined;
  /** All turns that have not ended. */
  readonly #turns = new Set<Turn>();
  #quietSamples = 0;
  /** Milliseconds of speech dropped by turns that have ended. */
  #droppedMs = 0;
  /** Source utterances whose original captions another interpretation publishes. */
  readonly #unpublishedUtterances = new SourceUtteranceIndex();
  /** Original captions that were published and have no final yet. */
  readonly #openOriginals = new BoundedSet<string>(MAX_UTTERANCES);
  /** The source utterance of each open translation. */
  readonly #sourceUtteranceOf = new BoundedMap<string, string>(MAX_UTTERANCES);
  /** Utterances that are an echo of what the speaker hears, and translations of them: they are captioned, and never spoken. */
  readonly #echoUtterances = new BoundedSet<string>(MAX_UTTERANCES);
  #finishing: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(options: InterpretationOptions) {
    this.#options = options;
    this.#settings = options.settings;
    options.emit({ type: 'state', state: 'listening' });
  }

  updateSettings(settings: InterpretationSettings): void {
    this.#settings = settings;
  }

  /**
   * Takes speech, and the pauses in it.
   * @param samples 16 kHz mono
   * @param chunk.agoMs how long ago the last sample was spoken; default 0
   * @param chunk.isSpeech whether it is speech; default true
   */
  push(samples: Int16Array, { agoMs = 0, isSpeech = true } = {}): void {
    if (this.#closed || this.#finishing) return;
    // A turn begins with a word.
    if (!this.#currentTurn && !isSpeech) return;
    const resumes = isSpeech && this.#quietSamples >= PAUSE_SAMPLES;
    if (!this.#currentTurn || (resumes && !this.#canContinue(this.#currentTurn))) this.#currentTurn = this.#startTurn();
    this.#quietSamples = isSpeech ? 0 : this.#quietSamples + samples.length;
    this.#currentTurn.push({ samples, roomMs: this.#options.roomNowMs() - agoMs, isSpeech });
  }

  /** Milliseconds of speech that were dropped because no session took them in time. */
  get droppedMs(): number {
    return [...this.#turns].reduce((sum, turn) => sum + turn.droppedMs, this.#droppedMs);
  }

  /** Milliseconds of speech that wait to be sent to a session. */
  get waitingMs(): number {
    return [...this.#turns].reduce((sum, turn) => sum + turn.waitingMs, 0);
  }

  /** The session that is sent the present speech, if there is one, as a sink for pictures. */
  get imageSink(): ImageSink | undefined {
    const imageSink = this.#currentTurn?.imageSink;
    if (!imageSink) return undefined;
    const sendImage = (jpeg: Uint8Array): boolean => {
      const isSent = imageSink.sendImage(jpeg);
      if (isSent) this.#options.emit({ type: 'pictureSent' });
      return isSent;
    };
    return { session: imageSink.session, sentAudioMs: imageSink.sentMs, sendImage };
  }

  /** The speaker has fallen silent. */
  pause(): void {
    this.#quietSamples = PAUSE_SAMPLES;
    this.#currentTurn?.pause();
  }

  /** Takes no more speech, waits for the answers to what was said, and closes. Resolves after at most 22 s. */
  finish(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#finishing) return this.#finishing.promise;
    this.#finishing = Promise.withResolvers<void>();
    const { promise, resolve } = this.#finishing;
    const cancel = this.#options.clock.after(MAX_FINISH_MS, resolve);
    this.pause();
    if (this.#turns.size === 0) resolve();
    return promise.then(() => {
      cancel();
      this.close();
    });
  }

  /** Ends at once; open captions end with what was shown. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const turn of [...this.#turns]) turn.close();
    this.#finishing?.resolve();
  }

  #canContinue(turn: Turn): boolean {
    return !turn.isExpired && sessionKey(turn.sessionOptions) === sessionKey(this.#settings.sessionOptions);
  }

  #startTurn(): Turn {
    this.#currentTurn?.pause();
    const {
      speaker,
      pool,
      catchUpRate,
      timeoutMultiplier,
      serviceName,
      nextUtterance,
      clock,
      roomNowMs,
      retractAudio,
    } = this.#options;
    const { sessionOptions, hasCaptionSubscribers } = this.#settings;
    const turn = new Turn({
      speaker,
      sessionOptions,
      hasCaptionSubscribers,
      pool,
      catchUpRate,
      timeoutMultiplier,
      serviceName,
      nextUtterance,
      clock,
      roomNowMs,
      emit: (event) => this.#forward(event),
      retractAudio,
      onEnded: () => this.#onTurnEnded(turn),
    });
    this.#turns.add(turn);
    return turn;
  }

  #forward(event: InterpretationEvent): void {
    const { emit, isEcho } = this.#options;
    if (event.type === 'caption' && event.caption.kind === 'original')
      this.#forwardOriginal(event.language, event.caption);
    else if (event.type === 'caption') this.#forwardTranslation(event.language, event.caption);
    else if (event.type === 'voice' && this.#echoUtterances.has(event.utterance.id)) return;
    else if (event.type === 'recognized' && isEcho(event.recognized.text)) return;
    else emit(event);
  }

  /** An original caption that was begun is ended too, although another interpretation publishes the originals by now. */
  #forwardOriginal(language: LanguageCode, caption: OutgoingCaption): void {
    const { utterance, final, stable } = caption;
    const { emit, isEcho, sourceUtterances } = this.#options;
    if (isEcho(stable)) this.#echoUtterances.add(utterance);
    const isPublished = this.#publishes(utterance) || this.#openOriginals.has(utterance);
    (isPublished ? sourceUtterances : this.#unpublishedUtterances).record(utterance, caption);
    if (!isPublished) return;
    if (final) this.#openOriginals.delete(utterance);
    else this.#openOriginals.add(utterance);
    emit({ type: 'caption', language, caption });
  }

  #forwardTranslation(language: LanguageCode, caption: OutgoingCaption): void {
    const { utterance, sourceUtterance } = caption;
    if (sourceUtterance !== undefined && this.#echoUtterances.has(sourceUtterance)) this.#echoUtterances.add(utterance);
    this.#options.emit({ type: 'caption', language, caption: this.#linkToSource(caption) });
  }

  #publishes(utterance: string): boolean {
    return this.#settings.originals && !this.#unpublishedUtterances.has(utterance);
  }

  /** Links a translation to a source utterance that people can read; the link does not change afterwards. */
  #linkToSource(caption: OutgoingCaption): OutgoingCaption {
    const { sourceUtterance: ownSource, utterance, ...rest } = caption;
    const sourceUtterance = this.#sourceUtteranceOf.get(utterance) ?? this.#publishedSource(ownSource, caption);
    if (sourceUtterance === undefined) return { ...rest, utterance };
    if (caption.final) this.#sourceUtteranceOf.delete(utterance);
    else this.#sourceUtteranceOf.set(utterance, sourceUtterance);
    return { ...rest, utterance, sourceUtterance };
  }

  /** The published utterance that was spoken at the time of a source utterance of this interpretation. */
  #publishedSource(ownSource: string | undefined, { start }: OutgoingCaption): string | undefined {
    if (ownSource === undefined) return undefined;
    const { sourceUtterances, roomNowMs } = this.#options;
    if (sourceUtterances.has(ownSource) || this.#publishes(ownSource)) {
      sourceUtterances.record(ownSource, { start });
      return ownSource;
    }
    return sourceUtterances.closest(this.#unpublishedUtterances.record(ownSource, { start }), roomNowMs());
  }

  #onTurnEnded(turn: Turn): void {
    this.#turns.delete(turn);
    this.#droppedMs += turn.droppedMs;
    // A turn that was denied stays current until the speaker pauses: another would be denied as well.
    if (this.#currentTurn === turn && !turn.isDenied) this.#currentTurn = undefined;
    if (this.#turns.size === 0) this.#finishing?.resolve();
  }
}
