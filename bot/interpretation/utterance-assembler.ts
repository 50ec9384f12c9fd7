/**
 * The transcript of one turn in one language, however many sessions it takes: buffers the speech until it is acknowledged, and
 * assembles what the sessions answer into captions and voice. No timers, no sessions.
 *
 * Hard requirement: when a session is lost, the speech that is not acknowledged is replayed to the next one (`restart`), and its results appear
 * once: each utterance has one final caption, and an utterance that was partly played is not played again; the rest of it is captions only.
 */

import type { LanguageCode, SpeakerView } from '@mediasoup-booth/protocol';
import { BoundedMap, BoundedSet } from '../../collections/bounded-map.ts';
import { CaptionStream, type SpeechTiming } from '../captions/caption-stream.ts';
import type { SessionEvents } from '../session/translation-session.ts';
import { AudioTimeline } from './audio-timeline.ts';
import type { EmitInterpretationEvent, RetractAudio } from './interpretation-event.ts';
import { ReplayBuffer, type SpeechChunk } from './replay-buffer.ts';
import { SegmentAlignment, type SegmentPair } from './segment-alignment.ts';
import { removeOverlap } from './text-overlap.ts';

const MAX_VOICES = 256;
/** A service answers speech with its first word within this time, or not at all. */
const MAX_FIRST_WORD_LATENCY_MS = 6000;

export interface UtteranceAssemblerOptions {
  speaker: SpeakerView;
  source: LanguageCode;
  /** Equal to `source`: a transcript without translation. */
  target: LanguageCode;
  /** The id of the next utterance. */
  nextUtterance: () => string;
  nowMs: () => number;
  /** Receives captions, voice and recognized text. */
  emit: EmitInterpretationEvent;
  retractAudio: RetractAudio;
}

export class UtteranceAssembler {
  readonly #options: UtteranceAssemblerOptions;
  readonly #replayBuffer = new ReplayBuffer();
  readonly #originals: CaptionStream;
  readonly #translations: CaptionStream;
  #timeline = new AudioTimeline();
  /** Where the last segment began of which the service reported no time, in milliseconds of the audio that the session was sent. */
  #lastUntimedMs = -1;
  /** How much audio the session had been sent when the last such segment became final. */
  #untimedEndMs = -1;
  /** Whether the present session speaks its translations. */
  #sessionHasAudioOutput = false;
  #alignment = new SegmentAlignment();
  /** The last 256 utterances with voice, and whether all of it has come. */
  readonly #voices = new BoundedMap<string, 'streaming' | 'complete'>(MAX_VOICES);
  /** The words of utterances that had been partly played when their session was lost: they are not played again. */
  #playedWords: string[] = [];
  /** The last 256 utterances of which no more voice is passed on. */
  readonly #muted = new BoundedSet<string>(MAX_VOICES);

  constructor(options: UtteranceAssemblerOptions) {
    this.#options = options;
    const { source, target } = options;
    this.#originals = this.#captionStream('original', source);
    this.#translations = this.#captionStream('translation', target);
  }

  /** Takes what the speaker says. */
  push(chunk: SpeechChunk): void {
    this.#replayBuffer.push(chunk);
  }

  /** Milliseconds of speech that were dropped because no session took them in time. */
  get droppedMs(): number {
    return this.#replayBuffer.droppedMs;
  }

  /** Milliseconds of speech that wait to be sent. */
  get waitingMs(): number {
    return this.#replayBuffer.waitingMs;
  }

  /** To be called while there is no session: drops the oldest of what was never sent beyond 20 s. */
  limitUnsent(): void {
    this.#replayBuffer.limitUnsent();
  }

  /** The next speech to send to the session; `replayed`: an earlier session was sent it, too. */
  next(): (SpeechChunk & { replayed: boolean }) | undefined {
    const chunk = this.#replayBuffer.take();
    if (chunk) this.#timeline.sent(chunk.samples.length, chunk.roomMs, chunk.isSpeech);
    return chunk;
  }

  /** Records that the session was sent silence that nobody said. */
  silenceSent(samples: number, roomMs: number): void {
    this.#replayBuffer.silenceSent(samples);
    this.#timeline.sent(samples, roomMs, false);
  }

  get isAllSent(): boolean {
    return this.#replayBuffer.isEmpty;
  }

  /** @param hasAudioOutput whether the session speaks its translations */
  startSession({ hasAudioOutput }: { hasAudioOutput: boolean }): void {
    this.#sessionHasAudioOutput = hasAudioOutput;
  }

  /** Whether the service has begun a segment that it has not completed. */
  get hasOpenSegments(): boolean {
    return this.#alignment.pairs.some((pair) => !this.#isComplete(pair));
  }

