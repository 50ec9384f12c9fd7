/**
 * One run of speech of one speaker into one language, however many sessions it takes: what was said, until it is settled, and what
 * came back, as captions and sound. No timers, no sessions.
 *
 * Hard requirement: when a session is lost, what was not settled is said again to the next one (`restart`), and comes out once:
 * each utterance has one final, and sound that has begun is not begun again; the rest of it is captions only.
 */
import type { SpeakerView } from '../protocol/room-messages.ts';
import { AudioTimeline } from './audio-timeline.ts';
import { CaptionStream } from './caption-stream.ts';
import type { CaptionMessage } from './captions.ts';
import { uncovered } from './covered-text.ts';
import type { Utterance } from './playout-queue.ts';
import { type Heard, SpeechSpool } from './speech-spool.ts';
import type { SessionEvents } from './translation/session.ts';

const MAX_EXCHANGES = 64;
const MAX_OVER = 256;
const MAX_VOICES = 256;
/** The first word of what was said comes within so long, if anything comes of it. */
const LONGEST_LATENCY_MS = 6000;

export interface PassageOutput {
  original(caption: CaptionMessage): void;
  translation(caption: CaptionMessage): void;
  voice(utterance: Utterance, samples: Int16Array): void;
  /** Nothing more of it comes. */
  voiceComplete(utterance: string): void;
  /** Another session will say it: it is taken back. False: too late, some of it has sounded. */
  withdrawVoice(utterance: string): boolean;
  /** It is not said, or not to its end. */
  cutVoiceShort(utterance: Utterance): void;
}

export interface PassageOptions {
  speaker: SpeakerView;
  /** A transcript is all that is wanted. */
  transcriptOnly: boolean;
  nextUtterance: () => string;
  nowMs: () => number;
  output: PassageOutput;
}

/** A source segment with what translates it. */
interface Exchange {
  source: string | undefined;
  sourceFinal: boolean;
  /** It is not worth a translation. */
  empty: boolean;
  /** Where it begins in what its session was sent: as the service says, or the earliest that it can be. */
  beginMs: number;
  /** Where it ends, as the service says. */
  endMs: number | undefined;
  /** How much its session had been sent when the last part of it became final. */
  finalAtMs: number;
  translations: Map<string, Translation>;
}

interface Translation {
  final: boolean;
  voice: 'none' | 'comes' | 'ended';
  /** The utterance that its sound belongs to; undefined: none came yet that is to be heard. */
  says: string | undefined;
}

export class Passage {
  readonly #options: PassageOptions;
  readonly #spool = new SpeechSpool();
  readonly #originals: CaptionStream;
  readonly #translations: CaptionStream;
  #timeline = new AudioTimeline();
  /** The present session says what it writes. */
  #speaks = false;
  #exchanges: Exchange[] = [];
  /** Segments of this session that are over: what still comes of them opens nothing again. At most 256. */
  readonly #over = new Set<string>();
  /** Utterances of which sound has come, and whether it has all come. */
  readonly #voices = new Map<string, 'comes' | 'complete'>();
  /** The words of utterances that had sounded in part when their session was lost, and are not to be said again. */
  #heard: string[] = [];
  /** Utterances that are not said, or not any further. */
  readonly #muted = new Set<string>();

