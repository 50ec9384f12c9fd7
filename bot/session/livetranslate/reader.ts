/**
 * Turns what the service says about speech into the events of a session: two streams of text with one final for each
 * segment, speech, usage, and which translation belongs to which source.
 */

import { BoundedMap } from '../../../collections/bounded-map.ts';
import type { SegmentText, SessionEvents } from '../translation-session.ts';
import type { ServerFrame } from './frames.ts';
import { SegmentPairing } from './pairing.ts';
import { type TextChange, TextStream } from './text.ts';
import type { SessionUsageMeter } from './usage.ts';
import type { VendorError } from './vendor-errors.ts';
import { VoiceStream } from './voice.ts';

/** When something was said, as far as the service has told; it hears the end later than the first words. */
interface Span {
  startMs: number;
  endMs?: number;
}

const MAX_SEGMENTS = 500;

export interface ServerFrameReaderOptions {
  events: SessionEvents;
  /** The translation is not wanted: its text is dropped. */
  transcriptOnly: boolean;
  /** Speech is wanted; else it is dropped. */
  speaks: boolean;
  usageMeter: SessionUsageMeter;
  /** A piece of what was said could not be recognised or translated. */
  failed(said: VendorError): void;
  nowMs(): number;
  /** A time as the service counts, as a time of who sends the speech. */
  pushedMs(serviceMs: number): number;
}

export class ServerFrameReader {
  readonly #options: ServerFrameReaderOptions;
  readonly #source = new TextStream();
  readonly #translation = new TextStream();
  readonly #voice = new VoiceStream();
  readonly #pairing = new SegmentPairing();
  readonly #spans = new BoundedMap<string, Span>(MAX_SEGMENTS);
  /** What is being said, until a segment of text claims it. */
  #unclaimed: Span | undefined;
  /** What was said last: the one that an end belongs to. */
  #latest: Span | undefined;
  /** The translations that a response has made so far. */
  readonly #responses = new BoundedMap<string, Set<string>>(MAX_SEGMENTS);
  /** The responses whose bill has come. */
  readonly #reportedResponses = new BoundedMap<string, true>(MAX_SEGMENTS);
  /** Where the service gives no names, the order does. */
  #sourceCount = 0;
  #responseCount = 0;

  constructor(options: ServerFrameReaderOptions) {
    this.#options = options;
  }

  /** False: a frame of a type that it does not know. */
  read(frame: ServerFrame): boolean {
    switch (frame.type) {
      case 'input_audio_buffer.speech_started':
        this.#speechStarted(frame);
        return true;
      case 'input_audio_buffer.speech_stopped':
        this.#speechStopped(frame);
        return true;
      case 'conversation.item.created':
        this.#itemCreated(frame);
        return true;
      case 'conversation.item.input_audio_transcription.text':
      case 'conversation.item.input_audio_transcription.delta':
        this.#sourceChanged(frame);
        return true;
      case 'conversation.item.input_audio_transcription.completed':
        this.#sourceFinished(frame);
        return true;
      case 'conversation.item.input_audio_transcription.failed':
        this.#sourceFinished(frame);
        if (frame.error) this.#options.failed(frame.error);
        return true;
      case 'response.audio_transcript.text':
      case 'response.audio_transcript.delta':
      case 'response.text.text':
      case 'response.text.delta':
        this.#translationChanged(frame);
        return true;
      case 'response.audio_transcript.done':
      case 'response.text.done':
        this.#translationFinished(this.#translationSegment(frame), frame.transcript || frame.text || '');
        return true;
      case 'response.audio.delta':
        this.#audioReceived(frame);
        return true;
      case 'response.audio.done':
        this.#audioFinished(this.#translationSegment(frame));
        return true;
      case 'response.done':
        this.#responseDone(frame);
        return true;
      default:
        return withoutContent.has(frame.type ?? '');
    }
  }

  #speechStarted({ audio_start_ms, item_id }: ServerFrame): void {
    if (typeof audio_start_ms !== 'number') return;
    const span = { startMs: this.#options.pushedMs(audio_start_ms) };
    this.#latest = span;
    if (item_id) {
      this.#spans.set(item_id, span);
      // Its translation may be final before its first word is told.
      this.#pairing.source(item_id);
    } else {
      this.#unclaimed = span;
    }
  }

  #speechStopped({ audio_end_ms, item_id }: ServerFrame): void {
    const span = (item_id && this.#spans.get(item_id)) || this.#latest;
    if (span && typeof audio_end_ms === 'number') span.endMs = this.#options.pushedMs(audio_end_ms);
    if (item_id) this.#pairing.sourceEnded(item_id, this.#options.nowMs());
  }

