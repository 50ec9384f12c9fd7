/**
 * One run of speech of one speaker into one language, however many sessions it takes: what was said, until it is settled, and what
 * came back, as captions and sound. No timers, no sessions.
 *
 * Hard requirement: when a session is lost, what was not settled is said again to the next one (`restart`), and comes out once:
 * each utterance has one final, and sound that has begun is not begun again; the rest of it is captions only.
 */
import type { SpeakerView } from '../../protocol/room-messages.ts';
import type { UnaddressedCaption } from '../captions/caption-channel.ts';
import { CaptionStream } from '../captions/caption-stream.ts';
import type { QueuedUtterance } from '../playout/playout-queue.ts';
import type { SessionEvents, SourceText } from '../session/translation-session.ts';
import { AudioTimeline } from './audio-timeline.ts';
import { ReplayBuffer, type SpeechChunk } from './replay-buffer.ts';
import { SegmentAlignment, type SegmentPair } from './segment-alignment.ts';
import { removeOverlap } from './text-overlap.ts';

const MAX_VOICES = 256;
/** The first word of what was said comes within so long, if anything comes of it. */
const LONGEST_LATENCY_MS = 6000;

export interface UtteranceAssemblerOutput {
  /** What was said, at the end of each piece of it. */
  understood(final: SourceText): void;
  original(caption: UnaddressedCaption): void;
  translation(caption: UnaddressedCaption): void;
  voice(utterance: QueuedUtterance, samples: Int16Array): void;
  /** Nothing more of it comes. */
  voiceComplete(utterance: string): void;
  /** Another session will say it: it is taken back. False: too late, some of it has sounded. */
  withdrawVoice(utterance: string): boolean;
  /** It is not said, or not to its end. */
  cutVoiceShort(utterance: QueuedUtterance): void;
}

export interface UtteranceAssemblerOptions {
  speaker: SpeakerView;
  /** A transcript is all that is wanted. */
  transcriptOnly: boolean;
  nextUtterance: () => string;
  nowMs: () => number;
  output: UtteranceAssemblerOutput;
}

export class UtteranceAssembler {
  readonly #options: UtteranceAssemblerOptions;
  readonly #spool = new ReplayBuffer();
  readonly #originals: CaptionStream;
  readonly #translations: CaptionStream;
  #timeline = new AudioTimeline();
  /** The present session says what it writes. */
  #speaks = false;
  #exchanges = new SegmentAlignment();
  /** Utterances of which sound has come, and whether it has all come. */
  readonly #voices = new Map<string, 'comes' | 'complete'>();
  /** The words of utterances that had sounded in part when their session was lost, and are not to be said again. */
  #heard: string[] = [];
  /** Utterances that are not said, or not any further: the last 256. */
  readonly #muted = new Set<string>();