  readonly source: SessionEvents['source'] = (text) => {
    const pair = this.#alignment.pairFor(text.segment, undefined, this.#earliestMs);
    const startRoomMs =
      text.startMs === undefined
        ? (pair.spoken?.startRoomMs ?? this.#untimedStartRoomMs())
        : this.#timeline.roomTime(text.startMs);
    const timing = { startRoomMs, endRoomMs: this.#timeline.roomTime(text.endMs) };
    this.#originals.update(text, timing);
    if (!pair.sourceFinal) pair.spoken = timing;
    pair.startMs = text.startMs ?? pair.startMs;
    pair.endMs = text.endMs ?? pair.endMs;
    if (!text.final || pair.sourceFinal) return;
    pair.sourceFinal = true;
    if (text.startMs === undefined) this.#untimedEndMs = this.#replayBuffer.sentMs;
    const recognized = { declared: this.#options.source, language: text.language, text: text.confirmed };
    this.#options.emit({ type: 'recognized', recognized });
    pair.empty = text.confirmed + text.tentative === '';
    this.#acknowledgeWith(pair);
  };

  readonly translation: SessionEvents['translation'] = (text) => {
    const pair = this.#alignment.pairFor(text.sourceSegment, text.segment, this.#earliestMs);
    const part = this.#translations.partCount(text.segment);
    const sourceUtterance =
      text.sourceSegment === undefined ? undefined : this.#originals.utteranceOf(text.sourceSegment, part);
    // A translation has the times of what it translates: it arrives later, by the latency of the service.
    this.#translations.update(text, pair.spoken ?? this.#latestTiming, sourceUtterance);
    const translation = this.#alignment.translationOf(pair, text.segment);
    if (!text.final || translation.final) return;
    translation.final = true;
    this.#skipPlayedWords(text.confirmed + text.tentative);
    if (translation.voice !== 'none' && translation.utterance === undefined) this.#muteRepeated(text.segment);
    this.#acknowledgeWith(pair);
  };

  readonly audio: SessionEvents['audio'] = (segment, samples) => {
    const pair = this.#alignment.pairFor(undefined, segment, this.#earliestMs);
    const translation = this.#alignment.translationOf(pair, segment);
    if (translation.voice === 'ended') return;
    translation.voice = 'streaming';
    translation.utterance ??= this.#voiceUtteranceOf(segment);
    if (translation.utterance !== undefined) this.#emitVoice(translation.utterance, samples);
    else if (translation.final) this.#muteRepeated(segment);
  };

  readonly audioEnd: SessionEvents['audioEnd'] = (segment) => {
    const pair = this.#alignment.pairFor(undefined, segment, this.#earliestMs);
    const translation = this.#alignment.translationOf(pair, segment);
    translation.voice = 'ended';
    const id = translation.utterance;
    if (id !== undefined && this.#voices.get(id) === 'streaming') this.#completeVoice(id);
    this.#acknowledgeWith(pair);
  };

  /** The service refuses to translate the speech that it was sent last: a caption says so, and that speech is not replayed. */
  contentFiltered(): void {
    const end = this.#timeline.roomTime();
    this.#replayBuffer.discardSent();
    this.#completeVoices();
    this.#originals.finishAll(end);
    this.#translations.contentFiltered(end);
    this.#alignment.removeAll();
  }

  /** The session was lost: `next` returns what is not acknowledged once more, from its beginning. */
  restart(): void {
    for (const [id, state] of this.#voices) if (!this.#muted.has(id)) this.#interruptVoice(id, state);
    this.#acknowledgeComplete();
    this.#replayBuffer.replay();
    this.#timeline = new AudioTimeline();
    this.#lastUntimedMs = this.#untimedEndMs = -1;
    this.#originals.restart();
    this.#translations.restart();
    this.#alignment = new SegmentAlignment();
  }

  /** No more answers come: open utterances end with the text that was shown last. */
  finish(): void {
    const end = this.#timeline.roomTime();
    this.#completeVoices();
    this.#originals.finishAll(end);
    this.#translations.finishAll(end);
    this.#alignment.removeAll();
  }

  #captionStream(kind: 'original' | 'translation', language: LanguageCode): CaptionStream {
    const { speaker, nextUtterance, nowMs, emit } = this.#options;
    return new CaptionStream({
      kind,
      speaker,
      nextUtterance,
      nowMs,
      onCaption: (caption) => emit({ type: 'caption', language, caption }),
    });
  }

  /** The utterance whose voice a segment is; undefined where some of the segment was played before, or will be. */
  #voiceUtteranceOf(segment: string): string | undefined {
    if (this.#playedWords.length > 0) return undefined;
    const utterances = [...this.#translations.replayCandidates(segment), this.#translations.utteranceOf(segment)];
    return utterances.some((id) => this.#voices.has(id) || this.#muted.has(id)) ? undefined : utterances.at(-1);
  }

  /** Drops those of the played words that a final text repeats. */
  #skipPlayedWords(text: string): void {
    if (this.#playedWords.length === 0) return;
    const { matchedWordCount } = removeOverlap(this.#playedWords, text);
    this.#playedWords = matchedWordCount === 0 ? [] : this.#playedWords.slice(matchedWordCount);
  }

  #emitVoice(id: string, samples: Int16Array): void {
    this.#voices.set(id, 'streaming');
    this.#options.emit({ type: 'voice', utterance: { id, speaker: this.#options.speaker }, samples });
  }

  #interruptVoice(id: string, state: 'streaming' | 'complete'): void {
    if (state === 'streaming' && this.#options.retractAudio(id)) {
      this.#voices.delete(id);
      return;
    }
    this.#muted.add(id);
    if (state === 'complete') return;
    this.#playedWords.push(...this.#translations.shownWords(id));
    this.#emitCutShort(id);
  }

  /** Part of the segment was played already: what is new in it can only be read. */
  #muteRepeated(segment: string): void {
    const id = this.#translations.utteranceOf(segment);
    if (this.#voices.has(id) || this.#muted.has(id)) return;
    this.#muted.add(id);
    this.#emitCutShort(id);
  }

  #emitCutShort(id: string): void {
    this.#options.emit({ type: 'voiceCutShort', utterance: { id, speaker: this.#options.speaker } });
  }

  #completeVoices(): void {
    for (const [id, state] of this.#voices) if (state === 'streaming' && !this.#muted.has(id)) this.#completeVoice(id);
  }

  #completeVoice(id: string): void {
    this.#voices.set(id, 'complete');
    this.#options.emit({ type: 'voiceComplete', utterance: id });
  }

  #isComplete({ sourceFinal, empty, translations }: SegmentPair): boolean {
    const allEnded = [...translations.values()].every(
      ({ final, voice, utterance = '' }) =>
        final &&
        (voice === 'ended' || (voice === 'none' && !this.#sessionHasAudioOutput) || this.#muted.has(utterance)),
    );
    const { source, target } = this.#options;
    const isTranslated = translations.size > 0 || empty || source === target;
    return sourceFinal && isTranslated && allEnded;
  }

  /** Speech whose captions and voice have all come need not be replayed. */
  #acknowledgeWith(changed: SegmentPair): void {
    if (!this.#isComplete(changed)) return;
    changed.finalAtMs = this.#replayBuffer.sentMs;
    this.#acknowledgeComplete();
    this.#acknowledgeOld();
  }

  /** Acknowledges in order of speech: the first pair that is not complete holds up those after it. */
  #acknowledgeComplete(): void {
    for (let first = this.#alignment.first; first && this.#isComplete(first); first = this.#alignment.first) {
      const pauseMs = first.endMs === undefined ? this.#replayBuffer.firstPause() : undefined;
      const endMs = pauseMs ?? first.endMs;
      if (endMs === undefined || (pauseMs !== undefined && pauseMs > first.finalAtMs)) break;
      this.#replayBuffer.acknowledge(endMs);
      this.#removePair(first);
    }
  }

  /** Acknowledges speech by its age if the service does not report to which speech a text belongs. */
  #acknowledgeOld(): void {
    const openStarts = this.#alignment.pairs.filter((pair) => !this.#isComplete(pair)).map(({ startMs }) => startMs);
    const horizonMs = Math.min(...openStarts, this.#earliestMs);
    this.#replayBuffer.acknowledge(horizonMs);
    for (let first = this.#alignment.first; first && this.#isComplete(first); first = this.#alignment.first) {
      if (first.finalAtMs > horizonMs) return;
      this.#removePair(first);
    }
  }

  #removePair(pair: SegmentPair): void {
    if (pair.source !== undefined) this.#originals.acknowledge(pair.source);
    for (const segment of pair.translations.keys()) this.#translations.acknowledge(segment);
    this.#alignment.remove(pair);
  }

  /** The earliest place in the session's audio that a new segment can begin at. */
  get #earliestMs(): number {
    return this.#replayBuffer.sentMs - MAX_FIRST_WORD_LATENCY_MS;
  }

  /**
   * When a new segment began, in the room's time, of which the service reports no time: at the next beginning of speech after that of the
   * one before it; where the service has ended that in the middle of speech, when it did.
   */
  #untimedStartRoomMs(): number {
    const fromMs = Math.max(this.#earliestMs, this.#lastUntimedMs + 1);
    this.#lastUntimedMs = this.#timeline.speechStart(fromMs, Math.max(fromMs, this.#untimedEndMs));
    return this.#timeline.roomTime(this.#lastUntimedMs);
  }

  /** The time of a translation whose source is not known. */
  get #latestTiming(): SpeechTiming {
    const startMs = this.#timeline.speechStart(Math.max(0, this.#earliestMs));
    return { startRoomMs: this.#timeline.roomTime(startMs), endRoomMs: this.#timeline.roomTime() };
  }
}