  constructor(options: PassageOptions) {
    this.#options = options;
    const { speaker, nextUtterance, nowMs, output } = options;
    const common = { speaker, nextUtterance, nowMs };
    this.#originals = new CaptionStream({ ...common, kind: 'original', say: (caption) => output.original(caption) });
    this.#translations = new CaptionStream({
      ...common,
      kind: 'translation',
      say: (caption) => output.translation(caption),
    });
  }

  hear(heard: Heard): void {
    this.#spool.push(heard);
  }

  /** Nobody hears it: the oldest of it is not kept for ever. */
  waits(): void {
    this.#spool.limitUnheard();
  }

  /** What a session is to be sent next; `again`: another has heard it before. */
  next(): (Heard & { again: boolean }) | undefined {
    const heard = this.#spool.take();
    if (heard) this.#timeline.sent(heard.samples.length, heard.roomMs);
    return heard;
  }

  /** The session was sent silence of our own. */
  padded(samples: number, roomMs: number): void {
    this.#spool.pad(samples);
    this.#timeline.sent(samples, roomMs);
  }

  get isSent(): boolean {
    return this.#spool.isEmpty;
  }

  get lostMs(): number {
    return this.#spool.lostMs;
  }

  /** A session is there to hear it. */
  begins({ speaks }: { speaks: boolean }): void {
    this.#speaks = speaks;
  }

  /** Something that was begun has not come to its end. */
  get isOpen(): boolean {
    return this.#exchanges.some((exchange) => !this.#isComplete(exchange));
  }

  readonly source: SessionEvents['source'] = (text) => {
    const exchange = this.#exchangeOf(text.segment);
    this.#originals.update(text, this.#timing(text.startMs, text.endMs));
    exchange.beginMs = text.startMs ?? exchange.beginMs;
    exchange.endMs = text.endMs ?? exchange.endMs;
    if (!text.final || exchange.sourceFinal) return;
    exchange.sourceFinal = true;
    exchange.empty = text.stable + text.tentative === '';
    this.#settle(exchange);
  };

  readonly translation: SessionEvents['translation'] = (text) => {
    const exchange = this.#exchangeOf(text.of, text.segment);
    const part = this.#translations.partsCut(text.segment);
    const of = text.of === undefined ? undefined : this.#originals.utteranceOf(text.of, part);
    this.#translations.update(text, this.#timing(), of);
    const translation = this.#translationIn(exchange, text.segment);
    if (!text.final || translation.final) return;
    translation.final = true;
    this.#passOverHeard(text.stable + text.tentative);
    if (translation.voice !== 'none' && translation.says === undefined) this.#skipRepeated(text.segment);
    this.#settle(exchange);
  };

  readonly audio: SessionEvents['audio'] = (segment, samples) => {
    const translation = this.#translationIn(this.#exchangeOf(undefined, segment), segment);
    if (translation.voice === 'ended') return;
    translation.voice = 'comes';
    translation.says ??= this.#voiceOf(segment);
    if (translation.says !== undefined) this.#say(translation.says, samples);
    else if (translation.final) this.#skipRepeated(segment);
  };

  readonly audioEnd: SessionEvents['audioEnd'] = (segment) => {
    const exchange = this.#exchangeOf(undefined, segment);
    const translation = this.#translationIn(exchange, segment);
    translation.voice = 'ended';
    const id = translation.says;
    if (id !== undefined && this.#voices.get(id) === 'comes') this.#completeVoice(id);
    this.#settle(exchange);
  };

  /** The service will not translate what it was sent last: it is not said again, and readers are told. */
  refused(): void {
    const end = this.#timeline.roomTime();
    this.#spool.forget();
    this.#completeVoices();
    this.#originals.finishAll(end);
    this.#translations.refuse(end);
    for (const exchange of this.#exchanges.splice(0)) this.#end(exchange);
  }

  /** The session is gone; what is not settled is said to another from its beginning. */
  restart(): void {
    this.#spool.rewind();
    this.#timeline = new AudioTimeline();
    this.#originals.restart();
    this.#translations.restart();
    this.#exchanges = [];
    this.#over.clear();
    for (const [id, state] of this.#voices) if (!this.#muted.has(id)) this.#interruptVoice(id, state);
  }

  /** Nothing more comes: what is open ends with what was shown of it. */
  finish(): void {
    const end = this.#timeline.roomTime();
    this.#completeVoices();
    this.#originals.finishAll(end);
    this.#translations.finishAll(end);
    this.#exchanges = [];
  }

  /** The utterance that a segment says; undefined: some of what it says has been heard, or will be. */
  #voiceOf(segment: string): string | undefined {
    if (this.#heard.length > 0) return undefined;
    const said = [...this.#translations.repeated(segment), this.#translations.utteranceOf(segment)];
    return said.some((id) => this.#voices.has(id) || this.#muted.has(id)) ? undefined : said.at(-1);
  }

  /** What it says was heard before, as far as it says the same. */
  #passOverHeard(text: string): void {
    if (this.#heard.length === 0) return;
    const { covered } = uncovered(this.#heard, text);
    this.#heard = covered === 0 ? [] : this.#heard.slice(covered);
  }

  #say(id: string, samples: Int16Array): void {
    this.#voices.set(id, 'comes');
    const [oldest] = this.#voices.keys();
    if (this.#voices.size > MAX_VOICES && oldest !== undefined) this.#voices.delete(oldest);
    this.#options.output.voice({ id, speaker: this.#options.speaker }, samples);
  }

  #interruptVoice(id: string, state: 'comes' | 'complete'): void {
    if (state === 'comes' && this.#options.output.withdrawVoice(id)) {
      this.#voices.delete(id);
      return;
    }
    this.#muted.add(id);
    if (state === 'comes') this.#heard.push(...this.#translations.wordsShown(id));
    if (state === 'comes') this.#options.output.cutVoiceShort({ id, speaker: this.#options.speaker });
  }

  /** Part of it has been heard already: what is new in it is read only. */
  #skipRepeated(segment: string): void {
    const id = this.#translations.utteranceOf(segment);
    if (this.#voices.has(id) || this.#muted.has(id)) return;
    this.#muted.add(id);
    this.#options.output.cutVoiceShort({ id, speaker: this.#options.speaker });
  }

  #completeVoices(): void {
    for (const [id, state] of this.#voices) if (state === 'comes' && !this.#muted.has(id)) this.#completeVoice(id);
  }

  #completeVoice(id: string): void {
    this.#voices.set(id, 'complete');
    this.#options.output.voiceComplete(id);
  }

  /** Found by its source, else by a translation that it has, else begun. */
  #exchangeOf(source: string | undefined, translation?: string): Exchange {
    const bySource = this.#exchanges.find((exchange) => source !== undefined && exchange.source === source);
    const byTranslation = this.#exchanges.find(
      ({ translations }) => translation !== undefined && translations.has(translation),
    );
    if (bySource && byTranslation && bySource !== byTranslation) this.#merge(bySource, byTranslation);
    const known = bySource ?? byTranslation;
    if (!known) return this.#begin(source, translation);
    if (known.source === undefined && source !== undefined) {
      known.source = source;
      known.sourceFinal = this.#over.has(source);
    }
    return known;
  }

  /** Its sound came before it was known what it translates. */
  #merge(into: Exchange, { translations, ...other }: Exchange): void {
    for (const [segment, translation] of translations) into.translations.set(segment, translation);
    this.#exchanges = this.#exchanges.filter((exchange) => exchange.translations !== translations);
    into.beginMs = Math.min(into.beginMs, other.beginMs);
    into.finalAtMs = Math.max(into.finalAtMs, other.finalAtMs);
  }

  #begin(source: string | undefined, translation: string | undefined): Exchange {
    const late = [source, translation].some((segment) => segment !== undefined && this.#over.has(segment));
    const exchange: Exchange = {
      source,
      sourceFinal: source === undefined || late,
      empty: late,
      beginMs: this.#spool.sentMs - LONGEST_LATENCY_MS,
      // What was said is settled already.
      endMs: late ? 0 : undefined,
      finalAtMs: 0,
      translations: new Map(),
    };
    this.#exchanges.push(exchange);
    if (this.#exchanges.length > MAX_EXCHANGES) this.#exchanges.shift();
    return exchange;
  }

  #translationIn({ translations }: Exchange, segment: string): Translation {
    const known = translations.get(segment) ?? { final: this.#over.has(segment), voice: 'none', says: undefined };
    translations.set(segment, known);
    return known;
  }

  #end({ source, translations }: Exchange): void {
    for (const segment of [source, ...translations.keys()]) if (segment !== undefined) this.#over.add(segment);
    for (const segment of this.#over) if (this.#over.size > MAX_OVER) this.#over.delete(segment);
  }

  #isComplete({ sourceFinal, empty, translations }: Exchange): boolean {
    const ended = [...translations.values()].every(
      ({ final, voice }) => final && (voice === 'ended' || (voice === 'none' && !this.#speaks)),
    );
    const translated = translations.size > 0 || empty || this.#options.transcriptOnly;
    return sourceFinal && translated && ended;
  }

  /** Speech whose captions and sound have all come need not be said again. */
  #settle(changed: Exchange): void {
    if (!this.#isComplete(changed)) return;
    changed.finalAtMs = this.#spool.sentMs;
    for (let first = this.#exchanges[0]; first && this.#isComplete(first); first = this.#exchanges[0]) {
      const pauseMs = first.endMs === undefined ? this.#spool.firstPause() : undefined;
      const endMs = pauseMs ?? first.endMs;
      if (endMs === undefined || (pauseMs !== undefined && pauseMs > first.finalAtMs)) break;
      this.#spool.settle(endMs);
      this.#forgetFirst(first);
    }
    this.#settleOld();
  }

  /** Where nobody tells which speech a text is of: what was said so long ago that all of it has had its answer. */
  #settleOld(): void {
    const open = this.#exchanges.filter((exchange) => !this.#isComplete(exchange)).map(({ beginMs }) => beginMs);
    const horizonMs = Math.min(...open, this.#spool.sentMs - LONGEST_LATENCY_MS);
    this.#spool.settle(horizonMs);
    for (let first = this.#exchanges[0]; first && this.#isComplete(first); first = this.#exchanges[0]) {
      if (first.finalAtMs > horizonMs) return;
      this.#forgetFirst(first);
    }
  }

  #forgetFirst(first: Exchange): void {
    if (first.source !== undefined) this.#originals.settle(first.source);
    for (const segment of first.translations.keys()) this.#translations.settle(segment);
    this.#exchanges.shift();
    this.#end(first);
  }

  #timing(startMs?: number, endMs?: number): { start: number; end: number } {
    return {
      start: startMs === undefined ? this.#timeline.stretchStart : this.#timeline.roomTime(startMs),
      end: this.#timeline.roomTime(endMs),
    };
  }
}