  #itemCreated({ item, previous_item_id }: ServerFrame): void {
    if (item?.id && previous_item_id && item.role !== 'user') this.#pairing.link(item.id, previous_item_id);
  }

  #sourceChanged(frame: ServerFrame): void {
    const segment = this.#sourceSegment(frame);
    const change = changeIn(frame);
    if (change) this.#emitSource(this.#source.change(segment, change));
  }

  #sourceFinished(frame: ServerFrame): void {
    const segment = this.#sourceSegment(frame);
    this.#pairing.sourceEnded(segment, this.#options.nowMs());
    const final = this.#source.finish(segment, frame.transcript ?? '');
    if (final) this.#options.usageMeter.textReceived(final.stable);
    this.#emitSource(final, frame.language);
    this.#sourceCount++;
  }

  /** The segment's name; the first sight of it is when it is paired, and when it claims its place in time. */
  #sourceSegment({ item_id }: ServerFrame): string {
    const segment = item_id ?? `source-${this.#sourceCount}`;
    if (this.#source.has(segment)) return segment;
    this.#pairing.source(segment);
    if (this.#unclaimed && !this.#spans.has(segment)) {
      this.#spans.set(segment, this.#unclaimed);
      this.#unclaimed = undefined;
    }
    return segment;
  }

  #emitSource(text: SegmentText | undefined, language?: string | null): void {
    if (text) this.#options.events.source({ ...text, ...this.#spans.get(text.segment), ...(language && { language }) });
  }

  #translationSegment({ item_id, response_id }: ServerFrame): string {
    const segment = item_id ?? response_id ?? `translation-${this.#responseCount}`;
    const response = response_id ?? '';
    const segments = this.#responses.get(response) ?? new Set();
    this.#responses.set(response, segments);
    if (segments.size < MAX_SEGMENTS) segments.add(segment);
    return segment;
  }

  #translationChanged(frame: ServerFrame): void {
    const change = changeIn(frame);
    if (change) this.#emitTranslation(this.#translation.change(this.#translationSegment(frame), change));
  }

  #translationFinished(segment: string, text: string): void {
    const final = this.#translation.finish(segment, text);
    if (final) this.#options.usageMeter.textReceived(final.stable);
    this.#emitTranslation(final);
  }

  #emitTranslation(text: SegmentText | undefined): void {
    if (!text || this.#options.transcriptOnly) return;
    const of = this.#pairing.sourceOf(text.segment, this.#options.nowMs());
    this.#options.events.translation({ ...text, ...(of !== undefined && { sourceSegment: of }) });
  }

  #audioReceived(frame: ServerFrame): void {
    const segment = this.#translationSegment(frame);
    const samples = this.#voice.samples(segment, frame.delta ?? '');
    if (!samples || samples.length === 0) return;
    this.#options.usageMeter.audioReceived(samples.length);
    if (this.#options.speaks) this.#options.events.audio(segment, samples);
  }

  #audioFinished(segment: string): void {
    if (this.#voice.end(segment) && this.#options.speaks) this.#options.events.audioEnd(segment);
  }

  /** The end of a response ends whatever of it did not end by itself. */
  #responseDone({ response, response_id }: ServerFrame): void {
    const id = response?.id ?? response_id ?? '';
    for (const segment of this.#responses.get(id) ?? []) {
      if (this.#translation.has(segment)) this.#translationFinished(segment, '');
      this.#audioFinished(segment);
    }
    this.#responses.delete(id);
    this.#responseCount++;
    this.#reportUsage(id, response);
    const failure = response?.error ?? response?.status_details?.error;
    if (failure) this.#options.failed(failure);
  }

  #reportUsage(id: string, response: ServerFrame['response']): void {
    if (id && this.#reportedResponses.has(id)) return;
    this.#reportedResponses.set(id, true);
    const usage = this.#options.usageMeter.takeUsage(response?.usage);
    if (usage) this.#options.events.usage(usage);
  }
}

/** Frames that say what other frames say with content. */
const withoutContent: ReadonlySet<string> = new Set([
  'input_audio_buffer.committed',
  'input_audio_buffer.cleared',
  'response.created',
  'response.output_item.added',
  'response.output_item.done',
  'response.content_part.added',
  'response.content_part.done',
]);

/** Decided by the field, not by the frame's name: that holds for every model generation. */
function changeIn({ delta, text, stash }: ServerFrame): TextChange | undefined {
  if (typeof delta === 'string') return { added: delta };
  if (typeof text === 'string' || typeof stash === 'string') return { stable: text ?? '', tentative: stash ?? '' };
  return undefined;
}
