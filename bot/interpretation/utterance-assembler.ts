/**
 * One run of speech of one speaker into one language, however many sessions it takes: what was said, until it is settled, and what
 * came back, as captions and sound. No timers, no sessions.
 *
 * Hard requirement: when a session is lost, what was not settled is said again to the next one (`restart`), and comes out once:
 * each utterance has one final, and sound that has begun is not begun again; the rest of it is captions only.
 */
import type { SpeakerView } from '../../protocol/room-messages.ts';
import type { OutgoingCaption } from '../captions/caption-channel.ts';
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
  original(caption: OutgoingCaption): void;
  translation(caption: OutgoingCaption): void;
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
  readonly #replayBuffer = new ReplayBuffer();
  readonly #originals: CaptionStream;
  readonly #translations: CaptionStream;
  #timeline = new AudioTimeline();
  /** The present session says what it writes. */
  #sessionSpeaks = false;
  #alignment = new SegmentAlignment();
  /** Utterances of which sound has come, and whether it has all come. */
  readonly #voices = new Map<string, 'comes' | 'complete'>();
  /** The words of utterances that had sounded in part when their session was lost, and are not to be said again. */
  #soundedWords: string[] = [];
  /** Utterances that are not said, or not any further: the last 256. */
  readonly #muted = new Set<string>();

  constructor(options: UtteranceAssemblerOptions) {
    this.#options = options;
    const { speaker, nextUtterance, nowMs, output } = options;
    const common = { speaker, nextUtterance, nowMs };
    this.#originals = new CaptionStream({
      ...common,
      kind: 'original',
      onCaption: (caption) => output.original(caption),
    });
    this.#translations = new CaptionStream({
      ...common,
      kind: 'translation',
      onCaption: (caption) => output.translation(caption),
    });
  }

  push(heard: SpeechChunk): void {
    this.#replayBuffer.push(heard);
  }

  /** Nobody hears it: the oldest of it is not kept for ever. */
  limitUnsent(): void {
    this.#replayBuffer.limitUnsent();
  }

  /** What a session is to be sent next; `again`: another has heard it before. */
  next(): (SpeechChunk & { again: boolean }) | undefined {
    const heard = this.#replayBuffer.take();
    if (heard) this.#timeline.sent(heard.samples.length, heard.roomMs);
    return heard;
  }

  /** The session was sent silence of our own. */
  silenceSent(samples: number, roomMs: number): void {
    this.#replayBuffer.silenceSent(samples);
    this.#timeline.sent(samples, roomMs);
  }

  get isAllSent(): boolean {
    return this.#replayBuffer.isEmpty;
  }

  /** A session is there to hear it. */
  startSession({ speaks }: { speaks: boolean }): void {
    this.#sessionSpeaks = speaks;
  }

  /** Something that was begun has not come to its end. */
  get hasOpenSegments(): boolean {
    return this.#alignment.pairs.some((exchange) => !this.#isComplete(exchange));
  }

  readonly source: SessionEvents['source'] = (text) => {
    const exchange = this.#alignment.pairFor(text.segment, undefined, this.#earliestMs);
    const timing = this.#timing(text.startMs, text.endMs);
    this.#originals.update(text, timing);
    if (!exchange.sourceFinal)
      exchange.spoken = {
        ...timing,
        start: text.startMs === undefined ? (exchange.spoken?.start ?? timing.start) : timing.start,
      };
    exchange.startMs = text.startMs ?? exchange.startMs;
    exchange.endMs = text.endMs ?? exchange.endMs;
    if (!text.final || exchange.sourceFinal) return;
    exchange.sourceFinal = true;
    this.#options.output.understood(text);
    exchange.empty = text.stable + text.tentative === '';
    this.#acknowledgeWith(exchange);
  };

  readonly translation: SessionEvents['translation'] = (text) => {
    const exchange = this.#alignment.pairFor(text.sourceSegment, text.segment, this.#earliestMs);
    const part = this.#translations.partCount(text.segment);
    const of = text.sourceSegment === undefined ? undefined : this.#originals.utteranceOf(text.sourceSegment, part);
    // It is timed as what it translates: it comes later itself, by as much as the service takes.
    this.#translations.update(text, exchange.spoken ?? this.#timing(), of);
    const translation = this.#alignment.translation(exchange, text.segment);
    if (!text.final || translation.final) return;
    translation.final = true;
    this.#skipSoundedWords(text.stable + text.tentative);
    if (translation.voice !== 'none' && translation.utterance === undefined) this.#muteRepeated(text.segment);
    this.#acknowledgeWith(exchange);
  };

  readonly audio: SessionEvents['audio'] = (segment, samples) => {
    const translation = this.#alignment.translation(
      this.#alignment.pairFor(undefined, segment, this.#earliestMs),
      segment,
    );
    if (translation.voice === 'ended') return;
    translation.voice = 'comes';
    translation.utterance ??= this.#voiceUtteranceOf(segment);
    if (translation.utterance !== undefined) this.#pushVoice(translation.utterance, samples);
    else if (translation.final) this.#muteRepeated(segment);
  };

  readonly audioEnd: SessionEvents['audioEnd'] = (segment) => {
    const exchange = this.#alignment.pairFor(undefined, segment, this.#earliestMs);
    const translation = this.#alignment.translation(exchange, segment);
    translation.voice = 'ended';
    const id = translation.utterance;
    if (id !== undefined && this.#voices.get(id) === 'comes') this.#completeVoice(id);
    this.#acknowledgeWith(exchange);
  };

  /** The service will not translate what it was sent last: it is not said again, and readers are told. */
  contentFiltered(): void {
    const end = this.#timeline.roomTime();
    this.#replayBuffer.discardSent();
    this.#completeVoices();
    this.#originals.finishAll(end);
    this.#translations.contentFiltered(end);
    this.#alignment.removeAll();
  }

  /** The session is gone; what is not settled is said to another from its beginning. */
  restart(): void {
    for (const [id, state] of this.#voices) if (!this.#muted.has(id)) this.#interruptVoice(id, state);
    this.#acknowledgeComplete();
    this.#replayBuffer.replay();
    this.#timeline = new AudioTimeline();
    this.#originals.restart();
    this.#translations.restart();
    this.#alignment = new SegmentAlignment();
  }

  /** Nothing more comes: what is open ends with what was shown of it. */
  finish(): void {
    const end = this.#timeline.roomTime();
    this.#completeVoices();
    this.#originals.finishAll(end);
    this.#translations.finishAll(end);
    this.#alignment.removeAll();
  }

  /** The utterance that a segment says; undefined: some of what it says has been heard, or will be. */
  #voiceUtteranceOf(segment: string): string | undefined {
    if (this.#soundedWords.length > 0) return undefined;
    const said = [...this.#translations.repeatedUtterances(segment), this.#translations.utteranceOf(segment)];
    return said.some((id) => this.#voices.has(id) || this.#muted.has(id)) ? undefined : said.at(-1);
  }

  /** What it says was heard before, as far as it says the same. */
  #skipSoundedWords(text: string): void {
    if (this.#soundedWords.length === 0) return;
    const { covered } = removeOverlap(this.#soundedWords, text);
    this.#soundedWords = covered === 0 ? [] : this.#soundedWords.slice(covered);
  }

  #pushVoice(id: string, samples: Int16Array): void {
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
    if (state === 'comes') this.#soundedWords.push(...this.#translations.shownWords(id));
    if (state === 'comes') this.#options.output.cutVoiceShort({ id, speaker: this.#options.speaker });
  }

  /** Part of it has been heard already: what is new in it is read only. */
  #muteRepeated(segment: string): void {
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
      ({ final, voice, utterance: says = '' }) =>
        final && (voice === 'ended' || (voice === 'none' && !this.#sessionSpeaks) || this.#muted.has(says)),
    );
    const translated = translations.size > 0 || empty || this.#options.transcriptOnly;
    return sourceFinal && translated && ended;
  }

  /** Speech whose captions and sound have all come need not be said again. */
  #acknowledgeWith(changed: SegmentPair): void {
    if (!this.#isComplete(changed)) return;
    changed.finalAtMs = this.#replayBuffer.sentMs;
    this.#acknowledgeComplete();
    this.#acknowledgeOld();
  }

  /** In its order: the first that is not complete holds up the rest. */
  #acknowledgeComplete(): void {
    for (let first = this.#alignment.first; first && this.#isComplete(first); first = this.#alignment.first) {
      const pauseMs = first.endMs === undefined ? this.#replayBuffer.firstPause() : undefined;
      const endMs = pauseMs ?? first.endMs;
      if (endMs === undefined || (pauseMs !== undefined && pauseMs > first.finalAtMs)) break;
      this.#replayBuffer.acknowledge(endMs);
      this.#removePair(first);
    }
  }

  /** Where nobody tells which speech a text is of: what was said so long ago that all of it has had its answer. */
  #acknowledgeOld(): void {
    const open = this.#alignment.pairs
      .filter((exchange) => !this.#isComplete(exchange))
      .map(({ startMs: beginMs }) => beginMs);
    const horizonMs = Math.min(...open, this.#earliestMs);
    this.#replayBuffer.acknowledge(horizonMs);
    for (let first = this.#alignment.first; first && this.#isComplete(first); first = this.#alignment.first) {
      if (first.finalAtMs > horizonMs) return;
      this.#removePair(first);
    }
  }

  #removePair(first: SegmentPair): void {
    if (first.source !== undefined) this.#originals.acknowledge(first.source);
    for (const segment of first.translations.keys()) this.#translations.acknowledge(segment);
    this.#alignment.remove(first);
  }

  /** Where in what the session was sent something can begin that is heard of only now. */
  get #earliestMs(): number {
    return this.#replayBuffer.sentMs - LONGEST_LATENCY_MS;
  }

  #timing(startMs?: number, endMs?: number): { start: number; end: number } {
    return {
      start: startMs === undefined ? this.#timeline.stretchStart : this.#timeline.roomTime(startMs),
      end: this.#timeline.roomTime(endMs),
    };
  }
}