  constructor(options: UtteranceAssemblerOptions) {
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

  hear(heard: SpeechChunk): void {
    this.#spool.push(heard);
  }

  /** Nobody hears it: the oldest of it is not kept for ever. */
  waits(): void {
    this.#spool.limitUnheard();
  }

  /** What a session is to be sent next; `again`: another has heard it before. */
  next(): (SpeechChunk & { again: boolean }) | undefined {
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

  /** A session is there to hear it. */
  begins({ speaks }: { speaks: boolean }): void {
    this.#speaks = speaks;
  }

  /** Something that was begun has not come to its end. */
  get isOpen(): boolean {
    return this.#exchanges.all.some((exchange) => !this.#isComplete(exchange));
  }

  readonly source: SessionEvents['source'] = (text) => {
    const exchange = this.#exchanges.of(text.segment, undefined, this.#earliestMs);
    const timing = this.#timing(text.startMs, text.endMs);
    this.#originals.update(text, timing);
    if (!exchange.sourceFinal)
      exchange.said = {
        ...timing,
        start: text.startMs === undefined ? (exchange.said?.start ?? timing.start) : timing.start,
      };
    exchange.beginMs = text.startMs ?? exchange.beginMs;
    exchange.endMs = text.endMs ?? exchange.endMs;
    if (!text.final || exchange.sourceFinal) return;
    exchange.sourceFinal = true;
    this.#options.output.understood(text);
    exchange.empty = text.stable + text.tentative === '';
    this.#settle(exchange);
  };

  readonly translation: SessionEvents['translation'] = (text) => {
    const exchange = this.#exchanges.of(text.sourceSegment, text.segment, this.#earliestMs);
    const part = this.#translations.partsCut(text.segment);
    const of = text.sourceSegment === undefined ? undefined : this.#originals.utteranceOf(text.sourceSegment, part);
    // It is timed as what it translates: it comes later itself, by as much as the service takes.
    this.#translations.update(text, exchange.said ?? this.#timing(), of);
    const translation = this.#exchanges.translation(exchange, text.segment);
    if (!text.final || translation.final) return;
    translation.final = true;
    this.#passOverHeard(text.stable + text.tentative);
    if (translation.voice !== 'none' && translation.says === undefined) this.#skipRepeated(text.segment);
    this.#settle(exchange);
  };

  readonly audio: SessionEvents['audio'] = (segment, samples) => {
    const translation = this.#exchanges.translation(this.#exchanges.of(undefined, segment, this.#earliestMs), segment);
    if (translation.voice === 'ended') return;
    translation.voice = 'comes';
    translation.says ??= this.#voiceOf(segment);
    if (translation.says !== undefined) this.#say(translation.says, samples);
    else if (translation.final) this.#skipRepeated(segment);
  };

  readonly audioEnd: SessionEvents['audioEnd'] = (segment) => {
    const exchange = this.#exchanges.of(undefined, segment, this.#earliestMs);
    const translation = this.#exchanges.translation(exchange, segment);
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
    this.#exchanges.endAll();
  }

  /** The session is gone; what is not settled is said to another from its beginning. */
  restart(): void {
    for (const [id, state] of this.#voices) if (!this.#muted.has(id)) this.#interruptVoice(id, state);
    this.#settleComplete();
    this.#spool.replay();
    this.#timeline = new AudioTimeline();
    this.#originals.restart();
    this.#translations.restart();
    this.#exchanges = new SegmentAlignment();
  }

  /** Nothing more comes: what is open ends with what was shown of it. */
  finish(): void {
    const end = this.#timeline.roomTime();
    this.#completeVoices();
    this.#originals.finishAll(end);
    this.#translations.finishAll(end);
    this.#exchanges.endAll();
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
    const { covered } = removeOverlap(this.#heard, text);
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
    this.#mute(id);
    if (state === 'comes') this.#heard.push(...this.#translations.wordsShown(id));
    if (state === 'comes') this.#options.output.cutVoiceShort({ id, speaker: this.#options.speaker });
  }

  /** Part of it has been heard already: what is new in it is read only. */
  #skipRepeated(segment: string): void {
    const id = this.#translations.utteranceOf(segment);
    if (this.#voices.has(id) || this.#muted.has(id)) return;
    this.#mute(id);
    this.#options.output.cutVoiceShort({ id, speaker: this.#options.speaker });
  }

  #mute(id: string): void {
    this.#muted.add(id);
    const [oldest] = this.#muted;
    if (this.#muted.size > MAX_VOICES && oldest !== undefined) this.#muted.delete(oldest);
  }

  #completeVoices(): void {
    for (const [id, state] of this.#voices) if (state === 'comes' && !this.#muted.has(id)) this.#completeVoice(id);
  }

  #completeVoice(id: string): void {
    this.#voices.set(id, 'complete');
    this.#options.output.voiceComplete(id);
  }

  #isComplete({ sourceFinal, empty, translations }: SegmentPair): boolean {
    const ended = [...translations.values()].every(
      ({ final, voice, says = '' }) =>
        final && (voice === 'ended' || (voice === 'none' && !this.#speaks) || this.#muted.has(says)),
    );
    const translated = translations.size > 0 || empty || this.#options.transcriptOnly;
    return sourceFinal && translated && ended;
  }

  /** Speech whose captions and sound have all come need not be said again. */
  #settle(changed: SegmentPair): void {
    if (!this.#isComplete(changed)) return;
    changed.finalAtMs = this.#spool.sentMs;
    this.#settleComplete();
    this.#settleOld();
  }

  /** In its order: the first that is not complete holds up the rest. */
  #settleComplete(): void {
    for (let first = this.#exchanges.first; first && this.#isComplete(first); first = this.#exchanges.first) {
      const pauseMs = first.endMs === undefined ? this.#spool.firstPause() : undefined;
      const endMs = pauseMs ?? first.endMs;
      if (endMs === undefined || (pauseMs !== undefined && pauseMs > first.finalAtMs)) break;
      this.#spool.acknowledge(endMs);
      this.#forgetFirst(first);
    }
  }

  /** Where nobody tells which speech a text is of: what was said so long ago that all of it has had its answer. */
  #settleOld(): void {
    const open = this.#exchanges.all.filter((exchange) => !this.#isComplete(exchange)).map(({ beginMs }) => beginMs);
    const horizonMs = Math.min(...open, this.#earliestMs);
    this.#spool.acknowledge(horizonMs);
    for (let first = this.#exchanges.first; first && this.#isComplete(first); first = this.#exchanges.first) {
      if (first.finalAtMs > horizonMs) return;
      this.#forgetFirst(first);
    }
  }

  #forgetFirst(first: SegmentPair): void {
    if (first.source !== undefined) this.#originals.settle(first.source);
    for (const segment of first.translations.keys()) this.#translations.settle(segment);
    this.#exchanges.end(first);
  }

  /** Where in what the session was sent something can begin that is heard of only now. */
  get #earliestMs(): number {
    return this.#spool.sentMs - LONGEST_LATENCY_MS;
  }

  #timing(startMs?: number, endMs?: number): { start: number; end: number } {
    return {
      start: startMs === undefined ? this.#timeline.stretchStart : this.#timeline.roomTime(startMs),
      end: this.#timeline.roomTime(endMs),
    };
  }
}
